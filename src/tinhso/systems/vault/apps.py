from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VaultConfig(AppConfig):
    name = "tinhso.systems.vault"
    verbose_name = _("Vault of papers")
