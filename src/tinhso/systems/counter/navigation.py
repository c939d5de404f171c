"""Where the counter stands in the menus."""

from django.utils.translation import gettext_lazy as _

from tinhso.core.agencies.models import Role
from tinhso.core.ui.navigation import nav
from tinhso.systems.dossiers.queries import READERS

nav("desk", _("Paper files"), "counter:lists", icon="arrow-left-right", order=42, roles=list(READERS))
nav("desk", _("End of the day"), "counter:day", icon="notebook-pen", order=46, roles=[Role.RECEPTIONIST])
