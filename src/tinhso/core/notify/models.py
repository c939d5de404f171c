"""Notices people read here, and their deliveries elsewhere."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ..ledger.actions import new_id


class Notice(models.Model):
    """One message to one recipient about one entry. The id is made of those, so there is only one."""

    id = models.UUIDField(primary_key=True, editable=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    person = models.ForeignKey("accounts.Person", models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=80)
    subject_kind = models.CharField(max_length=60)
    subject_id = models.UUIDField(db_index=True)
    entry_id = models.UUIDField()
    params = models.JSONField(default=dict, help_text="Codes, numbers and times for the words; no names")
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        indexes = [
            models.Index(fields=["account", "-at", "-id"], condition=Q(account__isnull=False), name="notice_account"),
            models.Index(fields=["person", "-at", "-id"], condition=Q(person__isnull=False), name="notice_person"),
            models.Index(fields=["account"], condition=Q(read_at=None), name="notice_unread_account"),
            models.Index(fields=["person"], condition=Q(read_at=None), name="notice_unread_person"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(account__isnull=False, person=None) | Q(account=None, person__isnull=False),
                name="notice_one_recipient",
            )
        ]


class State(models.TextChoices):
    """How far a delivery is. Only `sent` means that another party took it."""

    WAITING = "waiting", _("Waiting to be sent")
    SENT = "sent", _("Sent")
    NO_ADDRESS = "no_address", _("No address known")
    NOT_CONFIGURED = "not_configured", _("This way of sending is not set up here")
    REFUSED = "refused", _("Refused by the receiving side")
    COLLECTED = "collected", _("Waiting for the summary of the day")
    OFF = "off", _("Turned off by the recipient")


class Digest(models.Model):
    """One mail with the notices of a day to one recipient. The id is made of both, so there is only one a day."""

    id = models.UUIDField(primary_key=True, editable=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    person = models.ForeignKey("accounts.Person", models.CASCADE, null=True, related_name="+")
    day = models.DateField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("summary of the day")
        verbose_name_plural = _("summaries of the day")
        constraints = [
            models.CheckConstraint(
                condition=Q(account__isnull=False, person=None) | Q(account=None, person__isnull=False),
                name="digest_one_recipient",
            )
        ]


class Delivery(models.Model):
    """A notice on its way over a channel, such as e-mail."""

    id = models.UUIDField(primary_key=True, editable=False)
    notice = models.ForeignKey(Notice, models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=20)
    address = models.CharField(max_length=254, blank=True, help_text="Only where it is not the recipient's own")
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    message_id = models.CharField(max_length=200, help_text="The same at every attempt: a receiver can drop doubles")
    digest = models.ForeignKey(Digest, models.SET_NULL, null=True, related_name="deliveries")
    detail = models.CharField(max_length=120, blank=True, help_text="Code the receiving side gave")
    sent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(fields=["notice", "channel"], name="delivery_once_per_channel"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="delivery_state"),
        ]
        indexes = [
            models.Index(fields=["notice"], condition=Q(state="collected"), name="delivery_collected"),
            models.Index(fields=["channel"], condition=Q(state="refused"), name="delivery_refused"),
        ]


class Preference(models.Model):
    """How someone wants to be told: of the person where one is known, so it holds for all their accounts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    person = models.OneToOneField("accounts.Person", models.CASCADE, null=True, related_name="+")
    off = ArrayField(models.CharField(max_length=20), default=list, help_text="Channels turned off")
    digest = models.BooleanField(default=False, help_text="One mail a day instead of one for each notice")
    quiet_from = models.TimeField(null=True, help_text="Empty: as the province has it; equal to the end: never quiet")
    quiet_to = models.TimeField(null=True)

    class Meta:
        verbose_name = _("choice of notifications")
        verbose_name_plural = _("choices of notifications")
        constraints = [
            models.CheckConstraint(
                condition=Q(account__isnull=False, person=None) | Q(account=None, person__isnull=False),
                name="preference_one_holder",
            ),
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_to=None) | Q(quiet_from__isnull=False, quiet_to__isnull=False),
                name="preference_quiet_whole",
            ),
        ]


class Device(models.Model):
    """A browser in which an account turned notifications on (Web Push). Exempt from the ledger, like sessions."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    endpoint = models.CharField(max_length=1000, unique=True, help_text="Address at the browser's push service")
    key = models.CharField(max_length=100, help_text="The browser's public key, base64url")
    secret = models.CharField(max_length=40, help_text="Shared with the browser, RFC 8291, base64url")
    language = models.CharField(max_length=5)
    label = models.CharField(max_length=60, help_text="Firefox · Android")
    added_at = models.DateTimeField()

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")


class KindSetting(models.Model):
    """An administrator's choice of ways out for one kind of notice, instead of the kind's own."""

    kind = models.CharField(max_length=80, primary_key=True)
    channels = ArrayField(models.CharField(max_length=20))
    zalo_template = models.CharField(max_length=20, blank=True, help_text="Number of the text that Zalo approved")

    class Meta:
        verbose_name = _("ways out of a kind of notice")
        verbose_name_plural = _("ways out of kinds of notice")
