from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FormsConfig(AppConfig):
    name = "tinhso.core.forms"
    verbose_name = _("Electronic forms")
