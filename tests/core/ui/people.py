"""People for tests of pages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from tinhso.core.accounts.models import Account, AccountKind
from tinhso.core.agencies.models import Agency, Kind, Staff
from tinhso.core.ledger.actions import new_id

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def an_account(kind: str, name: str) -> Account:
    return Account.objects.create(
        username=uuid4().hex[:12], kind=kind, display_name=name, created_at=LONG_AGO, password="!"
    )


def a_citizen(name: str = "Nguyễn Thị Hồng Ánh") -> Account:
    return an_account(AccountKind.CITIZEN, name)


def an_official(
    *roles: str, account: Any = None, agency_name: str = "Phường Buôn Ma Thuột", name: str = "Trần Văn Minh"
) -> Staff:
    """A post with these roles in an agency of its own."""
    pk = new_id()
    agency = Agency.objects.create(
        pk=pk, code=f"H15.{pk.hex[-6:].upper()}", name=agency_name, short_name=agency_name, kind=Kind.COMMUNE,
        path=[pk], valid_from=LONG_AGO,
    )  # fmt: skip
    account = account or an_account(AccountKind.OFFICIAL, name)
    after = Staff.objects.filter(account=account).count()
    return Staff.objects.create(
        account=account, agency=agency, roles=list(roles), title="Chuyên viên",
        valid_from=LONG_AGO.replace(day=1 + after),
    )  # fmt: skip
