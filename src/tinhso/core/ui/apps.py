from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class UiConfig(AppConfig):
    name = "tinhso.core.ui"
    verbose_name = _("Pages")

    def ready(self) -> None:
        """Every package may hang its entries into the shells: `navigation.py` and `panels.py`."""
        autodiscover_modules("navigation", "panels")
