"""An answer, which is about nobody, and the reply, which says whose it is."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tinhso.core.accounts.models import Person
from tinhso.core.agencies.models import Agency
from tinhso.core.ledger.actions import new_id
from tinhso.systems.dossiers.models import Dossier


class Way(models.TextChoices):
    """How somebody showed that the dossier is theirs."""

    ACCOUNT = "account", _("By account")
    SLIP = "slip", _("By the appointment slip")


class Answer(models.Model):
    """Marks for an agency in a month. Its key is random: one made in order of time would tell when it was given."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    month = models.DateField(help_text="First day of the month in which the dossier ended")
    way = models.CharField(max_length=10, choices=Way.choices)
    marks = models.JSONField(help_text="question → mark")

    class Meta:
        indexes = [models.Index(fields=["agency", "month"], name="satisfaction_of_month")]
        constraints = [
            models.CheckConstraint(name="satisfaction_way", condition=Q(way__in=Way.values)),
            models.CheckConstraint(name="satisfaction_month_begins", condition=Q(month__day=1)),
        ]


class Reply(models.Model):
    """To which dossier an answer belongs, who gave it, in what words. Read by its writer, and by auditors on record."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dossier = models.OneToOneField(Dossier, models.CASCADE, related_name="+")
    answer = models.OneToOneField(Answer, models.CASCADE, related_name="reply")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", help_text="None: by the slip")
    words = models.TextField(blank=True)
    at = models.DateTimeField(help_text="Given or last changed")
