"""The kinds of step that dossiers answer, with how each can end."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tinhso.core.agencies.models import Role
from tinhso.core.ledger.actions import Actor
from tinhso.core.process.graph import aside_kind, step_kind
from tinhso.core.process.models import Task


def _asked(task: Task, by: Actor, at: datetime) -> None:
    from .actions.consultation import opened

    opened(task, by=by, at=at)


CALLED = {
    "accept": pgettext_lazy("outcome", "accepted"),
    "refuse": pgettext_lazy("outcome", "refused"),
    "assigned": pgettext_lazy("outcome", "assigned"),
    "propose": pgettext_lazy("outcome", "submitted for signature"),
    "consult": pgettext_lazy("outcome", "another agency is asked"),
    "agree": pgettext_lazy("outcome", "agrees"),
    "disagree": pgettext_lazy("outcome", "does not agree"),
    "no_opinion": pgettext_lazy("outcome", "has no opinion"),
    "waived": pgettext_lazy("outcome", "went on without an answer"),
    "granted": pgettext_lazy("outcome", "granted"),
    "signed": pgettext_lazy("outcome", "signed"),
    "return": pgettext_lazy("outcome", "returned without a signature"),
    "issued": pgettext_lazy("outcome", "issued"),
    "returned": pgettext_lazy("outcome", "returned to the applicant"),
}
step_kind("receive", _("Receive"), "accept", "refuse", called=CALLED)
step_kind("assign", _("Assign"), "assigned", called=CALLED)
step_kind("appraise", _("Appraise"), "propose", "refuse", "consult", called=CALLED)
step_kind(
    "consult", _("Give an opinion"), "agree", "disagree", "no_opinion", "waived",
    opened=_asked, total=True, called=CALLED,
)  # fmt: skip
step_kind("elsewhere", _("Record what another agency decided"), "granted", "refuse", called=CALLED)
step_kind("sign", _("Sign"), "signed", "return", called=CALLED)
step_kind("issue", _("Issue"), "issued", called=CALLED)
step_kind("return", _("Return the result"), "returned", called=CALLED)

# What the law gives every dossier, whatever process was drawn for it.
aside_kind("supplement", _("The applicant completes the dossier"), "received")
aside_kind("extend", _("Decide on more time"), "granted", "declined", role=Role.LEADER)
aside_kind("correct", _("Look at a mistake in the result"), "granted", "declined", role=Role.UNIT_HEAD)
