"""Which certificate signs for whom now."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from .models import Certificate, Kind


def in_force(at: datetime) -> QuerySet[Certificate]:
    """Certificates that may sign at that moment, the newest first."""
    return Certificate.objects.filter(
        Q(revoked_at=None) | Q(revoked_at__gt=at), not_before__lte=at, not_after__gt=at
    ).order_by("-not_before")


def personal_certificate(account: UUID, *, at: datetime) -> Certificate | None:
    """The newest certificate in force of an official."""
    return in_force(at).filter(kind=Kind.PERSONAL, holder=account).first()


def seal_certificate(agency: UUID, *, at: datetime) -> Certificate | None:
    """The newest certificate in force of an agency's seal."""
    return in_force(at).filter(kind=Kind.SEAL, agency=agency).first()
