from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class AgenciesConfig(AppConfig):
    name = "tinhso.core.agencies"
    verbose_name = _("Agencies")

    def ready(self) -> None:
        autodiscover_modules("succession")
