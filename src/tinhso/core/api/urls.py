"""Addresses below /api/v1/."""

from __future__ import annotations

from .assembly import addresses

app_name = "api"
urlpatterns = addresses()
