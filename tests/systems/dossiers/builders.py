"""Dossiers for tests, as sentences: `a_dossier().submitted().accepted().assigned()`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

from tinhso.core.accounts.models import Account
from tinhso.core.agencies import demo as agencies
from tinhso.core.agencies.models import Role, Staff
from tinhso.core.files import actions as files
from tinhso.core.files.queries import read_bytes
from tinhso.core.forms.definition import FormDefinition
from tinhso.core.ledger.actions import Actor
from tinhso.core.letters.fields import LEADER
from tinhso.core.signing.demo import DEMO_PASSPHRASE
from tinhso.core.signing.keys import personal_key
from tinhso.core.signing.pades import sign
from tinhso.systems.dossiers import actions, jobs
from tinhso.systems.dossiers.intake import application
from tinhso.systems.dossiers.models import Channel, Dossier, Letter, Result
from tinhso.systems.procedures import results
from tinhso.systems.procedures.queries import variant_in_force

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
MONDAY = datetime(2026, 11, 23, 9, tzinfo=ZONE)  # 24 November 2026 is a holiday


def answers(**changed: Any) -> dict[str, Any]:
    """A woman of the commune asks for her own certificate of marital status."""
    given: dict[str, Any] = {
        "relation": "self",
        "requester": {
            "full_name": "Nguyễn Thị Hoa",
            "national_id": "066190000001",
            "phone": "0900000001",
            "address": {"province": "66", "commune": "24133", "detail": "12 đường Nơ Trang Lơng"},
        },
        "own": {"birth_date": "1990-03-08", "sex": "female", "ethnicity": "Kinh", "nationality": "Việt Nam"},
        "status": "never",
        "purpose": "property",
        "earlier_paper": "none",
        "copies": 1,
        "exemption": "none",
        "receive": "online",
        "declaration": True,
    }
    return {**given, **changed}


def staff(role: str) -> Staff:
    """Who holds a role in the demo commune."""
    _province, commune, _sibling = agencies.home()
    return Staff.objects.filter(agency=commune, roles__contains=[role]).select_related("account", "agency").first()  # type: ignore[return-value]


def by(role: str) -> Actor:
    one = staff(role)
    return Actor("account", str(one.account_id), one.agency_id)


def clock(at: datetime) -> Any:
    """Jobs take the time of the machine, which is not the dossier's: for them it is `at`."""
    return mock.patch("django.utils.timezone.now", return_value=at)


def citizen(username: str = "hoa") -> Account:
    return Account.objects.get(username=username)


def newest(dossier: Dossier) -> Result:
    """In force, or being made."""
    assert dossier.result is not None
    return dossier.result


class a_dossier:  # noqa: N801 - reads as a sentence
    """A dossier on its way; `.row` is it as the database has it now. Each step is an hour later."""

    def __init__(self, at: datetime = MONDAY) -> None:
        self.at = at
        self.pk: Any = None

    @property
    def row(self) -> Dossier:
        return Dossier.objects.get(pk=self.pk)

    def later(self, hours: float = 1) -> datetime:
        self.at += timedelta(hours=hours)
        return self.at

    def submitted(self, by_account: Account | None = None, **changed: Any) -> a_dossier:
        account = by_account or citizen()
        variant = variant_in_force("1.004873")
        assert variant is not None
        actor = Actor("account", str(account.pk))
        clean = FormDefinition.load(variant.form).validate(answers(**changed), on=self.at.date())
        given = application(variant, clean, channel=Channel.ONLINE, account=account, counter=None, by=actor, at=self.at)
        self.pk = actions.submit(given, by=actor, at=self.at).pk
        return self

    def accepted(self) -> a_dossier:
        actions.accept(self.row, by=by(Role.RECEPTIONIST), at=self.later(0.5))
        return self

    def refused(self, reason: str = "Tờ khai không thuộc thẩm quyền của phường.") -> a_dossier:
        actions.refuse(self.row, reason=reason, by=by(Role.RECEPTIONIST), at=self.later(0.5))
        return self

    def assigned(self) -> a_dossier:
        actions.assign(self.row, to=staff(Role.OFFICER).account, by=by(Role.UNIT_HEAD), at=self.later(0.5))
        return self

    def proposed(self, opinion: str = "") -> a_dossier:
        row = self.row
        content = results.starting_content(row.variant, row.answers)
        stated = FormDefinition.load(row.variant.result_form).validate(content, on=self.at.date())
        result = actions.propose(
            row, content=stated, signer=staff(Role.LEADER), opinion=opinion, by=by(Role.OFFICER), at=self.later()
        )
        jobs.draft_result(result=str(result.pk), revision=result.revision)
        return self

    def signed(self) -> a_dossier:
        leader, row = staff(Role.LEADER), self.row
        drafted = newest(row).draft
        assert drafted is not None
        key = personal_key(leader.account_id, DEMO_PASSPHRASE)
        pdf = sign(read_bytes(drafted), field=LEADER, signer=key, at=self.later())
        link = files.store_bytes(pdf, name="da-ky.pdf", by=by(Role.LEADER), at=self.at)
        files.attach(link, row, by=by(Role.LEADER), at=self.at)
        actions.sign(
            row, signer=leader, drafted=drafted, file=link, certificate="1", digest=row.digest(pdf),
            by=by(Role.LEADER), at=self.at,
        )  # fmt: skip
        return self

    def issued(self) -> a_dossier:
        result = actions.number_result(self.row, by=by(Role.CLERK), at=self.later())
        with clock(self.at):
            jobs.seal_and_issue(str(result.pk), by=by(Role.CLERK), at=self.at)
        return self

    def returned(self) -> a_dossier:
        self.later()
        if self.row.correct_by is None:
            actions.take_fee(self.row, by=by(Role.RECEPTIONIST), at=self.at)
        reason = "Người ký đi công tác, xin lỗi anh/chị." if self.row.late_at(self.at) else ""
        actions.return_result(self.row, reason=reason, by=by(Role.RECEPTIONIST), at=self.at)
        return self

    def with_letters(self) -> a_dossier:
        """As after the worker has made the letters."""
        for letter in Letter.objects.filter(dossier=self.pk, file=None):
            jobs.make_letter(letter=str(letter.pk))
        return self

    @property
    def result_pdf(self) -> bytes:
        issued = newest(self.row).issued
        assert issued is not None
        return read_bytes(issued)
