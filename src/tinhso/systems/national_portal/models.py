"""What waits to be told, what the portal knows, what came from it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tinhso.core.agencies.models import Agency
from tinhso.core.ledger.actions import new_id
from tinhso.systems.dossiers.models import Dossier


class Call(models.TextChoices):
    """The portal's names of its services; of one entry the dossier goes before the step."""

    DOSSIER = "DongBoHoSoMC", _("Dossier")
    STEP = "CapNhatTienDoHoSoMC", _("Progress")


class State(models.TextChoices):
    WAITING = "waiting", _("Waiting to be sent")
    SENT = "sent", _("Taken by the portal")
    REJECTED = "rejected", _("Refused by the portal")
    SKIPPED = "skipped", _("Left out by an official")


class Item(models.Model):
    """One entry of the ledger to be told by one call. The id is made of both, so there is only one. No personal data
    but what the portal may quote in its reason. Deliveries are exempt from the ledger; it goes with its dossier."""

    id = models.UUIDField(primary_key=True, editable=False)
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="+")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", help_text="Competent at that entry")
    entry_id = models.UUIDField()
    event = models.CharField(max_length=80)
    call = models.CharField(max_length=24, choices=Call.choices)
    order = models.BigIntegerField(help_text="Twice the entry's position in the ledger, one more for the step")
    at = models.DateTimeField(help_text="Of the entry")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    tries = models.PositiveIntegerField(default=0, help_text="How often it was answered or not")
    tried_at = models.DateTimeField(null=True)
    code = models.CharField(max_length=20, blank=True, help_text="error_code of a refusal, or the HTTP status")
    field = models.CharField(max_length=120, blank=True, help_text="Which the portal named")
    reason = models.CharField(max_length=500, blank=True, help_text="In the portal's words")

    class Meta:
        verbose_name = _("item for the national portal")
        verbose_name_plural = _("items for the national portal")
        constraints = [
            models.CheckConstraint(name="portal_item_state", condition=Q(state__in=State.values)),
            models.CheckConstraint(name="portal_item_call", condition=Q(call__in=Call.values)),
        ]
        indexes = [
            models.Index(fields=["order"], name="portal_item_waiting", condition=Q(state="waiting")),
            models.Index(fields=["dossier"], name="portal_item_rejected", condition=Q(state="rejected")),
            models.Index(fields=["tried_at"], name="portal_item_sent", condition=Q(state="sent")),
        ]


class Told(models.Model):
    """A dossier that the portal has; what comes next of it is an update. Outlives the items, which are kept a while."""

    dossier = models.OneToOneField(Dossier, models.CASCADE, primary_key=True, related_name="+")
    at = models.DateTimeField()


class Link(models.Model):
    """The one row about the connection: from when on we tell, and how it is just now."""

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    since = models.DateTimeField(null=True, help_text="Entries from then on are told; empty: nothing is")
    tries = models.PositiveIntegerField(default=0, help_text="In a row without an answer")
    again_at = models.DateTimeField(null=True, help_text="When it is tried next; empty: it answers")
    away_since = models.DateTimeField(null=True)
    fault = models.CharField(max_length=60, blank=True, help_text="Kind of the last failure, for machines")
    success_at = models.DateTimeField(null=True, help_text="When it last took something")
    fetched_at = models.DateTimeField(null=True, help_text="When it was last asked for applications")
    catalogue_at = models.DateTimeField(null=True, help_text="When its catalogue was last read to the end")
    catalogue = models.JSONField(default=dict, help_text="Counts of that reading")

    class Meta:
        constraints = [models.CheckConstraint(name="portal_one_link", condition=Q(id=1))]


class Application(models.Model):
    """What somebody handed in at the portal, once by its number there, and what became of it here."""

    class Outcome(models.TextChoices):
        TAKEN = "taken", _("Became a dossier")
        REFUSED = "refused", _("Could not become a dossier")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=60, unique=True, help_text="MaHoSo at the portal")
    procedure = models.CharField(max_length=40)
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, related_name="+", help_text="That received it")
    dossier = models.OneToOneField(Dossier, models.SET_NULL, null=True, related_name="+")
    handed_in_at = models.DateTimeField(help_text="By the portal's clock")
    at = models.DateTimeField(help_text="When it was last looked at here")
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    field = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=500, blank=True, help_text="Why not, as the portal is told")
    answered_at = models.DateTimeField(null=True, help_text="When the portal took our answer")

    class Meta:
        verbose_name = _("application from the national portal")
        verbose_name_plural = _("applications from the national portal")
        constraints = [
            models.CheckConstraint(name="portal_application_outcome", condition=Q(outcome__in=["taken", "refused"]))
        ]
        indexes = [
            models.Index(fields=["-at"], name="portal_application_refused", condition=Q(outcome="refused")),
            models.Index(fields=["at"], name="portal_application_unsaid", condition=Q(answered_at=None)),
        ]
