"""A commune's letter through its life: drafted, signed by the leader, numbered, sealed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding

from tinhso.core.letters.fields import LEADER, SEAL
from tinhso.core.letters.render import render
from tinhso.core.signing import form, pades
from tinhso.core.signing.ca import Authority, Issued

AT = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


def letter_data(**changed: Any) -> dict[str, Any]:
    data = {
        "agency": "Ủy ban nhân dân phường Buôn Ma Thuột",
        "token": "0b7c3b1e-6f0c-4c39-9c1e-2b8d5a1f7e11",
        "place": "Buôn Ma Thuột",
        "verify": {"url": "https://example.invalid/kiem-tra/7F3K-92QX", "code": "7F3K-92QX"},
        "requester": {"honorific": "bà", "name": "Nguyễn Thị Hường"},
        "person": {
            "name": "NGUYỄN THỊ HƯỜNG",
            "birth_date": "1998-02-05",
            "gender": "Nữ",
            "ethnicity": "Kinh",
            "nationality": "Việt Nam",
            "id_paper": "Thẻ căn cước, Bộ Công an cấp ngày 12/03/2025",
            "residence": "Phường Buôn Ma Thuột, tỉnh Đắk Lắk",
        },
        "status": "Chưa đăng ký kết hôn với ai",
        "purpose": "đăng ký kết hôn",
        "signer": {
            "lines": ["TM. Ủy ban nhân dân", "KT. Chủ tịch"],
            "title": "Phó Chủ tịch",
            "name": "Trần Thị Mỹ Hương",
        },
    }
    return {**data, **changed}


@dataclass(frozen=True)
class Life:
    """Every version of one letter and who signed."""

    draft: bytes
    signed: bytes
    numbered: bytes
    sealed: bytes
    root: bytes
    leader: Issued
    other_leader: Issued
    agency: Issued


def a_life() -> Life:
    """Keys, certificates and every version of the letter; takes about a second."""
    authority = Authority.make("Cơ quan chứng thực thử nghiệm", at=AT - timedelta(days=60))
    since = AT - timedelta(days=1)
    leader = authority.issue("Trần Thị Mỹ Hương", organisation="UBND phường Buôn Ma Thuột", at=since)
    other = authority.issue("Y Bhăm Ƀuôn Yă", organisation="UBND xã Ea Kao", at=since)
    agency = authority.issue("Ủy ban nhân dân phường Buôn Ma Thuột", at=since)
    draft = render("procedures/marital_status", letter_data(), at=AT)
    signed = pades.sign(draft, field=LEADER, signer=leader.signer, at=AT)
    numbered = form.fill_number_and_date(signed, number="15/UBND-XNTTHN", date=date(2026, 11, 23))
    sealed = pades.sign(numbered, field=SEAL, signer=agency.signer, at=AT + timedelta(minutes=5))
    return Life(draft, signed, numbered, sealed, authority.root.public_bytes(Encoding.PEM), leader, other, agency)
