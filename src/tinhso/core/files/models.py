"""Stored bytes and the links that hold them."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class StoredFile(models.Model):
    """Bytes on disk, named by their SHA-256."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.BigIntegerField(help_text="Bytes")
    mime = models.CharField(max_length=100, help_text="By content, never as the sender said")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("stored file")
        verbose_name_plural = _("stored files")
        constraints = [
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="file_sha256_form"),
            models.CheckConstraint(condition=Q(size__gte=0), name="file_size"),
        ]


class FileLink(models.Model):
    """One owner's hold on stored bytes. The id is random: an address nobody can guess."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="links")
    name = models.CharField(max_length=200, help_text="To show and to save under; never a path")
    owner_kind = models.CharField(max_length=60, blank=True, help_text="dossiers.dossier; empty: nobody's yet")
    owner_id = models.UUIDField(null=True, blank=True)
    personal = models.BooleanField(default=True, help_text="Says something about a person: reading it is logged")
    copy_of = models.ForeignKey(
        "self", models.CASCADE, null=True, related_name="copies", help_text="The scan that this is a readable copy of"
    )
    origin = models.CharField(
        max_length=20, blank=True, help_text="From where it was taken instead of being handed in again: vault"
    )
    created_by = models.CharField(max_length=80, help_text="The actor who stored it")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        indexes = [
            models.Index(fields=["owner_kind", "owner_id"], name="file_owner"),
            models.Index(fields=["created_at"], condition=Q(owner_kind=""), name="file_without_owner"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(owner_kind="", owner_id=None) | (~Q(owner_kind="") & Q(owner_id__isnull=False)),
                name="file_owner_whole",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def owner(self) -> tuple[str, uuid.UUID] | None:
        """Kind and id of the subject that owns it; None while nobody does."""
        return (self.owner_kind, self.owner_id) if self.owner_id else None
