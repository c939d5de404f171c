"""What happened to a document, as its page tells it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tinhso.core.accounts.models import Account
from tinhso.core.agencies.models import Agency
from tinhso.core.ledger.queries import Happening

from .models import STATES

SENTENCES = {
    "documents.drafted": (gettext_lazy("Written, version %(revision)s"), "pencil"),
    "documents.submitted": (gettext_lazy("Submitted"), "send"),
    "documents.sent_back": (gettext_lazy("Sent back to be changed"), "undo-2"),
    "documents.dropped": (gettext_lazy("Given up"), "x"),
    "documents.signed": (gettext_lazy("Signed"), "pen-line"),
    "documents.numbered": (gettext_lazy("Numbered %(notation)s"), "hash"),
    "documents.issued": (gettext_lazy("Issued to %(recipients)s agencies"), "circle-check"),
    "documents.arrived": (gettext_lazy("Arrived"), "inbox"),
    "documents.registered": (gettext_lazy("Registered, arrival number %(number)s"), "book-open"),
    "documents.refused": (gettext_lazy("Sent back to its sender"), "undo-2"),
    "documents.directed": (gettext_lazy("Directed"), "arrow-right"),
    "documents.handed_down": (gettext_lazy("A part was handed down"), "arrow-right"),
    "documents.progress_told": (gettext_lazy("How far it is"), "message-circle"),
    "documents.assignment_finished": (gettext_lazy("An order was carried out"), "check"),
    "documents.dealt_with": (gettext_lazy("Has been dealt with"), "circle-check"),
    "documents.recipient_state": (gettext_lazy("%(recipient)s: %(state)s"), "mail"),
    "process.assigned": (gettext_lazy("%(assignee)s works on it"), "arrow-right"),
    "process.handed_over": (gettext_lazy("Handed over to %(assignee)s"), "arrow-right"),
}


@dataclass(frozen=True)
class Line:
    """One line of the timeline."""

    at: datetime
    title: str
    who: str
    text: str
    icon: str


def lines(happenings: Sequence[Happening]) -> list[Line]:
    """Oldest first; people and agencies by name."""
    told = [one for one in happenings if one.event in SENTENCES]
    people = {one.actor.removeprefix("account:") for one in told if one.actor.startswith("account:")}
    people |= {str(one.data["assignee"]) for one in told if one.data.get("assignee")}
    names = {str(pk): name for pk, name in Account.objects.filter(pk__in=people).values_list("pk", "display_name")}
    if agencies := {one.data["recipient"] for one in told if "recipient" in one.data}:
        names |= {str(pk): name for pk, name in Agency.objects.filter(pk__in=agencies).values_list("pk", "name")}
    return [_line(one, names) for one in told]


def _line(one: Happening, names: dict[str, str]) -> Line:
    sentence, icon = SENTENCES[one.event]
    data = dict(one.data)
    for key in ("assignee", "recipient"):
        if key in data:
            data[key] = names.get(str(data[key]), "…")
    if one.event == "documents.recipient_state":
        data["state"] = str(STATES.get(data["state"], data["state"])).lower()
    who = names.get(one.actor.removeprefix("account:"), "") if one.actor.startswith("account:") else _("the system")
    return Line(one.at, str(sentence) % data, who, one.words, icon)
