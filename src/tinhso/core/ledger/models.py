"""Entries, positions, seals and cursors; twice, for the ledger and for the access log.

The tables are made by SQL in the first migration (defaults, triggers), which also gives
entries two columns that only the sequencer reads: `serial` (order of insertion) and `xid`.
"""

from __future__ import annotations

import json
from typing import Any

from django.db import models

from .events import read


class AbstractEntry(models.Model):
    id = models.UUIDField(primary_key=True)
    cause = models.UUIDField()
    event = models.CharField(max_length=80)
    version = models.SmallIntegerField()
    subject_kind = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    actor = models.CharField(max_length=80)
    agency_id = models.UUIDField(null=True)
    at = models.DateTimeField(help_text="When it happened, by the actor's clock")
    recorded_at = models.DateTimeField(help_text="When the database took it in")
    serial = models.BigIntegerField()
    payload = models.TextField(help_text="Canonical bytes; what a seal covers")

    class Meta:
        abstract = True
        managed = False

    @property
    def data(self) -> dict[str, Any]:
        """The event's own fields, in their newest version."""
        return read(self.event, self.version, json.loads(self.payload)["data"])


class AbstractPosition(models.Model):
    position = models.BigIntegerField(primary_key=True)
    leaf = models.BinaryField(help_text="RFC 9162 leaf hash of the entry's payload")

    class Meta:
        abstract = True
        managed = False


class AbstractSeal(models.Model):
    number = models.BigIntegerField(primary_key=True)
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    root = models.BinaryField()
    previous = models.BinaryField(help_text="SHA-256 of the previous seal's body")
    at = models.DateTimeField()
    body = models.TextField(help_text="Canonical bytes that are signed")
    signature = models.BinaryField()

    class Meta:
        abstract = True
        managed = False


class Entry(AbstractEntry):
    class Meta(AbstractEntry.Meta):
        db_table = "ledger_entry"


class Position(AbstractPosition):
    entry = models.OneToOneField(Entry, models.DO_NOTHING)

    class Meta(AbstractPosition.Meta):
        db_table = "ledger_position"


class Seal(AbstractSeal):
    class Meta(AbstractSeal.Meta):
        db_table = "ledger_seal"


class AccessEntry(AbstractEntry):
    """Who looked at whose record."""

    class Meta(AbstractEntry.Meta):
        db_table = "ledger_accessentry"


class AccessPosition(AbstractPosition):
    entry = models.OneToOneField(AccessEntry, models.DO_NOTHING)

    class Meta(AbstractPosition.Meta):
        db_table = "ledger_accessposition"


class AccessSeal(AbstractSeal):
    class Meta(AbstractSeal.Meta):
        db_table = "ledger_accessseal"


class Remark(models.Model):
    """Words that belong to an entry but not into the ledger: a reason, an opinion. Erasable."""

    entry_id = models.UUIDField(primary_key=True)
    subject_id = models.UUIDField(db_index=True)
    words = models.TextField()


class Cursor(models.Model):
    """How far a consumer has read."""

    consumer = models.CharField(max_length=80, primary_key=True)
    position = models.BigIntegerField(default=0)
    error = models.TextField(default="", help_text="Why it stands still; empty while it runs")


class Witness(models.Model):
    """Somebody outside who attests our seals: another agency's install, a mailbox, a time-stamping authority."""

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=20, help_text="As registered in `witnesses`")
    name = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=300, blank=True)
    key = models.CharField(max_length=64, blank=True, help_text="Public key with which it signs, where it does")
    added_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True, help_text="Why it did not answer the last time")


class Testimony(models.Model):
    """What a witness gave for one seal. Kept as given, so that it can be checked again by anyone."""

    witness = models.ForeignKey(Witness, models.PROTECT, related_name="testimonies")
    log = models.CharField(max_length=20)
    number = models.BigIntegerField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the seal's body, hexadecimal")
    at = models.DateTimeField()
    receipt = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(name="testimony_once", fields=["witness", "log", "number", "digest"])]


class Neighbour(models.Model):
    """Another install whose seals we attest."""

    key = models.CharField(max_length=64, primary_key=True, help_text="Public key of its ledger, hexadecimal")
    name = models.CharField(max_length=200)
    added_at = models.DateTimeField()


class Attested(models.Model):
    """A seal of a neighbour, as it was shown to us. Never changed: a second body under one number is the news."""

    neighbour = models.ForeignKey(Neighbour, models.PROTECT, related_name="attested")
    log = models.CharField(max_length=20)
    number = models.BigIntegerField()
    body = models.TextField()
    signature = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="attested_once", fields=["neighbour", "log", "number", "body"])]
