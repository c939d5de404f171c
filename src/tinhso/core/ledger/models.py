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
