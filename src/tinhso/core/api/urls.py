"""Addresses below /api/v1/."""

from __future__ import annotations

from .assembly import addresses, assemble, discovered

app_name = "api"
urlpatterns = addresses(assemble(discovered()))
