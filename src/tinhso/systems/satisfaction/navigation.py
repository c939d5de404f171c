from django.utils.translation import gettext_lazy as _

from tinhso.core.ui.navigation import nav

from .queries import READERS

nav("desk", _("Satisfaction"), "satisfaction:results", icon="smile", order=60, roles=READERS)
