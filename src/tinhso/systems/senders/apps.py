from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SendersConfig(AppConfig):
    name = "tinhso.systems.senders"
    verbose_name = _("Bulk senders")
