"""Where dossiers stand in the menus."""

from django.utils.translation import gettext_lazy as _

from tinhso.core.agencies.models import Role
from tinhso.core.ui.navigation import nav

nav("citizen", _("My dossiers"), "dossiers:mine", icon="folder", order=20)
nav("citizen", _("Follow a dossier"), "dossiers:lookup", icon="search", order=30)
nav("home", _("Follow a dossier"), "dossiers:lookup", icon="search", order=20)
nav("citizen", _("Verify a result"), "dossiers:verify_file", icon="shield-check", order=40)
nav(
    "admin",
    _("Dossiers from another system"),
    "dossiers:takeover",
    icon="folder-input",
    order=80,
    roles=[Role.ADMINISTRATOR],
)
nav("desk", _("My desk"), "dossiers:desk", icon="inbox", order=10)
nav("desk", _("Counter"), "dossiers:counter", icon="hand", order=20, roles=[Role.RECEPTIONIST])
nav("desk", _("Work of the unit"), "dossiers:load", icon="users", order=25, roles=[Role.UNIT_HEAD, Role.LEADER])
nav("desk", _("Register of dossiers"), "dossiers:register", icon="book-open", order=40)
nav(
    "desk",
    _("Reasons we write often"),
    "dossiers:phrases",
    icon="text-quote",
    order=70,
    roles=[Role.UNIT_HEAD, Role.LEADER],
)
