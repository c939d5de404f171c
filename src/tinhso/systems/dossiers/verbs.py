"""What an official can do to a dossier now: a button, its key, and what it asks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from tinhso.core.agencies.models import Role, Staff
from tinhso.core.process.models import Task
from tinhso.core.worktime.calendar import Unit, WorkDuration
from tinhso.core.worktime.queries import calendar_for

from .actions.notes import PHRASED
from .models import Dossier, Letter, Result, State

ANSWER = WorkDuration(15, Unit.WORKING_DAYS)  # what an applicant is given, unless the official chooses another day
MORE = WorkDuration(3, Unit.WORKING_DAYS)  # what an extension begins with
MEANWHILE = ("consult", "sign", "issue")  # steps of others, during which an officer may see that time is short
STOPPING = (Role.OFFICER, Role.UNIT_HEAD, Role.LEADER)


@dataclass(frozen=True)
class Verb:
    """One thing that can be done. The form `words` asks for a reason, and where it says so for a day."""

    name: str
    label: str
    key: str
    form: str = "plain"
    ask: str = ""
    press: str = ""
    kind: str = ""
    day_label: str = ""
    day: date | None = None
    first_day: date | None = None

    @property
    def template(self) -> str:
        return f"dossiers/verbs/{self.form}.html"

    @property
    def asks(self) -> bool:
        """Whether its form holds words."""
        return self.form not in ("plain", "link")

    @property
    def phrased(self) -> bool:
        """Whether an agency keeps reasons to begin with."""
        return self.name in PHRASED


def verbs_of(
    dossier: Dossier, tasks: Sequence[Task], task: Task | None, letters: Sequence[Letter], result: Result | None,
    staff: Staff, at: datetime,
) -> list[Verb]:  # fmt: skip
    """What a member of staff can do at their `task`, the usual one first; and without one, what is theirs. `tasks` are
    the open ones, `letters` those made so far, `result` is the newest."""
    forms = Counter(letter.form for letter in letters)
    asked_enough = forms[Letter.Form.SUPPLEMENT] >= dossier.supplements
    more_time = not forms[Letter.Form.APOLOGY] and all(one.kind != "extend" for one in tasks)
    if task is None:
        meanwhile = more_time and asks_meanwhile(dossier, tasks, staff)
        extending = _more_time(dossier, at) if meanwhile else None
        return _without_a_task(dossier, result, staff, extending, asked_enough=asked_enough)
    if dossier.correct_by is not None:
        return _correcting(task)
    late = dossier.late_at(at)
    completing = None if asked_enough else _completing(dossier, at)
    extending = _more_time(dossier, at) if more_time else None
    returning = (
        _words(
            "return_result",
            _("Return the result"),
            "s",
            _("Why it comes late, for the applicant to read"),
            _("Return the result"),
            "primary",
        )
        if late
        else Verb("return_result", _("Return the result"), "s")
    )
    offered: dict[str, Callable[[], list[Verb | None]]] = {  # each asks the database only for itself
        "receive": lambda: [Verb("accept", _("Accept"), "a"), completing, _refusing(task), _passing()],
        "assign": lambda: [
            Verb("assign", _("Assign"), "a", "assign"),
            _passing(),
            extending,
            _stopping(),
        ],
        "appraise": lambda: [
            *_proposing(task),
            completing,
            _refusing(task),
            extending,
            _passing(),
            _stopping(),
        ],
        "consult": list,  # answered on a page of its own
        "elsewhere": lambda: [completing, _refusing(task), extending, _stopping()],  # granted: by the slot of the step
        "sign": lambda: [*_signing()],
        "extend": lambda: [
            *([] if late else [Verb("extend", _("Promise the new date"), "a")]),
            _words("decline_extension", _("Decline"), "r", _("Why the promise stands"), _("Let the promise stand")),
        ],
        "issue": lambda: [_issuing()],
        "linked": list,  # it follows its parts
        "return": lambda: [returning],
    }
    return [verb for verb in offered[task.kind]() if verb]


def _correcting(task: Task) -> list[Verb]:
    """While a returned result is being corrected the dossier itself does not move: nothing is asked, stopped, promised
    or passed on."""
    ask, press = _("Why the result stands, for the applicant to read"), _("Let the result stand")
    declining = _words("decline_correction", _("No mistake of ours"), "r", ask, press)
    offered: dict[str, Callable[[], list[Verb | None]]] = {
        "correct": lambda: [Verb("grant_correction", _("It is our mistake: correct it"), "a"), declining],
        "appraise": lambda: [*_proposing(task), declining],
        "sign": lambda: [*_signing()],
        "issue": lambda: [_issuing()],
        "return": lambda: [Verb("return_result", _("Return the corrected result"), "s")],
    }
    return [verb for verb in offered.get(task.kind, list)() if verb]


def _proposing(task: Task) -> list[Verb | None]:
    consulting = Verb("consult", _("Ask for opinions"), "c", "consult") if "consult" in task.node.outcomes else None
    return [Verb("propose", _("Submit for signature"), "s", "propose"), consulting]


def _signing() -> list[Verb]:
    ask, press = _("What the officer has to change"), _("Send back to the officer")
    return [Verb("sign", _("Sign"), "s", "sign"), _words("send_back", _("Send back"), "b", ask, press)]


def _issuing() -> Verb:
    return Verb("issue", _("Number and seal"), "s", "issue")


def _words(name: str, label: str, key: str, ask: str, press: str, kind: str = "") -> Verb:
    return Verb(name, label, key, "words", ask=ask, press=press, kind=kind)


def at_its_counter(dossier: Dossier, staff: Staff) -> bool:
    """Whether this is the counter that received the dossier: it takes the fee, and what the applicant brings."""
    return staff.agency_id == dossier.receiving_agency_id and staff.has_role(Role.RECEPTIONIST)


def _refusing(task: Task | None = None) -> Verb | None:
    if task and "refuse" not in task.node.outcomes:
        return None
    ask, press = _("Reason, for the applicant to read"), _("Refuse with this reason")
    return _words("refuse", _("Refuse"), "r", ask, press, "danger")


def _stopping() -> Verb:
    ask, press = _("Reason, for the applicant to read"), _("Stop with this reason")
    return _words("stop", _("Stop processing"), "x", ask, press, "danger")


def _completing(dossier: Dossier, at: datetime) -> Verb:
    """Asking the applicant for what is missing."""
    return Verb(
        "ask_supplement", _("Ask to complete it"), "m", "words",
        ask=_("Everything that is missing, one thing a line"), press=_("Send the request; the clock stops"),
        day_label=_("To be completed by"), day=_local(calendar_for(dossier.agency_id).add(at, ANSWER)),
        first_day=_local(at + timedelta(days=1)),
    )  # fmt: skip


def _more_time(dossier: Dossier, at: datetime) -> Verb | None:
    """Asking the leader for a later promise, once, before the first is broken."""
    if dossier.due_at is None or at >= dossier.due_at:
        return None
    return Verb(
        "ask_extension", _("Ask for more time"), "g", "words",
        ask=_("Why it takes longer, as the applicant will read it"), press=_("Submit to the leader"),
        day_label=_("New date"), day=_local(calendar_for(dossier.agency_id).add(dossier.due_at, MORE)),
        first_day=_local(dossier.due_at + timedelta(days=1)),
    )  # fmt: skip


def _passing() -> Verb:
    """Passing on what came to the wrong place: a page of its own, for it lists a province's agencies."""
    return Verb("transfer", _("Pass to another agency"), "v", "link")


