from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.utils import translation

from tinhso.core.worktime.calendar import WorkDuration
from tinhso.core.worktime.queries import calendar_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .builders import Office


@pytest.fixture
def office(db: Any) -> Iterator[Office]:
    from .builders import MONDAY, an_office

    made = an_office()
    calendar_for(made.commune.pk).add(MONDAY, WorkDuration(5, "working_days"))  # holidays are worked out once, slowly
    with translation.override("en"):
        yield made
