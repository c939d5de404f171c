"""What procrastinate does not keep: why a job failed, and who let it go.

Its own tables (jobs, events, workers) are read through `procrastinate.contrib.django.models`.
"""

from __future__ import annotations

from django.db import models


class Failure(models.Model):
    """The last failure of a job. Holds the kind of error and its place, never its words (they may name people)."""

    job_id = models.BigIntegerField(primary_key=True)
    job = models.CharField(max_length=128, help_text="Name of the job")
    error = models.CharField(max_length=120, help_text="Class of the error, or the code of a refusal")
    place = models.CharField(max_length=200, blank=True, help_text="Where in our code it happened")
    at = models.DateTimeField()
    skipped_at = models.DateTimeField(null=True, help_text="When a person decided to leave it undone")
