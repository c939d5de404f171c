from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class FormsConfig(AppConfig):
    name = "tinhso.core.forms"
    verbose_name = _("Electronic forms")

    def ready(self) -> None:
        """Systems may offer papers that the house keeps already: `shelves.py`."""
        autodiscover_modules("shelves")
