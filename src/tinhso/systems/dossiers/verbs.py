"""What an official can do to a dossier now: a button, its key, and what it asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from tinhso.core.agencies.models import Agency, Role, Staff
from tinhso.core.process.models import Task
from tinhso.core.process.queries import open_tasks
from tinhso.core.worktime.calendar import Unit, WorkDuration
from tinhso.core.worktime.queries import calendar_for

from .models import Dossier, Letter, State, Supplement

ANSWER = WorkDuration(15, Unit.WORKING_DAYS)  # what an applicant is given, unless the official chooses another day
MORE = WorkDuration(3, Unit.WORKING_DAYS)  # what an extension begins with
STOPPING = (Role.OFFICER, Role.UNIT_HEAD, Role.LEADER)


@dataclass(frozen=True)
class Verb:
    """One thing that can be done. The form `words` asks for a reason, and where it says so for a day or an agency."""

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
    agencies: Sequence[tuple[UUID, str]] = ()

    @property
    def template(self) -> str:
        return f"dossiers/verbs/{self.form}.html"


def verbs_of(dossier: Dossier, task: Task | None, staff: Staff, at: datetime) -> list[Verb]:
    """What a member of staff can do at their open task, the usual one first; and without one, what is theirs."""
    if task is None:
        return _without_a_task(dossier, staff, at)
    late = dossier.late_at(at)
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
    offered: dict[str, list[Verb | None]] = {
        "receive": [Verb("accept", _("Accept"), "a"), _completing(dossier, at), _refusing(task), _passing(dossier, at)],
        "assign": [
            Verb("assign", _("Assign"), "a", "assign"),
            _passing(dossier, at),
            _more_time(dossier, at),
            _stopping(),
        ],
        "appraise": [
            Verb("propose", _("Submit for signature"), "s", "propose"),
            Verb("consult", _("Ask for opinions"), "c", "consult") if "consult" in task.node.outcomes else None,
            _completing(dossier, at),
            _refusing(task),
            _more_time(dossier, at),
            _passing(dossier, at),
            _stopping(),
        ],
        "consult": [],  # answered on a page of its own
        "sign": [
            Verb("sign", _("Sign"), "s", "sign"),
            _words(
                "send_back", _("Send back"), "b", _("What the officer has to change"), _("Send back to the officer")
            ),
        ],
        "extend": [
            *([] if late else [Verb("extend", _("Promise the new date"), "a")]),
            _words("decline_extension", _("Decline"), "r", _("Why the promise stands"), _("Let the promise stand")),
        ],
        "issue": [Verb("issue", _("Number and seal"), "s", "issue")],
        "return": [returning],
    }
    return [verb for verb in offered[task.kind] if verb]


def _words(name: str, label: str, key: str, ask: str, press: str, kind: str = "") -> Verb:
    return Verb(name, label, key, "words", ask=ask, press=press, kind=kind)


def may_add(dossier: Dossier, staff: Staff) -> bool:
    """Whether a member of staff takes for the applicant what belongs to the dossier: the counter that received it."""
    return staff.agency_id == dossier.receiving_agency_id and staff.has_role(Role.RECEPTIONIST)


def _refusing(task: Task | None = None) -> Verb | None:
    if task and "refuse" not in task.node.outcomes:
        return None
    ask, press = _("Reason, for the applicant to read"), _("Refuse with this reason")
    return _words("refuse", _("Refuse"), "r", ask, press, "danger")


def _stopping() -> Verb:
    ask, press = _("Reason, for the applicant to read"), _("Stop with this reason")
    return _words("stop", _("Stop processing"), "x", ask, press, "danger")


def _completing(dossier: Dossier, at: datetime) -> Verb | None:
    """Asking the applicant for what is missing, as long as the law or a leader lets one."""
    if _asked_enough(dossier):
        return None
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
    if any(task.kind == "extend" for task in open_tasks(dossier)):
        return None
    if dossier.letters.filter(form=Letter.Form.APOLOGY).exists():
        return None
    return Verb(
        "ask_extension", _("Ask for more time"), "g", "words",
        ask=_("Why it takes longer, as the applicant will read it"), press=_("Submit to the leader"),
        day_label=_("New date"), day=_local(calendar_for(dossier.agency_id).add(dossier.due_at, MORE)),
        first_day=_local(dossier.due_at + timedelta(days=1)),
    )  # fmt: skip


def _passing(dossier: Dossier, at: datetime) -> Verb | None:
    """Passing on what came to the wrong place, to another agency of its kind."""
    others = Agency.objects.open_at(at).filter(kind=dossier.agency.kind).exclude(pk=dossier.agency_id)
    agencies = list(others.order_by("name").values_list("pk", "name"))
    if not agencies:
        return None
    return Verb(
        "transfer", _("Pass to another agency"), "v", "words",
        ask=_("Why the other agency decides on it, for the applicant to read"), press=_("Pass it on"),
        agencies=agencies,
    )  # fmt: skip


def _without_a_task(dossier: Dossier, staff: Staff, at: datetime) -> list[Verb]:
    found: list[Verb | None] = []
    here = staff.agency_id == dossier.agency_id
    if dossier.state == State.SUPPLEMENT:
        if may_add(dossier, staff):
            found.append(Verb("add", _("The applicant brings what was asked for"), "a", "add"))
            if not dossier.accepted_at:
                found.append(_refusing())
        if here and staff.has_role(*STOPPING) and dossier.accepted_at:
            found.append(_stopping())
    elif here and staff.has_role(Role.LEADER) and not dossier.finished_at and _asked_enough(dossier):
        ask, press = _("Why the applicant must be asked again"), _("Allow it; it is recorded as a breach")
        found.append(_words("allow_supplement", _("Allow another request to complete it"), "m", ask, press))
    return [verb for verb in found if verb]


def _asked_enough(dossier: Dossier) -> bool:
    return Supplement.objects.filter(dossier=dossier).count() >= dossier.supplements


def _local(at: datetime) -> date:
    return timezone.localtime(at).date()
