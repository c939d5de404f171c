"""What was taken from whom, by their own references; and files on their way in."""

from __future__ import annotations

from django.db import models

from tinhso.core.agencies.models import Agency
from tinhso.core.ledger.actions import new_id
from tinhso.systems.dossiers.models import Channel, Dossier
from tinhso.systems.procedures.models import Variant


class Sent(models.Model):
    """An item that became a dossier. Of the reference and the contents only keyed hashes are kept."""

    key = models.BinaryField(primary_key=True, max_length=32, editable=False, help_text="Of sender and reference")
    contents = models.BinaryField(max_length=32, editable=False)
    dossier = models.OneToOneField(Dossier, models.CASCADE, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.dossier_id)


class Sending(models.Model):
    """A file of items. Its rows, which are personal data, are kept only until they are in."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200)
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+", db_index=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", help_text="Whose counter brings it")
    channel = models.PositiveSmallIntegerField(choices=Channel.choices)
    rows = models.JSONField(default=list, help_text="[[row, reference, answers by path]]")
    outcomes = models.JSONField(default=list, help_text="[[row, reference, status, code, [[column, words]]]]")
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["agency", "-at"], name="sending_of_agency")]

    def __str__(self) -> str:
        return self.name
