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
        indexes = [
            models.Index(fields=["indicator", "agency_id", "day"], name="cell_agency_day"),
            # Where and when something rare happened: the way from a figure down to its cases.
            models.Index(fields=["indicator", "dim1", "dim2", "day"], name="cell_of_dimension"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["indicator", "day", "agency_id", "dim1", "dim2"], name="cell_once")
        ]


class Total(models.Model):
    """Cells added up, so that a year of a province is read in thousands of rows and not in hundreds of thousands: each
    agency's months, and the whole province's days and months. Written with the cells, in the same transaction."""

    class Span(models.TextChoices):
        DAY = "d"
        MONTH = "m"  # `day` is its first

    indicator = models.CharField(max_length=90)
    span = models.CharField(max_length=1, choices=Span.choices)
    day = models.DateField()
    agency_id = models.UUIDField(help_text="All ones: the whole province")
    dim1 = models.CharField(max_length=60, blank=True)
    dim2 = models.CharField(max_length=60, blank=True)
    count = models.BigIntegerField(default=0)
    sum = models.BigIntegerField(default=0)
    hist = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        indexes = [models.Index(fields=["indicator", "span", "dim1", "day"], name="total_of_dimension")]
        constraints = [
            models.UniqueConstraint(fields=["indicator", "span", "agency_id", "day", "dim1", "dim2"], name="total_once")
        ]


class Fold(models.Model):
    """How far one indicator has read: position and time of the last entry folded in."""

    indicator = models.CharField(max_length=90, primary_key=True)
    version = models.SmallIntegerField(help_text="Of the declaration the cells were made by")
    position = models.BigIntegerField()
    at = models.DateTimeField(null=True)
