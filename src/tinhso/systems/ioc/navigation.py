from django.utils.translation import gettext_lazy as _

from tinhso.core.ui.navigation import nav

from .pages import WATCHERS

nav("desk", _("Operations centre"), "ioc:wall", icon="monitor", order=90, roles=WATCHERS)
