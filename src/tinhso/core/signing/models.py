"""Certificates this install knows. Keys are never here: they are files, or with their holders."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ..agencies.models import Agency
from ..ledger.actions import new_id
from .keys import Identity


class Kind(models.TextChoices):
    PERSONAL = "personal", _("Personal signature")
    SEAL = "seal", _("Agency seal")


class Certificate(models.Model):
    """A certificate of an official or of an agency, with the issuers above it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="certificates"
    )
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="certificates")
    subject = models.CharField(max_length=300)
    issuer = models.CharField(max_length=300)
    serial = models.CharField(max_length=64, help_text="Hexadecimal")
    fingerprint = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the certificate, hexadecimal")
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    pem = models.TextField(help_text="The certificate, then its issuers; no key")
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="certificate_kind"),
            models.CheckConstraint(
                condition=Q(kind=Kind.PERSONAL, holder__isnull=False) | Q(kind=Kind.SEAL, agency__isnull=False),
                name="certificate_has_holder",
            ),
            models.CheckConstraint(condition=Q(not_after__gt=F("not_before")), name="certificate_validity"),
            models.CheckConstraint(condition=~Q(pem__contains="PRIVATE KEY"), name="certificate_holds_no_key"),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def identity(self) -> Identity:
        """What `prepare` needs of the holder when the key is elsewhere."""
        return Identity.from_pem(self.pem.encode())
