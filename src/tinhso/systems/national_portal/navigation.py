from django.utils.translation import gettext_lazy as _

from tinhso.core.ui.navigation import nav

from .pages import READERS

nav("admin", _("National portal"), "national_portal:overview", icon="send", order=57, roles=READERS)
