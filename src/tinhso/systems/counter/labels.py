"""Labels for paper files, and the list that goes with them, as data of their templates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from tinhso.core.accounts.models import Account
from tinhso.core.letters.masthead import head
from tinhso.core.letters.render import qr
from tinhso.systems.dossiers.models import Dossier

from . import hand_overs
from .models import HandOver

SIZES = {"70x35": (70, 35), "50x30": (50, 30), "100x50": (100, 50)}  # millimetres: rolls of label printers


def data(dossiers: Sequence[Dossier], size: str) -> dict[str, Any]:
    """Of `counter/label`. The code says the dossier's code alone, in letters that UniKey leaves as they are."""
    width, height = SIZES.get(size, SIZES["70x35"])
    return {
        "width": width,
        "height": height,
        "labels": [
            {
                "code": one.code,
                "qr": qr(one.code),
                "applicant": one.applicant_name,
                "procedure": one.procedure_name,
                "due": f"Hẹn trả {timezone.localtime(one.due_at):%H:%M %d/%m/%Y}" if one.due_at else "Chưa hẹn trả",
                "agency": one.agency.short_name,
            }
            for one in dossiers
        ],
    }


def list_data(given: HandOver, *, by: Account, at: datetime) -> dict[str, Any]:
    """Of `counter/hand_over`: who gives what to whom, who has received what, and two places to sign by hand."""
    items = list(given.items.select_related("dossier", "received_by").order_by("pk"))
    return {
        **head(given.agency),
        "number": f"{given.number.value}/BGHS",
        "date": f"{timezone.localtime(given.at):%Y-%m-%d}",
        "title": "Danh sách bàn giao hồ sơ giấy",
        "code": hand_overs.code_of(given),
        "list_qr": qr(hand_overs.code_of(given)),
        "giver": given.giver.display_name,
        "giving": given.agency.name,
        "receiver": given.receiver.display_name if given.receiver else "",
        "receiving": given.to.name,
        "rows": [
            {
                "code": item.dossier.code,
                "qr": qr(item.dossier.code),
                "applicant": item.dossier.applicant_name,
                "procedure": item.dossier.procedure_name,
                "due": moment(item.dossier.due_at),
                "received": _received(item),
            }
            for item in items
        ],
        "made": moment(at),
        "by": by.display_name,
    }


def _received(item: Any) -> str:
    if item.taken_back_at:
        return f"Lấy lại {moment(item.taken_back_at)}"
    return f"{item.received_by.display_name}, {moment(item.received_at)}" if item.received_by else ""


def moment(at: datetime | None) -> str:
    """09:30 23/11/2026; empty for none."""
    return f"{timezone.localtime(at):%H:%M %d/%m/%Y}" if at else ""
