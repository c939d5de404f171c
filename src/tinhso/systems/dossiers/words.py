"""What happened to a dossier, in words: one line of a timeline for each kind of entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tinhso.core.accounts.models import Account
from tinhso.core.agencies.models import Agency
from tinhso.core.ledger.queries import Happening, timeline
from tinhso.core.ui.templatetags.ui import weekday

from .models import Answer, Dossier, Letter

# event → (what people read, icon of its mark on the line)
SENTENCES: dict[str, tuple[Any, str]] = {
    "dossiers.submitted": (gettext_lazy("Submitted"), "send"),
    # icon: folder-check
    "dossiers.papers_reused": (gettext_lazy("%(papers)d of its papers came from the vault"), "folder-check"),
    "dossiers.taken_over": (gettext_lazy("Taken over from the system %(system)s"), "arrow-right"),
    "dossiers.accepted": (gettext_lazy("Accepted; result promised by %(due)s"), "check"),
    "dossiers.refused": (gettext_lazy("Refused"), "x"),
    "dossiers.withdrawn": (gettext_lazy("Withdrawn by the applicant"), "x"),
    # icon: circle-pause, circle-play, calendar-clock, undo-2, octagon-x, message-circle-warning
    "dossiers.supplement_requested": (
        gettext_lazy("Asked to be completed by %(until)s; the clock stands still"),
        "circle-pause",
    ),
    "dossiers.supplement_allowed": (
        gettext_lazy("A leader allowed another request, against the rule"),
        "message-circle-warning",
    ),
    "dossiers.supplement_received": (gettext_lazy("Completed by the applicant; the clock runs again"), "circle-play"),
    "dossiers.stopped": (gettext_lazy("Processing stopped"), "octagon-x"),
    "dossiers.extension_asked": (gettext_lazy("More time asked for, until %(until)s"), "calendar-clock"),
    "dossiers.extended": (gettext_lazy("The agency apologised and promised %(due)s instead"), "calendar-clock"),
    "dossiers.extension_declined": (gettext_lazy("No more time: the promise stands"), "calendar-clock"),
    "dossiers.transferred": (gettext_lazy("Passed to %(to)s, which decides on it"), "arrow-right"),
    "dossiers.step_taken_back": (gettext_lazy("Taken back"), "undo-2"),
    "dossiers.assigned": (gettext_lazy("Assigned to %(officer)s"), "arrow-right"),
    # icon: message-circle-question
    "dossiers.consultation_asked": (gettext_lazy("%(consulted)s is asked for its opinion"), "message-circle-question"),
    # icon: message-circle-reply
    "dossiers.consultation_answered": (gettext_lazy("%(consulted)s: %(answer)s"), "message-circle-reply"),
    "dossiers.consultation_waived": (gettext_lazy("Went on without the opinion of %(consulted)s"), "arrow-right"),
    "dossiers.result_proposed": (gettext_lazy("Appraised, submitted for signature"), "arrow-right"),
    "dossiers.result_sent_back": (gettext_lazy("Sent back to the officer"), "arrow-right"),
    "dossiers.letter_made": (gettext_lazy("Made: %(letter)s, no. %(number)s"), "file-text"),
    "dossiers.result_signed": (gettext_lazy("Signed"), "check"),
    "dossiers.result_numbered": (gettext_lazy("Number %(number)s taken"), "arrow-right"),
    "dossiers.result_issued": (gettext_lazy("Sealed and issued"), "check"),
    "dossiers.fee_taken": (gettext_lazy("Fee paid: %(money)s, receipt no. %(number)s"), "arrow-right"),
    "dossiers.result_cancelled": (gettext_lazy("Result cancelled"), "x"),
    # icon: file-pen-line
    "dossiers.correction_asked": (gettext_lazy("A mistake in the result is looked at, by %(until)s"), "file-pen-line"),
    "dossiers.correction_granted": (gettext_lazy("A mistake of the office: it is being corrected"), "file-pen-line"),
    "dossiers.correction_declined": (gettext_lazy("No mistake of the office: the result stands"), "file-pen-line"),
    "dossiers.correction_issued": (gettext_lazy("%(result)s sealed and issued in the place of %(replaces)s"), "check"),
    "dossiers.correction_returned": (gettext_lazy("Corrected result returned"), "circle-check"),
    "dossiers.returned": (gettext_lazy("Result returned"), "circle-check"),
    "process.assigned": (gettext_lazy("%(assignee)s works on it"), "arrow-right"),
    "process.handed_over": (gettext_lazy("Handed over to %(assignee)s"), "arrow-right"),
}
# What concerns the applicant. Who worked on it inside the house is not shown to them by name.
FOR_APPLICANT = frozenset(SENTENCES) - {
    "process.assigned",
    "process.handed_over",
    "dossiers.result_sent_back",
    "dossiers.result_numbered",
    "dossiers.consultation_waived",
    "dossiers.supplement_allowed",
    "dossiers.extension_asked",
    "dossiers.extension_declined",
    "dossiers.step_taken_back",
}
TOLD_OTHERWISE = {
    "dossiers.consultation_answered": gettext_lazy("%(consulted)s has given its opinion")
}  # to applicants
SEALED_LATE = gettext_lazy("Made after the promised time was over: %(letter)s, no. %(number)s")
REASONS_FOR_APPLICANT = frozenset(
    f"dossiers.{name}"
    for name in (
        "refused",
        "withdrawn",
        "supplement_requested",
        "stopped",
        "transferred",
        "returned",
        "result_cancelled",
        "correction_asked",
        "correction_declined",
    )
)


# verb that asks for a reason → what the reason is for
PHRASE_FOR = {
    "ask_supplement": gettext_lazy("Request to complete"),
    "refuse": gettext_lazy("Refusal"),
    "stop": gettext_lazy("Stopping"),
    "ask_extension": gettext_lazy("More time"),
    "return_result": gettext_lazy("Late return"),
    "send_back": gettext_lazy("Sending back to the officer"),
}


@dataclass(frozen=True)
class Line:
    """One line of a timeline as a page shows it."""

    id: UUID
    at: datetime
    title: str
    who: str
    text: str  # the words of whoever did it
    icon: str
    tone: str = "done"
    apologised_late: bool = False


def money(amount: int) -> str:
    """15000 → 15.000 đ."""
    return f"{amount:,} đ".replace(",", ".")


def lines(dossier: Dossier, *, for_applicant: bool) -> list[Line]:
    """The timeline of a dossier, oldest first."""
    shown = FOR_APPLICANT if for_applicant else SENTENCES
    # An assignment that came with its own step ("assigned to …") is not said twice.
    happenings = [h for h in timeline(dossier) if h.event in shown and h.data.get("claimed", True)]
    ids = {h.actor.removeprefix("account:") for h in happenings if h.actor.startswith("account:")}
    ids |= {str(h.data[key]) for h in happenings for key in ("officer", "assignee") if h.data.get(key)}
    names = {str(pk): name for pk, name in Account.objects.filter(pk__in=ids).values_list("pk", "display_name")}
    if agencies := {h.data[key] for h in happenings for key in ("consulted", "to") if key in h.data}:
        names |= {str(pk): name for pk, name in Agency.objects.filter(pk__in=agencies).values_list("pk", "name")}
    begun_elsewhere = any(h.event == "dossiers.taken_over" for h in happenings)
    return (_earlier(dossier, for_applicant=for_applicant) if begun_elsewhere else []) + [
        _line(h, names, for_applicant=for_applicant) for h in happenings
    ]


def _earlier(dossier: Dossier, *, for_applicant: bool) -> list[Line]:
    """What happened in the system it began in; people and opinions there are for officials."""
    return [
        Line(
            e.pk,
            e.at,
            _("The clock stood still until %(until)s") % {"until": due_text(e.until)} if e.until else e.what,
            "" if for_applicant else e.who,
            "" if for_applicant else e.words,
            "circle-pause" if e.until else "check",
        )
        for e in dossier.earlier.order_by("at", "pk")
    ]


def _line(h: Happening, names: dict[str, str], *, for_applicant: bool) -> Line:
    text, icon = SENTENCES[h.event]
    values = {k: names.get(str(v), v) for k, v in h.data.items()}
    if "until" in h.data:
        values["until"] = due_text(datetime.fromisoformat(h.data["until"]))
    if h.data.get("due_at"):
        values["due"] = due_text(datetime.fromisoformat(h.data["due_at"]))
    if "amount" in h.data:
        values["money"] = money(h.data["amount"])
    late = h.event == "dossiers.letter_made" and h.data["late"]
    if h.event == "dossiers.letter_made":
        values["letter"] = Letter.Form(h.data["form"]).label
        text = SEALED_LATE if late else text
    if "answer" in h.data:
        values["answer"] = Answer(h.data["answer"]).label
    if for_applicant:
        text = TOLD_OTHERWISE.get(h.event, text)
        values["officer"] = _("an officer")
        who = ""
    else:
        who = names.get(h.actor.removeprefix("account:"), _("the system") if h.actor.startswith("system:") else h.actor)
    words = h.words if not for_applicant or h.event in REASONS_FOR_APPLICANT else ""
    said = str(text) % values if "%(" in str(text) else str(text)
    return Line(h.id, h.at, said, who, words, icon, "late" if late else "done", apologised_late=bool(late))


def due_text(at: datetime) -> str:
    """A promise as people say it: 16:00 thứ Năm 26/11."""
    local = timezone.localtime(at)
    return f"{local:%H:%M} {weekday(local)} {local:%d/%m/%Y}"
