"""Which dossier is a part of which joint one, and what other agencies decided."""

from __future__ import annotations

from django.db import models

from tinhso.core.files.models import FileLink
from tinhso.core.ledger.actions import new_id
from tinhso.systems.dossiers.models import Dossier


class Part(models.Model):
    """A dossier that was opened from a joint one. Each key once, however often the job runs."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    joint = models.ForeignKey(Dossier, models.CASCADE, related_name="+", db_index=False)
    dossier = models.OneToOneField(Dossier, models.CASCADE, related_name="+")
    key = models.CharField(max_length=40, help_text="As its bundle calls it")

    class Meta:
        constraints = [models.UniqueConstraint(name="linked_part_once", fields=["joint", "key"])]

    def __str__(self) -> str:
        return self.key


class Decision(models.Model):
    """What an agency answered whose system is not connected here, as the one-stop shop recorded it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dossier = models.OneToOneField(Dossier, models.CASCADE, related_name="+")
    agency = models.CharField(max_length=200, help_text="Who decided")
    number = models.CharField(max_length=60, help_text="Of its paper or card")
    day = models.DateField(help_text="On which it decided")
    words = models.TextField(blank=True)
    file = models.ForeignKey(FileLink, models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return self.number
