from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class SigningConfig(AppConfig):
    name = "tinhso.core.signing"
    verbose_name = _("Digital signatures")

    def ready(self) -> None:
        """Every system may say which of its documents people sign: `signing.py`."""
        autodiscover_modules("signing")
