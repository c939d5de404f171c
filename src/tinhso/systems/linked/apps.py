from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LinkedConfig(AppConfig):
    name = "tinhso.systems.linked"
    verbose_name = _("Linked procedures")
