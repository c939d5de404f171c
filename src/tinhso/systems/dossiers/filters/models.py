"""A filter of the queue under a name."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from tinhso.core.agencies.models import Agency
from tinhso.core.ledger.actions import new_id


class Filter(models.Model):
    """Somebody's own, or shared with their agency. Who begins the desk with it is kept beside it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    look = models.CharField(max_length=400, help_text="As in the address of the desk")
    shared = models.BooleanField(default=False)
    default_of = ArrayField(models.UUIDField(), default=list, help_text="Accounts whose desk begins with it")

    class Meta:
        constraints = [models.UniqueConstraint(name="filter_once", fields=["agency", "owner", "name"])]

    def __str__(self) -> str:
        return self.name
