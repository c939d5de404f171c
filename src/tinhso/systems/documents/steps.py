"""The kinds of step that documents answer."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tinhso.core.process.graph import step_kind

CALLED = {
    "submitted": pgettext_lazy("outcome", "submitted to the signer"),
    "sent_back": pgettext_lazy("outcome", "sent back"),
    "signed": pgettext_lazy("outcome", "signed"),
    "numbered": pgettext_lazy("outcome", "numbered"),
    "registered": pgettext_lazy("outcome", "registered"),
    "refused": pgettext_lazy("outcome", "sent back to the sender"),
    "directed": pgettext_lazy("outcome", "directed"),
    "filed": pgettext_lazy("outcome", "taken note of"),
    "finished": pgettext_lazy("outcome", "dealt with"),
}
step_kind("check_document", _("Check the document"), "submitted", "sent_back", drawn=False, called=CALLED)
step_kind("sign_document", _("Sign the document"), "signed", "sent_back", drawn=False, called=CALLED)
step_kind("number_document", _("Number and issue"), "numbered", drawn=False, called=CALLED)
step_kind("register_document", _("Register what arrived"), "registered", "refused", drawn=False, called=CALLED)
step_kind("direct_document", _("Direct who deals with it"), "directed", "filed", drawn=False, called=CALLED)
step_kind("deal_with_document", _("Deal with the document"), "finished", drawn=False, called=CALLED)
