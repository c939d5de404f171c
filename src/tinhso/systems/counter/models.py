"""A scan, a list of paper files that change hands, a receptionist's day, and who acts for an applicant."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tinhso.core.accounts.models import Person
from tinhso.core.agencies.models import Agency
from tinhso.core.files.models import FileLink
from tinhso.core.ledger.actions import new_id
from tinhso.core.numbering.models import Number
from tinhso.systems.dossiers.models import Dossier


class Scan(models.Model):
    """Pages of one paper in their order; once made, the PDF/A they became. Exempt from the ledger, as drafts are:
    what it becomes a part of (a dossier) records it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    official = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", help_text="Whose counter digitises it")
    draft = models.UUIDField(null=True, help_text="The application it is for, while that is typed")
    question = models.CharField(max_length=120, blank=True, help_text="At which question of the draft it stands")
    dossier = models.ForeignKey(
        Dossier, models.CASCADE, null=True, related_name="scans", help_text="Or handed in before"
    )
    name = models.CharField(max_length=300, help_text="What paper it is")
    pages = models.JSONField(default=list, help_text="[[id of a page's picture, degrees clockwise], …]")
    file = models.OneToOneField(FileLink, models.CASCADE, null=True, related_name="scan", help_text="The PDF/A")
    reading = models.BooleanField(default=False, help_text="Its text is being read; it is signed after that")
    begun_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["official", "begun_at"], name="scan_unsigned", condition=Q(signed_at=None)),
            models.Index(fields=["draft"], name="scan_of_draft", condition=Q(draft__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(name="scan_of_one", condition=Q(draft=None) ^ Q(dossier=None)),
            models.CheckConstraint(name="scan_made", condition=Q(made_at=None) | Q(file__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name


class PaperFile(models.Model):
    """The paper file of a dossier, and who holds it. What is on its way is held by its giver until it is received."""

    dossier = models.OneToOneField(Dossier, models.CASCADE, primary_key=True, related_name="paper_file")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    official = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    since = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["official", "since"], name="paper_file_held")]


class HandOver(models.Model):
    """A numbered list of paper files that one official gives to an agency, or to one colleague."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.OneToOneField(Number, models.PROTECT, related_name="+")
    giver = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", help_text="Which gives")
    to = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    receiver = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", help_text="None: anybody there"
    )
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["agency", "-at"], name="hand_over_given"),
            models.Index(fields=["to", "-at"], name="hand_over_coming"),
        ]

    def __str__(self) -> str:
        return f"{self.number.value}"


class Item(models.Model):
    """One paper file on a list. Until it is received or taken back it is on its way."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    hand_over = models.ForeignKey(HandOver, models.CASCADE, related_name="items")
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="hand_overs")
    received_at = models.DateTimeField(null=True)
    received_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["dossier", "-id"], name="item_of_dossier")]
        constraints = [
            models.UniqueConstraint(
                name="item_on_one_way", fields=["dossier"], condition=Q(received_at=None, taken_back_at=None)
            ),
            models.CheckConstraint(name="item_ends_once", condition=Q(received_at=None) | Q(taken_back_at=None)),
            models.CheckConstraint(
                name="item_received_by",
                condition=Q(received_at=None, received_by=None)
                | Q(received_at__isnull=False, received_by__isnull=False),
            ),
        ]


class Tally(models.Model):
    """What an official did at the counter on a day, folded from the ledger."""

    official = models.UUIDField()
    day = models.DateField()
    received = models.PositiveIntegerField(default=0)
    returned = models.PositiveIntegerField(default=0)
    receipts = models.PositiveIntegerField(default=0)
    taken = models.PositiveBigIntegerField(default=0, help_text="In đồng")

    class Meta:
        constraints = [models.UniqueConstraint(name="tally_once", fields=["official", "day"])]


class Day(models.Model):
    """What a receptionist did on a day, as it stood when they closed it, and the colleague who took it over."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    official = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    day = models.DateField()
    received = models.PositiveIntegerField()
    returned = models.PositiveIntegerField()
    receipts = models.PositiveIntegerField()
    taken = models.PositiveBigIntegerField(help_text="In đồng")
    held = models.PositiveIntegerField(help_text="Paper files in their hands")
    note = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()
    receiver = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    received_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="day_closed_once", fields=["agency", "official", "day"]),
            models.CheckConstraint(
                name="day_taken_over",
                condition=Q(receiver=None, received_at=None) | Q(receiver__isnull=False, received_at__isnull=False),
            ),
        ]


class Relation(models.TextChoices):
    """What whoever stands there is to the applicant."""

    PARENT = "parent", _("Parent of the applicant, who is a child")
    GUARDIAN = "guardian", _("Guardian")
    RELATIVE = "relative", _("Relative, for somebody who depends on them")
    AUTHORISED = "authorised", _("Authorised")


class Representative(models.Model):
    """Who hands a dossier in for its applicant, and may be given the result."""

    dossier = models.OneToOneField(Dossier, models.CASCADE, primary_key=True, related_name="representative")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    relation = models.CharField(max_length=10, choices=Relation.choices)
    authorisation = models.CharField(max_length=200, blank=True, help_text="Number, day, who certified it")
    until = models.DateField(null=True, help_text="Last day it holds")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="representative_relation", condition=Q(relation__in=Relation.values)),
            models.CheckConstraint(
                name="representative_authorised", condition=~Q(relation="authorised") | ~Q(authorisation="")
            ),
        ]
