"""The step at which a joint dossier waits for its parts."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tinhso.core.process.graph import step_kind

step_kind(
    "linked",
    _("Wait for the parts of a joint application"),
    "granted",
    called={"granted": pgettext_lazy("outcome", "granted")},
)