def asks_meanwhile(dossier: Dossier, tasks: Sequence[Task], staff: Staff) -> bool:
    """Whether a post may ask for more time although the work is with others now: those who see that it will be late
    are the officers and heads of the agency that promised."""
    here = staff.agency_id == dossier.agency_id and staff.has_role(Role.OFFICER, Role.UNIT_HEAD)
    return here and not dossier.finished_at and any(task.kind in MEANWHILE for task in tasks)


def _without_a_task(
    dossier: Dossier, result: Result | None, staff: Staff, extending: Verb | None, *, asked_enough: bool
) -> list[Verb]:
    found: list[Verb | None] = []
    here = staff.agency_id == dossier.agency_id
    if dossier.state == State.SUPPLEMENT:
        if at_its_counter(dossier, staff):
            found.append(Verb("add", _("The applicant brings what was asked for"), "a", "add"))
            if not dossier.accepted_at:
                found.append(_refusing())
        if here and staff.has_role(*STOPPING) and dossier.accepted_at:
            found.append(_stopping())
    elif dossier.state == State.RETURNED:
        if result and result.cancelled_at is None and dossier.correct_by is None:
            found += _of_returned(dossier, staff)
    else:
        found.append(extending)
        if here and staff.has_role(Role.LEADER) and not dossier.finished_at and asked_enough:
            ask, press = _("Why the applicant must be asked again"), _("Allow it; it is recorded as a breach")
            found.append(_words("allow_supplement", _("Allow another request to complete it"), "m", ask, press))
    return [verb for verb in found if verb]


def corrects(dossier: Dossier, staff: Staff) -> bool:
    """Whether a post may have a mistake in a returned result corrected at once: of those who decide there."""
    return staff.agency_id == dossier.agency_id and staff.has_role(*STOPPING)


def _of_returned(dossier: Dossier, staff: Staff) -> list[Verb]:
    """A mistake is corrected; what should never have been given is cancelled."""
    found = []
    if corrects(dossier, staff) or at_its_counter(dossier, staff):
        ask, press = _("What is wrong, and what should stand there"), _("Have it corrected")
        found.append(_words("ask_correction", _("Correct a mistake in the result"), "e", ask, press))
    if staff.agency_id == dossier.agency_id and staff.has_role(Role.LEADER):
        ask, press = _("Why it holds no longer, for the applicant to read"), _("Cancel with this reason")
        found.append(_words("cancel_result", _("Cancel the result"), "x", ask, press, "danger"))
    return found


def _local(at: datetime) -> date:
    return timezone.localtime(at).date()
