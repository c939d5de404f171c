"""What the live server runs."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tinhso.config.settings")
django.setup()

from tinhso.core.ui.live import application  # noqa: E402  (Django must be set up first)

__all__ = ["application"]
