"""The kinds of step that dossiers answer, with how each can end."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from tinhso.core.agencies.models import Role
from tinhso.core.ledger.actions import Actor
from tinhso.core.process.graph import aside_kind, step_kind
from tinhso.core.process.models import Task


def _asked(task: Task, by: Actor, at: datetime) -> None:
    from .actions.consultation import opened

    opened(task, by=by, at=at)


step_kind("receive", _("Receive"), "accept", "refuse")
step_kind("assign", _("Assign"), "assigned")
step_kind("appraise", _("Appraise"), "propose", "refuse", "consult")
step_kind("consult", _("Give an opinion"), "agree", "disagree", "no_opinion", "waived", opened=_asked, total=True)
step_kind("elsewhere", _("Record what another agency decided"), "granted", "refuse")
step_kind("sign", _("Sign"), "signed", "return")
step_kind("issue", _("Issue"), "issued")
step_kind("return", _("Return the result"), "returned")

# What the law gives every dossier, whatever process was drawn for it.
aside_kind("supplement", _("The applicant completes the dossier"), "received")
aside_kind("extend", _("Decide on more time"), "granted", "declined", role=Role.LEADER)
aside_kind("correct", _("Look at a mistake in the result"), "granted", "declined", role=Role.UNIT_HEAD)
