from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .builders import Session


@pytest.fixture
def session(db: Any) -> Iterator[Callable[[], Session]]:
    """Makes further connections to the test's database, each in a thread of its own."""
    from .builders import Session

    sessions: list[Session] = []

    def make() -> Session:
        sessions.append(Session())
        return sessions[-1]

    yield make
    for one in sessions:
        one.close()


@pytest.fixture
def consumers(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The consumers module with none registered."""
    from tinhso.core.ledger import consumers as module

    monkeypatch.setattr(module, "REGISTRY", {})
    monkeypatch.setattr(module, "_failed", {})
    return module
