"""Every change of the catalogue."""

from .editing import discard, draft, publish_revision, revise, send_back, send_to_review, withdraw_procedure
from .importing import answer, import_rows
from .publishing import index, publish, withdraw

__all__ = [
    "answer",
    "discard",
    "draft",
    "import_rows",
    "index",
    "publish",
    "publish_revision",
    "revise",
    "send_back",
    "send_to_review",
    "withdraw",
    "withdraw_procedure",
]
