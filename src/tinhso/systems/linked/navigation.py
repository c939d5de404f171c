from django.utils.translation import gettext_lazy as _

from tinhso.core.ui.navigation import nav
from tinhso.systems.dossiers.queries import READERS

nav("desk", _("Joint applications"), "linked:in_work", icon="waypoints", order=35, roles=list(READERS))
