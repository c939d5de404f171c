from django.utils.translation import gettext_lazy as _

from tinhso.core.ui.navigation import nav
from tinhso.systems.dossiers.queries import READERS

nav("desk", _("Statistics"), "statistics:figures", icon="chart-column", order=58, roles=READERS)
