"""The same verb for many dossiers at once: each an action and a transaction of its own, each with its outcome.

Nothing is half done: who is refused, because somebody was first or a rule forbids it, is told why and passed over,
and a break leaves the rest as it was. Signing many is `core.signing.work.sign_all`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import DatabaseError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tinhso.core.accounts.models import Account
from tinhso.core.agencies.models import Staff
from tinhso.core.forms.definition import FormErrors
from tinhso.core.ledger.actions import Actor, NotAllowed, Refused
from tinhso.core.process import actions as process
from tinhso.core.process.models import Task
from tinhso.core.process.queries import first_for

from . import actions, queries
from .letter_data import starting_statement
from .models import Dossier, Result

log = logging.getLogger(__name__)

AT_ONCE = 50  # as many as a person can answer for at one press


@dataclass(frozen=True)
class Press:
    """Who pressed the button, when, and what they chose for all: an official who gets the work, or who signs."""

    staff: Staff
    by: Actor
    at: datetime
    to: Account | None = None
    signer: Staff | None = None


@dataclass(frozen=True)
class Many:
    """A verb for many. `kinds` are the steps it is for; `asks` names what is chosen once for all, `to` or `signer`."""

    name: str
    label: Any
    icon: str
    kinds: tuple[str, ...]
    do: Callable[[Dossier, Task, Press], object] | None = None  # None: signing, which has a page of its own
    asks: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of one of them; without a task it was not this official's to see."""

    task: Task | None
    refusal: Refused | None = None


def _mine(task: Task, staff: Staff) -> None:
    if first_for([task], staff) is None:
        if task.assignee and task.assignee_id not in staff.does_work_of:
            words = _("%(who)s is working on this step.") % {"who": task.assignee.display_name}
            raise Refused("already_claimed", words)
        raise NotAllowed(_("Your post does not include this step."))


def _accept(dossier: Dossier, task: Task, press: Press) -> object:
    _mine(task, press.staff)
    return actions.accept(dossier, by=press.by, at=press.at)


def _give(dossier: Dossier, task: Task, press: Press) -> object:
    """A new dossier is assigned to an officer; a step under way is handed over to whoever may do it."""
    assert press.to is not None
    if task.kind != "assign":
        return process.hand_over(task, to=press.to, by=press.by, at=press.at)
    _mine(task, press.staff)
    return actions.assign(dossier, to=press.to, by=press.by, at=press.at)


def _propose(dossier: Dossier, task: Task, press: Press) -> object:
    """With what was proposed before it was sent back, or what the applicant said."""
    assert press.signer is not None
    _mine(task, press.staff)
    try:
        content = starting_statement(dossier, at=press.at)
    except FormErrors:
        words = _("The result needs what only you can state. Open it and submit it there.")
        raise Refused("result_incomplete", words) from None
    return actions.propose(dossier, content=content, signer=press.signer, opinion="", by=press.by, at=press.at)


def _extend(dossier: Dossier, task: Task, press: Press) -> object:
    _mine(task, press.staff)
    return actions.extend(dossier, by=press.by, at=press.at)


def _issue(dossier: Dossier, task: Task, press: Press) -> object:
    _mine(task, press.staff)
    return actions.number_result(dossier, by=press.by, at=press.at)


WORK = ("receive", "assign", "appraise", "issue", "return")
SIGN = "sign"
MANY = (
    Many("accept", gettext_lazy("Accept"), "check", ("receive",), _accept),
    Many("propose", gettext_lazy("Submit for signature"), "send", ("appraise",), _propose, asks="signer"),
    Many(SIGN, gettext_lazy("Sign"), "pen-line", ("sign",)),
    Many("extend", gettext_lazy("Promise the new date"), "calendar-clock", ("extend",), _extend),
    Many("issue", gettext_lazy("Number and seal"), "stamp", ("issue",), _issue),
    Many("give", gettext_lazy("Hand to an officer"), "user-check", WORK, _give, asks="to"),
)
VERBS = {one.name: one for one in MANY if one.do}


def do_all(verb: Many, tasks: Sequence[UUID], press: Press) -> Iterator[Outcome]:
    """Do it for each of these tasks, one after another; each is kept before the next begins."""
    for pk in dict.fromkeys(tasks[:AT_ONCE]):
        task = Task.objects.select_related("assignee").filter(pk=pk).first()
        dossier = _reached(task, press.staff) if task else None
        if task is None or dossier is None:
            yield Outcome(None, Refused("not_found", _("It is not among what you may work on."), status=404))
            continue
        try:
            _still_open(task, verb)
            assert verb.do is not None
            verb.do(dossier, task, press)
        except Refused as refusal:
            yield Outcome(task, refusal)
        except DatabaseError:
            log.exception("many %s: task %s was not done", verb.name, task.pk)
            yield Outcome(task, Refused("busy", _("The database did not answer in time. Nothing changed; try again.")))
        else:
            yield Outcome(task)


def _reached(task: Task, staff: Staff) -> Dossier | None:
    rows = queries.in_reach(staff).select_related("variant", "agency", "receiving_agency")
    return rows.filter(pk=task.subject_id).first()


def _still_open(task: Task, verb: Many) -> None:
    if task.closed_at:
        words = _("%(who)s already did “%(step)s” at %(time)s.")
        who, time = process.name_of(task.closed_by), f"{timezone.localtime(task.closed_at):%H:%M %d/%m}"
        raise Refused("already_done", words % {"who": who, "step": task.name, "time": time})
    if task.kind not in verb.kinds:
        raise Refused("other_step", _("This is not for the step “%(step)s”.") % {"step": task.name})


def shown(tasks: Sequence[UUID], staff: Staff) -> list[Task]:
    """Those of these tasks that this official may see, as the queue orders them."""
    rows = Task.objects.filter(pk__in=tasks[:AT_ONCE], subject_id__in=queries.in_reach(staff).values("pk"))
    return list(rows.order_by("due_at", "pk"))


def to_sign(tasks: Sequence[UUID], staff: Staff) -> Iterable[UUID]:
    """The results behind these tasks that wait for this person's signature."""
    ids = Task.objects.filter(pk__in=tasks[:AT_ONCE], kind="sign", closed_at=None).values("subject_id")
    return Result.objects.filter(dossier__in=ids, signer=staff, signed=None).values_list("pk", flat=True)
