"""Counters for codes that must be unique, and books whose numbers must have no gaps."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tinhso.core.ledger.actions import new_id


class Counter(models.Model):
    """The last value given in a daily sequence. A rolled-back transaction gives its value back."""

    pk = models.CompositePrimaryKey("sequence", "day")
    sequence = models.CharField(max_length=80)
    day = models.DateField()
    value = models.BigIntegerField()


class Book(models.Model):
    """One year of a register of an agency: outgoing documents, appointment slips…"""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey("agencies.Agency", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40, help_text="Which register, e.g. outgoing or appointment_slips")
    year = models.SmallIntegerField()
    name = models.CharField(max_length=120, blank=True, help_text="As people call it; empty: named by its kind")
    last = models.IntegerField(default=0, help_text="The last number given")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "kind", "year"], name="numbering_book_once_a_year"),
            models.CheckConstraint(condition=Q(last__gte=0), name="numbering_book_counts_up"),
        ]

    def __str__(self) -> str:
        return f"{self.name or self.kind} {self.year}"


class Number(models.Model):
    """A number given in a book. It is never removed; a voided one stays with its reason."""

    class State(models.TextChoices):
        USED = "used", _("Used")
        VOIDED = "voided", _("Voided")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    book = models.ForeignKey(Book, models.PROTECT, db_index=False, related_name="numbers")
    value = models.IntegerField()
    state = models.CharField(max_length=6, choices=State.choices, default=State.USED)
    subject_kind = models.CharField(max_length=60)
    subject_id = models.UUIDField(db_index=True)
    reason = models.CharField(max_length=200, blank=True, help_text="Why it was voided")
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["book", "value"], name="numbering_number_once"),
            models.CheckConstraint(condition=Q(value__gte=1), name="numbering_number_from_one"),
            models.CheckConstraint(
                condition=Q(state="used", reason="") | (Q(state="voided") & ~Q(reason="")),
                name="numbering_voided_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return str(self.value)
