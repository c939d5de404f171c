"""One row for everything that can be found, whichever system it belongs to."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models

from tinhso.core.ledger.actions import new_id

VECTOR = SearchVector("folded", config="simple")


class SearchDocument(models.Model):
    """What is found of a subject and who may find it. Follows the subject; not in the ledger."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    agencies = ArrayField(models.UUIDField(), default=list, help_text="Staff of these agencies may find it")
    owners = ArrayField(models.UUIDField(), default=list, help_text="These accounts may find it")
    public = models.BooleanField(default=False, help_text="Everyone may find it")
    title = models.CharField(max_length=300)
    note = models.CharField(max_length=300, blank=True, help_text="A second line in the results")
    folded = models.TextField(help_text="The words of title and text by `fold`")
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "subject_id"], name="search_once_a_subject")]
        indexes = [
            GinIndex(VECTOR, name="search_words"),
            models.Index(fields=["-updated_at", "-id"], name="search_newest"),
        ]

    def __str__(self) -> str:
        return self.title
