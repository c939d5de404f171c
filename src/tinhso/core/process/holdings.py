"""What work keeps of a person: the name shown in inbox rows, erased with the subject."""

from __future__ import annotations

from uuid import UUID

from ..accounts.copies import name, treat, whole
from .models import Task


def forget(subject_ids: list[UUID]) -> int:
    """Blank the applicant's name on every task of these subjects."""
    return Task.objects.filter(subject_id__in=subject_ids).exclude(who="").update(who="")


whole("process.definition", "process.fork", "process.drawing")
treat("process.task", plain="subject_kind step kind back code what role closed_by outcome", who=name)
