from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.utils import translation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .builders import Office


@pytest.fixture
def office(db: Any) -> Iterator[Office]:
    from .builders import an_office

    with translation.override("en"):
        yield an_office()
