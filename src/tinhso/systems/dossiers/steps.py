"""The kinds of step that dossiers answer, with how each can end."""

from django.utils.translation import gettext_lazy as _

from tinhso.core.process.graph import step_kind

step_kind("receive", _("Receive"), "accept", "refuse")
step_kind("assign", _("Assign"), "assigned")
step_kind("appraise", _("Appraise"), "propose", "refuse")
step_kind("sign", _("Sign"), "signed", "return")
step_kind("issue", _("Issue"), "issued")
step_kind("return", _("Return the result"), "returned")
