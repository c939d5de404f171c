"""What the live server runs: the configuration, but none of the applications and their models."""

import os

from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tinhso.config.settings")
assert settings.TINHSO  # read now, with the settings of logs, not at the first request

from tinhso.core.ui.live import application  # noqa: E402  (settings come first)

__all__ = ["application"]
