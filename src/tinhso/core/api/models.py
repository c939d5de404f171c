"""What makes requests repeatable and bounded. Both kinds of row are swept; neither is in the ledger."""

from __future__ import annotations

from django.db import models


class IdempotencyKey(models.Model):
    """A request that was carried out, with its answer, so that sending it again changes nothing."""

    pk = models.CompositePrimaryKey("owner", "key")
    owner = models.CharField(max_length=80, help_text="Who sent it, as the ledger names actors")
    key = models.CharField(max_length=128)
    digest = models.BinaryField(max_length=32, help_text="SHA-256 of what was sent")
    status = models.SmallIntegerField()
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(db_index=True)


class RateCount(models.Model):
    """Requests of one sender in one minute. The table is unlogged: a crash may forget it."""

    pk = models.CompositePrimaryKey("bucket", "minute")
    bucket = models.BinaryField(max_length=16, help_text="Keyed hash of limit and sender; no address is kept")
    minute = models.BigIntegerField(help_text="Minutes since 1970")
    count = models.IntegerField()
