"""Every change to a dossier, cut by who does it."""

from .consultation import answer, consult, go_on_without
from .decision import assign, issue, number_result, propose, send_back, sign, take_signature
from .reception import accept, attach_letter, refuse, return_result, take_fee
from .submission import Application, submit, withdraw

__all__ = [
    "Application",
    "accept",
    "answer",
    "assign",
    "attach_letter",
    "consult",
    "go_on_without",
    "issue",
    "number_result",
    "propose",
    "refuse",
    "return_result",
    "send_back",
    "sign",
    "submit",
    "take_fee",
    "take_signature",
    "withdraw",
]
