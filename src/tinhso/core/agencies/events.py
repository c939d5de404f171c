"""What agencies and staff tell the ledger. Names and titles stay in the rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ..ledger.events import Event


@dataclass(frozen=True)
class AgencyCreated(Event, name="agency.created"):
    code: str
    kind: str
    parent: UUID | None
    unit_code: str
    constructed: bool


@dataclass(frozen=True)
class AgencyChanged(Event, name="agency.changed"):
    code: str
    fields: list[str]


@dataclass(frozen=True)
class AgencyMoved(Event, name="agency.moved"):
    """The agency and all below it hang under another parent now."""

    parent: UUID | None


@dataclass(frozen=True)
class AgencyClosed(Event, name="agency.closed"):
    code: str


@dataclass(frozen=True)
class AgencyMerged(Event, name="agency.merged"):
    """The agency is closed and `successor` goes on with its work."""

    code: str
    successor: UUID
    successor_code: str


@dataclass(frozen=True)
class StaffAdded(Event, name="staff.added"):
    account: UUID
    roles: list[str]
    capacity: str


@dataclass(frozen=True)
class StaffChanged(Event, name="staff.changed"):
    roles: list[str]
    capacity: str
    fields: list[str]


@dataclass(frozen=True)
class StaffEnded(Event, name="staff.ended"):
    account: UUID


@dataclass(frozen=True)
class SubstituteNamed(Event, name="staff.substitute_named"):
    """The account stands in for another post from then to then."""

    stands_in_for: UUID
    account: UUID
    roles: list[str]
    capacity: str
    valid_from: datetime
    valid_to: datetime


@dataclass(frozen=True)
class SubstitutionEnded(Event, name="staff.substitution_ended"):
    """Before its time."""

    account: UUID
