"""Every change to a dossier, cut by who does it."""

from .consultation import answer, consult, go_on_without
from .correction import ask_correction, decline_correction, grant_correction
from .decision import assign, cancel_result, issue, number_result, propose, send_back, sign, take_signature
from .filters import drop_filter, keep_filter, prefer_filter
from .notes import drop_phrase, keep_phrase, note
from .reception import accept, attach_letter, refuse, return_result, take_fee
from .roads import (
    allow_supplement,
    ask_extension,
    ask_supplement,
    decline_extension,
    extend,
    stop,
    supplement,
    take_back,
    transfer,
    undoable,
)
from .submission import Application, submit, withdraw

__all__ = [
    "Application",
    "accept",
    "allow_supplement",
    "answer",
    "ask_correction",
    "ask_extension",
    "ask_supplement",
    "assign",
    "attach_letter",
    "cancel_result",
    "consult",
    "decline_correction",
    "decline_extension",
    "drop_filter",
    "drop_phrase",
    "extend",
    "go_on_without",
    "grant_correction",
    "issue",
    "keep_filter",
    "keep_phrase",
    "note",
    "number_result",
    "prefer_filter",
    "propose",
    "refuse",
    "return_result",
    "send_back",
    "sign",
    "stop",
    "submit",
    "supplement",
    "take_back",
    "take_fee",
    "take_signature",
    "transfer",
    "undoable",
    "withdraw",
]
