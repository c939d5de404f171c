"""Office hours and exceptional days of agencies; what is not said is inherited from above."""

from __future__ import annotations

from django.db import models
from django.utils.translation import pgettext_lazy

from tinhso.core.ledger.actions import new_id


class OfficeHours(models.Model):
    """Weekly hours of an agency, and of those below it without their own, from a day on."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey("agencies.Agency", models.PROTECT, related_name="office_hours")
    valid_from = models.DateField()
    weekly = models.JSONField(help_text='{"mon": ["07:00-11:30", "13:30-17:00"], …}')

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "valid_from"], name="worktime_hours_once_a_day")]

    def __str__(self) -> str:
        return f"{self.agency_id} {self.valid_from}"


class DayOverride(models.Model):
    """A day that differs from the week and the national holidays: a closure, or a worked Saturday."""

    class Kind(models.TextChoices):
        CLOSED = "closed", pgettext_lazy("working time", "Closed")
        OPEN = "open", pgettext_lazy("working time", "Open")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey("agencies.Agency", models.PROTECT, related_name="day_overrides")
    day = models.DateField()
    kind = models.CharField(max_length=6, choices=Kind.choices)
    hours = models.JSONField(default=list, blank=True, help_text="Hours of an open day; empty: as on a usual day")
    reason = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "day"], name="worktime_override_once_a_day"),
            models.CheckConstraint(
                condition=models.Q(kind="open") | models.Q(hours=[]), name="worktime_closed_has_no_hours"
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="worktime_override_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.kind}"


class Version(models.Model):
    """One row that changes with every change of hours, so that processes notice cheaply."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    version = models.UUIDField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="worktime_one_version")]
