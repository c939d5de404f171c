"""A report as it was sent."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from tinhso.core.agencies.models import Agency
from tinhso.core.ledger.actions import new_id
from tinhso.core.ledger.events import canonical

from .periods import Kind, Period


class Report(models.Model):
    """The periodic table of an agency as somebody sent it. Never changed: the ledger has the digest of its figures."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    form = models.CharField(max_length=3)
    kind = models.CharField(max_length=8)
    since = models.DateField()
    until = models.DateField()
    revision = models.PositiveSmallIntegerField(help_text="1; sent again with other figures: 2")
    content = models.JSONField(help_text="{rows: [[key, label, figure…]], total, position, as_of}")
    digest = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["agency", "-sent_at"], name="report_newest")]
        constraints = [
            models.UniqueConstraint(fields=["agency", "form", "since", "until", "revision"], name="report_once"),
            models.CheckConstraint(name="report_days", condition=Q(until__gte=F("since"))),
        ]

    def __str__(self) -> str:
        return f"{self.form} {self.since}–{self.until}"

    @property
    def period(self) -> Period:
        return Period(Kind(self.kind), self.since, self.until)

    @property
    def intact(self) -> bool:
        """Whether the figures are those that the digest was made of."""
        return self.digest == digest_of(self.content)


def digest_of(content: object) -> str:
    """SHA-256 of figures in their canonical form."""
    return hashlib.sha256(canonical({"content": content}).encode()).hexdigest()
