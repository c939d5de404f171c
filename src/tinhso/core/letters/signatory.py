"""Who signs, in the words of NĐ 30/2020, article 13 and annex I, II.7."""

from __future__ import annotations

from typing import Any

from ..agencies.models import Capacity, Kind, Staff


def signatory(staff: Staff) -> dict[str, Any]:
    """The `signer` of a letter's data: `{lines, title, name}`.

    A people's committee decides together, so its chair signs `TM. ỦY BAN NHÂN DÂN`, and a deputy
    `TM. ỦY BAN NHÂN DÂN / KT. CHỦ TỊCH`; a department has one head, for whom others sign.
    """
    collective = staff.agency.kind in (Kind.PROVINCE, Kind.COMMUNE)
    head = "Chủ tịch" if collective else "Giám đốc"
    body = ["TM. Ủy ban nhân dân"] if collective else []
    lines = {
        Capacity.OWN: [],
        Capacity.TM: body,
        Capacity.KT: [*body, f"KT. {head}"],
        Capacity.TL: [f"TL. {head}"],
        Capacity.TUQ: [f"TUQ. {head}"],
    }[Capacity(staff.capacity)]
    return {"lines": lines, "title": staff.title, "name": staff.account.display_name}
