"""One dossier on its way, what it has at hand, and what other systems add to such lives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from uuid import UUID

from tinhso.core.agencies.models import Role, Staff
from tinhso.core.files import actions as files
from tinhso.core.files.models import FileLink, StoredFile
from tinhso.core.files.queries import read_bytes
from tinhso.core.ledger.actions import Actor
from tinhso.core.ledger.rows import find, get, insert
from tinhso.core.letters.render import render
from tinhso.core.numbering.models import Number
from tinhso.core.process.models import Task
from tinhso.core.worktime.calendar import Calendar
from tinhso.core.worktime.queries import calendar_for
from tinhso.simulation.world import OFFICE, Arrival, World

from .. import actions
from ..models import Dossier, Letter

BY = Actor.system("simulation")
OWNER = ("simulation.page", UUID(int=0x5117))


def keep_page(world: World) -> None:
    """The one page that stands where documents would be."""
    if not FileLink.objects.filter(owner_kind=OWNER[0], owner_id=OWNER[1]).exists():
        pdf = render("dossiers/simulated", {}, at=world.since)
        link = files.store_bytes(pdf, name="mo-phong.pdf", by=BY, at=world.since, personal=False)
        files.attach(link, OWNER, by=BY, at=world.since)
    _page.cache_clear()


@cache
def _page() -> tuple[StoredFile, bytes]:
    link = FileLink.objects.select_related("file").get(owner_kind=OWNER[0], owner_id=OWNER[1])
    return link.file, read_bytes(link)


def page_of(owner: Dossier | None, *, by: Actor, at: datetime) -> FileLink:
    """A link to the page that says there is no document: a dossier's own, or, as of an upload, nobody's yet."""
    link = FileLink(
        file=_page()[0],
        name="mo-phong.pdf",
        owner_kind="dossiers.dossier" if owner else "",
        owner_id=owner.pk if owner else None,
        personal=False,
        created_by=str(by),
        created_at=at,
    )
    insert(link)
    return link


def actor(staff: Staff) -> Actor:
    return Actor("account", str(staff.account_id), staff.agency_id)


@dataclass(frozen=True, eq=False)
class Step:
    """What happens next: an open task that ends so, by somebody (None: the applicant), or an errand without a task."""

    at: datetime
    life: Life
    task: Task | None
    who: Staff | None
    do: Callable[[Step], None]


Verb = Callable[[Step], None]


@dataclass(eq=False)
class Life:
    """A dossier of an arrival. `planned`: what will happen, by the open task's id; `errands`: what will without one, or
    before it. It may be `asked` for more papers once and `extended` once."""

    world: World
    arrival: Arrival
    dossier: Dossier
    calendar: Calendar
    planned: dict[UUID, Step] = field(default_factory=dict)
    errands: list[Step] = field(default_factory=list)
    asked: bool = False
    extended: bool = False
    can_be_corrected: bool = False
    link: FileLink | None = None

    @classmethod
    def of(cls, world: World, arrival: Arrival, dossier: Dossier) -> Life:
        return cls(world, arrival, dossier, calendar_for(dossier.agency_id))

    def applicant(self) -> Actor:
        """Who writes down what the applicant does: they themselves, or the counter for them."""
        return actor(self.official(Role.RECEPTIONIST)) if self.arrival.channel in OFFICE else BY

    def official(self, role: str) -> Staff:
        """Somebody of the counter that received it, or of the agency that decides."""
        counter = role == Role.RECEPTIONIST
        return self._at(self.dossier.receiving_agency_id if counter else self.dossier.agency_id, role)

    def who(self, task: Task) -> Staff | None:
        """Who does a task: its assignee, else an official of its role; None where it waits for the applicant."""
        if task.waits_for_applicant:
            return None
        if task.assignee_id:
            them = self.world.offices[task.agency_id].staff[task.role]
            return next(s for s in them if s.account_id == task.assignee_id)
        return self._at(task.agency_id, task.role)

    def _at(self, agency: UUID, role: str) -> Staff:
        return self.world.official(self.world.offices[agency], role, self.arrival.chance)

    def document(self, at: datetime) -> FileLink:
        """The dossier's own link to the page that says there is no document."""
        if self.link is None:
            self.link = page_of(self.dossier, by=BY, at=at)
        return self.link

    @property
    def digest(self) -> str:
        return self.dossier.digest(_page()[1])

    def letters(self, at: datetime) -> None:
        """What the job does that makes letters, for those which the last steps numbered."""
        for letter in find(Letter, "dossier_id = %s AND file_id IS NULL ORDER BY id", [self.dossier.pk]):
            letter.dossier, letter.number = self.dossier, get(Number, "id = %s", [letter.number_id])
            actions.attach_letter(letter, file=self.document(at), digest=self.digest, by=BY, at=at)


@dataclass(frozen=True)
class Beside:
    """What another system adds to lives; registered in its `simulation.py`.

    `idle(life, task)`: whether nobody does this open task, because that system ends it. `follow(family, life, at)`:
    what it does after each thing that happened to a life; dossiers opened thereby join the family. `end(life)`: what it
    does when a life has come as far as it does.
    """

    kinds: frozenset[str] = frozenset()  # of steps that it ends
    idle: Callable[[Life, Task], bool] = lambda _life, _task: False
    follow: Callable[[list[Life], Life, datetime], None] = lambda _family, _life, _at: None
    end: Callable[[Life], None] = lambda _life: None


BESIDE: list[Beside] = []
