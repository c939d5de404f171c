"""The verbs of documents."""

from .assigning import direct, file_away, finish, hand_down, report
from .drafting import draft, drop, pass_on, revise, send_back, submit
from .issuing import attach_draft, issue, number, sign
from .receiving import receive, refuse, register

__all__ = [
    "attach_draft",
    "direct",
    "draft",
    "drop",
    "file_away",
    "finish",
    "hand_down",
    "issue",
    "number",
    "pass_on",
    "receive",
    "refuse",
    "register",
    "report",
    "revise",
    "send_back",
    "sign",
    "submit",
]
