"""Who has how much to do in an agency, and what will be late: for its head, who gives work from one to another."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q
from django.utils import timezone

from tinhso.core.accounts.models import Account
from tinhso.core.agencies.models import Staff
from tinhso.core.process.models import Task

from . import queries
from .many import WORK

SHOWN = 300  # open steps listed: what is due first, and as many that are not late yet; the figures count all
SOON = timedelta(hours=24)


@dataclass
class Load:
    """The open steps of one official, or of nobody yet: how many, due by tonight, overdue, and late within a day
    unless somebody does them."""

    account: Account | None
    works: bool = False  # may be given more; not who only signs, or has left
    open: int = 0
    today: int = 0
    late: int = 0
    soon: int = 0
    rows: list[queries.Row] = field(default_factory=list)

    @property
    def more(self) -> int:
        """How many are open and not listed."""
        return self.open - len(self.rows)


def loads(staff: Staff, at: datetime) -> list[Load]:
    """Of an official's own agency: first what nobody has, then everybody who works there, most overdue on top.

    Three questions over open steps, by the inbox's index, however many dossiers the agency ever had.
    """
    tonight = timezone.localtime(at).replace(hour=23, minute=59, second=59, microsecond=999999)
    steps = Task.objects.filter(agency=staff.agency_id, closed_at=None).exclude(role="")
    counted = steps.order_by().values("assignee").annotate(
        open=Count("pk"),
        today=Count("pk", filter=Q(due_at__gte=at, due_at__lte=tonight)),
        late=Count("pk", filter=Q(due_at__lt=at)),
        soon=Count("pk", filter=Q(due_at__gte=at, due_at__lt=at + SOON)),
    )  # fmt: skip
    people: dict[UUID | None, Load] = {None: Load(None)}
    people |= {account.pk: Load(account, works=True) for account, _open in queries.colleagues(staff, at)}
    figures = {row["assignee"]: row for row in counted}
    gone = Account.objects.in_bulk([pk for pk in figures if pk not in people])
    people |= {pk: Load(account) for pk, account in gone.items()}  # left, or a leader who has something to sign
    for pk, found in figures.items():
        if (counts := people.get(pk)) is not None:
            counts.open, counts.today, counts.late, counts.soon = (
                found["open"],
                found["today"],
                found["late"],
                found["soon"],
            )
    coming = steps.filter(due_at__gte=at, due_at__lt=at + SOON)  # warned of, however many are overdue already
    for task in {task: None for some in (steps, coming) for task in some.order_by("due_at", "pk")[:SHOWN]}:
        if one := people.get(task.assignee_id):  # else somebody unknown was given it between the questions
            one.rows.append(queries.row_of(task, at))
    nobody = people.pop(None)
    return [nobody, *sorted(people.values(), key=lambda one: (-one.late, -one.soon, -one.open, str(one.account)))]


def movable(task: Task) -> bool:
    """Whether a head can give it to somebody else from the list; a signature is handed on from the dossier itself."""
    return task.kind in WORK
