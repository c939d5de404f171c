from django.utils.translation import gettext_lazy as _

from tinhso.core.ui.navigation import nav

from .queries import STAFF

nav("desk", _("Documents"), "documents:work", icon="files", order=20, roles=STAFF)
