from django.utils.translation import gettext_lazy as _

from tinhso.core.ui.navigation import nav

from .queries import READERS

nav("desk", _("Complaints"), "complaints:all", icon="message-circle-warning", order=65, roles=READERS)
