"""Where the vault stands in the menus."""

from django.utils.translation import gettext_lazy as _

from tinhso.core.ui.navigation import nav

from .queries import COMPARERS

nav("account", _("My vault of papers"), "vault:mine", icon="folder-lock", order=12)
nav("desk", _("Papers to compare"), "vault:compare_list", icon="folder-check", order=45, roles=list(COMPARERS))
