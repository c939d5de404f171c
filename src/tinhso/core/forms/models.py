"""Published form versions, which never change, and drafts, which live until they are submitted."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ..ledger.actions import new_id


class FormVersion(models.Model):
    """One published definition. The database refuses every change to it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.CharField(max_length=60, help_text="Name of the form, the same for all its versions")
    version = models.PositiveIntegerField()
    definition = models.JSONField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the canonical definition")
    published_at = models.DateTimeField()

    class Meta:
        verbose_name = _("form version")
        verbose_name_plural = _("form versions")
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="form_version_once"),
            models.UniqueConstraint(fields=["key", "digest"], name="form_digest_once"),
        ]

    def __str__(self) -> str:
        return f"{self.key} v{self.version}"


class Draft(models.Model):
    """What a person has typed so far, valid or not. Exempt from the ledger; gone once submitted."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="drafts")
    form_version = models.ForeignKey(FormVersion, models.PROTECT)
    context = models.CharField(max_length=120, help_text="What it is for: 1.004873/default")
    answers = models.JSONField(default=dict, help_text="Raw answers, nested")
    files = models.JSONField(default=dict, help_text="Id of each uploaded file → its name")
    origins = models.JSONField(default=dict, help_text="Path → where the answer was prefilled from")
    seen = models.JSONField(default=list, help_text="Keys of the pages saved at least once")
    consented_at = models.DateTimeField(null=True, help_text="When the person agreed to prefilling")
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        constraints = [models.UniqueConstraint(fields=["account", "context"], name="draft_once_per_context")]

    def __str__(self) -> str:
        return self.context
