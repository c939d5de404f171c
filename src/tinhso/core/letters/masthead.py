"""What stands on top of every letter of an agency."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from ..agencies import units
from ..agencies.models import Agency


def head(agency: Agency) -> dict[str, Any]:
    """What every letter says of the agency that it comes from."""
    unit = units.unit(agency.unit_code)
    return {
        "parent_agency": "",
        "agency": agency.name,
        "place": unit.name if unit else agency.short_name,
        "demo": settings.TINHSO.demo,
    }
