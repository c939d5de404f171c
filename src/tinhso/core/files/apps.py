from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class FilesConfig(AppConfig):
    name = "tinhso.core.files"
    verbose_name = _("Files")

    def ready(self) -> None:
        autodiscover_modules("files")
