"""Telephone numbers: where a recipient is reached, and how little of a number a log shows."""

from __future__ import annotations

import re

from ..models import Notice

_MOBILE = re.compile(r"(?:\+?84|0)([35789]\d{8})\Z")


def phone_of(notice: Notice) -> str:
    """The recipient's own number as people write it, `0905123456`; empty where none is known or it is no mobile."""
    if notice.account is not None:
        person = notice.account.person
        found = notice.account.phone or (person.phone if person else "")
    else:
        assert notice.person is not None
        known = notice.person.accounts.exclude(phone="").order_by("created_at").values_list("phone", flat=True)
        found = notice.person.phone or known.first() or ""
    national = mobile(found)
    return f"0{national}" if national else ""


def mobile(number: str) -> str:
    """The nine digits after 0 or +84 of a Vietnamese mobile number; empty for anything else."""
    match = _MOBILE.match(re.sub(r"[\s.()-]", "", number))
    return match[1] if match else ""


def masked(number: str) -> str:
    """`0905123456` → `09•••••456`."""
    return f"{number[:2]}•••••{number[-3:]}" if len(number) >= 8 else "•••"
