from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class IndicatorsConfig(AppConfig):
    name = "tinhso.core.indicators"
    verbose_name = _("Indicators")

    def ready(self) -> None:
        autodiscover_modules("indicators")
