"""Constructed people who hand something in at the portal; nobody real is meant."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .portal import Portal

VIETNAM = timezone(timedelta(hours=7))
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)


def paper(name: str) -> bytes:
    """The bytes of a constructed paper, the same for the same name."""
    return PDF + f"% {name}\n".encode()


def application(portal: Portal, procedure: str) -> dict[str, Any]:
    """A woman of phường Buôn Ma Thuột applies for her certificate of marital status (1.004873), with the
    certificate she had before; each time another."""
    number = len(portal.applications) + 1
    now = datetime.now(UTC).astimezone(VIETNAM)
    ident = f"066195{number:06}"
    file = f"giay-{now:%Y%m%d}-{number}"
    name = f"Trần Thị Quốc Gia {chr(ord('A') + number % 26)}"
    return {
        "MaHoSoQuocGia": f"G22.99-{now:%y%m%d}-{number:06}",
        "MaTTHC": procedure,
        "TruongHop": "",
        "MaDonVi": "H15.24133",
        "NgayNopHoSo": f"{now:%Y%m%d%H%M%S}",
        "ChuHoSo": name,
        "DinhDanhCHS": {"LoaiDinhDanh": "1", "SoDinhDanh": ident},
        "DuLieuToKhai": {
            "relation": "self",
            "requester": {
                "full_name": name,
                "national_id": ident,
                "phone": f"0911{number:06}",
                "address": {"province": "66", "commune": "24133", "detail": f"{number} đường Y Jút"},
            },
            "own": {"birth_date": "1995-06-01", "sex": "female", "ethnicity": "Kinh", "nationality": "Việt Nam"},
            "status": "never",
            "purpose": "property",
            "earlier_paper": "returned",
            "copies": 1,
            "exemption": "none",
            "receive": "online",
            "declaration": True,
        },
        "TaiLieuNop": [
            {
                "TepDinhKemId": file,
                "TenTepDinhKem": "giay-da-cap.pdf",
                "MaThanhPhanHoSo": "evidence",
                "DuongDanTaiTepTin": f"/tep/{file}",
                "MaBam": hashlib.sha256(paper(file)).hexdigest(),
            }
        ],
    }
