"""How a dossier stood at an entry of its own record: folded from its entries, so it never changes afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from tinhso.core.ledger.queries import Happening
from tinhso.systems.dossiers.models import State


@dataclass(frozen=True)
class Standing:
    """What changes to and fro on a dossier's way. Dates that are set once stand in its row."""

    at: datetime
    agency: UUID | None
    state: State = State.NEW
    due_at: datetime | None = None  # promised with the acceptance, so: whether it was accepted
    refused_at: datetime | None = None
    asked: int = 0  # how often the applicant was asked to complete it, and did
    completed: int = 0
    corrected: int = 0  # how often a corrected result was returned

    @property
    def ended(self) -> bool:
        return self.state in ENDED


ENDED = (State.REFUSED, State.WITHDRAWN, State.STOPPED, State.PROCESSED, State.RETURNED)
# States that an entry leads to wherever it comes.
_LEADS_TO = {
    "dossiers.submitted": State.NEW,
    "dossiers.accepted": State.ACCEPTED,
    "dossiers.withdrawn": State.WITHDRAWN,
    "dossiers.assigned": State.IN_PROCESS,
    "dossiers.result_proposed": State.IN_PROCESS,
    "dossiers.consultation_asked": State.IN_PROCESS,
    "dossiers.supplement_requested": State.SUPPLEMENT,
    "dossiers.stopped": State.STOPPED,
    "dossiers.result_issued": State.PROCESSED,
    "dossiers.returned": State.RETURNED,
}


def standings(happenings: Iterable[Happening]) -> dict[UUID, Standing]:
    """Of one dossier's whole record in order: after each entry (by its id) how it stood."""
    found: dict[UUID, Standing] = {}
    now: Standing | None = None
    for one in happenings:
        now = _after(now or Standing(one.at, one.agency_id), one)
        found[one.id] = now
    return found


def _after(was: Standing, one: Happening) -> Standing:
    name, data = one.event, one.data
    if was.state == State.RETURNED:  # for good: a result that is corrected is only one more step
        return replace(was, at=one.at, corrected=was.corrected + (name == "dossiers.correction_returned"))
    now = replace(was, at=one.at, state=_LEADS_TO.get(name, was.state))
    if name in ("dossiers.accepted", "dossiers.extended", "dossiers.supplement_received", "dossiers.taken_over"):
        now = replace(now, due_at=_time(data, "due_at"))
    if name == "dossiers.taken_over":
        return replace(now, state=State(data["state"]))
    if name == "dossiers.refused":
        return replace(now, state=State.STOPPED if was.due_at else State.REFUSED, refused_at=one.at)
    if name == "dossiers.supplement_requested":
        return replace(now, asked=was.asked + 1)
    if name == "dossiers.supplement_received":
        return replace(now, state=State.IN_PROCESS if was.due_at else State.NEW, completed=was.completed + 1)
    if name == "dossiers.transferred":
        return replace(now, state=State.ACCEPTED if was.due_at else State.NEW, agency=UUID(data["to"]))
    if name == "dossiers.inherited" and data["competent"]:
        return replace(now, agency=one.agency_id)
    if name == "dossiers.step_taken_back":
        return replace(now, state=State.ACCEPTED if data["outcome"] == "assigned" else State.IN_PROCESS)
    return now


def _time(data: Mapping[str, Any], name: str) -> datetime | None:
    return datetime.fromisoformat(data[name]) if data.get(name) else None
