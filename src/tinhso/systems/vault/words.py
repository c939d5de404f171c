"""A paper in one line."""

from __future__ import annotations

from django.utils.translation import gettext as _

from .models import Paper


def note(paper: Paper) -> str:
    """Number, agency, day, until when, and how far it is verified."""
    parts = [_("no. %(number)s") % {"number": paper.number} if paper.number else "", paper.agency_name]
    if paper.issued_on:
        parts.append(f"{paper.issued_on:%d/%m/%Y}")
    if paper.valid_until:
        parts.append(_("holds until %(day)s") % {"day": f"{paper.valid_until:%d/%m/%Y}"})
    parts.append(str(paper.get_trust_display()))
    return " · ".join(part for part in parts if part)
