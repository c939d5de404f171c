"""Cells of figures, and how far each indicator has read the ledger."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Cell(models.Model):
    """One indicator on one day in one agency for one choice of dimensions.

    A stock has, besides its changes by day, one cell at the day `STANDING`: what it stands at now.
    """

    indicator = models.CharField(max_length=90)
    day = models.DateField(help_text="In the province's time zone; the last of all days holds what stocks stand at")
    agency_id = models.UUIDField(help_text="All zeros where an entry names no agency")
    dim1 = models.CharField(max_length=60, blank=True)
    dim2 = models.CharField(max_length=60, blank=True)
    count = models.BigIntegerField(default=0)
    sum = models.BigIntegerField(default=0)
    hist = ArrayField(models.BigIntegerField(), default=list, help_text="Counts by bucket; empty unless a histogram")

    class Meta:
        indexes = [models.Index(fields=["indicator", "agency_id", "day"], name="cell_agency_day")]
        constraints = [
            models.UniqueConstraint(fields=["indicator", "day", "agency_id", "dim1", "dim2"], name="cell_once")
        ]


class Fold(models.Model):
    """How far one indicator has read: position and time of the last entry folded in."""

    indicator = models.CharField(max_length=90, primary_key=True)
    version = models.SmallIntegerField(help_text="Of the declaration the cells were made by")
    position = models.BigIntegerField()
    at = models.DateTimeField(null=True)
