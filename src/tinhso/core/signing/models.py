"""Certificates this install knows. Keys are never here: they are files, or with their holders."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ..agencies.models import Agency
from ..ledger.actions import new_id
from .keys import Identity, common_name


class Kind(models.TextChoices):
    PERSONAL = "personal", _("Personal signature")
    SEAL = "seal", _("Agency seal")


class Source(models.TextChoices):
    """Where the key of a certificate is."""

    FILE = "file", _("Key file kept here")
    TOKEN = "token", _("USB token")
    REMOTE = "remote", _("Remote signing service")
    SERVER = "server", _("Key on this server")
    HSM = "hsm", _("Key in an HSM")


class Fault(models.TextChoices):
    """Why a seal in an HSM could not be put on; what waits for it goes on by itself."""

    AWAY = "away", _("The HSM that keeps the seal does not answer.")
    PIN_WRONG = "pin_wrong", _("The HSM refuses the PIN in the PIN file. It is not tried again until the file changes.")
    PIN_LOCKED = "pin_locked", _("The HSM has locked its PIN. Unlock it with the tools of its maker.")
    PIN_UNREAD = "pin_unread", _("The PIN file is missing or empty, or every user of the server may read it.")
    NO_KEY = "no_key", _("The HSM holds the certificate of the seal but not its key.")
    NOT_CONFIGURED = "not_configured", _("SEAL_HSM does not say in which HSM the seal is.")


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
    source = models.CharField(max_length=8, choices=Source.choices, default=Source.FILE)
    credential = models.CharField(
        max_length=120, blank=True, help_text="What the remote signing service calls the key; empty elsewhere"
    )
    checked_at = models.DateTimeField(
        null=True, blank=True, help_text="When its issuer last said that it is not revoked"
    )
    fault = models.CharField(
        max_length=16, blank=True, choices=Fault.choices, help_text="Why the HSM could not seal last time; else empty"
    )
    reminded = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="The last reminder to renew it was sent so many days before it expires"
    )

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="certificate_kind"),
            models.CheckConstraint(
                condition=Q(kind=Kind.PERSONAL, holder__isnull=False) | Q(kind=Kind.SEAL, agency__isnull=False),
                name="certificate_has_holder",
            ),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="certificate_source"),
            models.CheckConstraint(condition=Q(not_after__gt=F("not_before")), name="certificate_validity"),
            models.CheckConstraint(condition=~Q(pem__contains="PRIVATE KEY"), name="certificate_holds_no_key"),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def identity(self) -> Identity:
        """What `prepare` needs of the holder when the key is elsewhere."""
        return Identity.from_pem(self.pem.encode())

    @property
    def common_name(self) -> str:
        """The holder's name in the certificate."""
        return common_name(self.identity.x509.subject)

    @property
    def issuer_name(self) -> str:
        """The issuer's name in the certificate."""
        return common_name(self.identity.x509.issuer)

    def days_left(self, at: datetime) -> int:
        """Whole days until it expires; negative when it has."""
        return (self.not_after - at).days


class Preparation(models.Model):
    """A document made ready for a signature that is made elsewhere: good for a quarter of an hour, used once.

    Only what `prepare` appended is kept; the document itself is the stored file `version`.
    Like a draft, it is exempt from the ledger: nothing has happened until the signature is kept.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    certificate = models.ForeignKey(Certificate, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=60)
    document = models.UUIDField()
    version = models.UUIDField(help_text="The file that is signed")
    tail = models.BinaryField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    attributes = models.BinaryField()
    at = models.DateTimeField(help_text="The signing time that is written into the document")
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("prepared signature")
        verbose_name_plural = _("prepared signatures")


class Upkeep(models.Model):
    """What keeps a signed document provable: its time-stamps, and when the next is due."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=60)
    document = models.UUIDField()
    unstamped_since = models.DateTimeField(
        null=True, blank=True, help_text="The oldest signature that no time-stamp covers yet"
    )
    sealed = models.BooleanField(default=False, help_text="Nothing but time-stamps follows any more")
    renew_at = models.DateTimeField(null=True, blank=True, help_text="When the next document time-stamp is due")

    class Meta:
        verbose_name = _("upkeep of signatures")
        verbose_name_plural = _("upkeep of signatures")
        constraints = [models.UniqueConstraint(fields=["kind", "document"], name="upkeep_once")]
        indexes = [
            models.Index(
                fields=["unstamped_since"], name="upkeep_unstamped", condition=Q(unstamped_since__isnull=False)
            ),
            models.Index(fields=["renew_at"], name="upkeep_renew", condition=Q(renew_at__isnull=False)),
        ]
