"""Every change of the catalogue."""

from .editing import (
    bring_back,
    discard,
    draft,
    publish_revision,
    redesign,
    revise,
    send_back,
    send_to_review,
    undo,
    withdraw_procedure,
)
from .importing import answer, import_rows, see
from .publishing import index, publish, withdraw

__all__ = [
    "answer",
    "bring_back",
    "discard",
    "draft",
    "import_rows",
    "index",
    "publish",
    "publish_revision",
    "redesign",
    "revise",
    "see",
    "send_back",
    "send_to_review",
    "undo",
    "withdraw",
    "withdraw_procedure",
]
