"""Which certificate signs for whom now."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from ..agencies.models import Role, Staff
from ..agencies.queries import agencies_of
from .models import Certificate, Kind, Source


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


def hsm_certificate(agency: UUID, *, at: datetime) -> Certificate | None:
    """The newest certificate in force of a seal in an HSM; where there is one, no key file is used."""
    return in_force(at).filter(kind=Kind.SEAL, agency=agency, source=Source.HSM).first()


def seal_fault(agency: UUID, *, at: datetime) -> str:
    """Why an agency's seal could not be put on last time, in words; empty: nothing is wrong."""
    certificate = hsm_certificate(agency, at=at)
    return certificate.get_fault_display() if certificate else ""


def own(account: UUID) -> QuerySet[Certificate]:
    """All certificates of an official, those that end last on top."""
    return Certificate.objects.filter(kind=Kind.PERSONAL, holder=account).order_by("-not_after")


def ways(account: UUID, *, at: datetime) -> dict[str, Certificate]:
    """How an official may sign now: the newest certificate in force by where its key is."""
    found: dict[str, Certificate] = {}
    for certificate in in_force(at).filter(kind=Kind.PERSONAL, holder=account):
        found.setdefault(certificate.source, certificate)
    return {source: found[source] for source in Source.values if source in found}


def in_reach(staff: Staff | None) -> QuerySet[Certificate]:
    """Certificates of the agencies an administrator reaches and of their people, those that end first on top."""
    agencies = agencies_of(staff, (Role.ADMINISTRATOR,)).values("pk")
    return (
        Certificate.objects.filter(agency__in=agencies).select_related("holder", "agency").order_by("not_after", "pk")
    )


def expiring(at: datetime, *, days: int) -> QuerySet[Certificate]:
    """Certificates in force that end within so many days."""
    return in_force(at).filter(not_after__lte=at + timedelta(days=days)).select_related("holder", "agency")
