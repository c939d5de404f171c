"""Notices people read here, and their deliveries elsewhere."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


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


class Delivery(models.Model):
    """A notice on its way over a channel, such as e-mail."""

    id = models.UUIDField(primary_key=True, editable=False)
    notice = models.ForeignKey(Notice, models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=20)
    address = models.CharField(max_length=254, blank=True, help_text="Only where it is not the recipient's own")
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    message_id = models.CharField(max_length=200, help_text="The same at every attempt: a receiver can drop doubles")
    detail = models.CharField(max_length=120, blank=True, help_text="Code the receiving side gave")
    sent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(fields=["notice", "channel"], name="delivery_once_per_channel"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="delivery_state"),
        ]
