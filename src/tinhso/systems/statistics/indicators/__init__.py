"""The figures of statistics, and the same counted from the rows."""

from . import recounts
from .declared import (
    BUCKETS,
    DECIDED,
    What,
    course,
    in_hand,
    late_at,
    of_officers,
    of_procedures,
    overdue,
    worked,
    worked_of_procedures,
)

__all__ = [
    "BUCKETS",
    "DECIDED",
    "What",
    "course",
    "in_hand",
    "late_at",
    "of_officers",
    "of_procedures",
    "overdue",
    "recounts",
    "worked",
    "worked_of_procedures",
]
