"""A joint application for a child, as sentences: `a_joint().accepted().birth_issued()`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from tests.systems.dossiers.builders import MONDAY, by, citizen, staff
from tinhso.core.agencies.models import Role
from tinhso.core.files import actions as files
from tinhso.core.files.queries import read_bytes
from tinhso.core.forms.definition import FormDefinition
from tinhso.core.ledger import loop
from tinhso.core.ledger.actions import Actor
from tinhso.core.letters.fields import LEADER
from tinhso.core.signing.demo import DEMO_PASSPHRASE
from tinhso.core.signing.keys import personal_key
from tinhso.core.signing.pades import sign
from tinhso.systems.dossiers import actions as dossiers
from tinhso.systems.dossiers import jobs
from tinhso.systems.dossiers.intake import application
from tinhso.systems.dossiers.models import Channel, Dossier, Result
from tinhso.systems.linked import actions
from tinhso.systems.linked.queries import opened
from tinhso.systems.procedures import results
from tinhso.systems.procedures.queries import variant_in_force

HOME = {"province": "66", "commune": "24133", "detail": "12 đường Nơ Trang Lơng"}
PLACE = {"province": "66", "commune": "24133"}
SCAN = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF"


def answers(**changed: Any) -> dict[str, Any]:
    """Hoa declares her child, once for everything."""
    hoa = {"full_name": "Nguyễn Thị Hoa", "national_id": "066190000001"}
    given: dict[str, Any] = {
        "relation": "mother",
        "requester": {**hoa, "phone": "0900000001", "address": HOME},
        "child": {
            "full_name": "Nguyễn Gia Bảo",
            "birth_date": "2026-11-02",
            "sex": "male",
            "ethnicity": "Kinh",
            "nationality": "Việt Nam",
        },
        "birth_place": "Bệnh viện Đa khoa vùng Tây Nguyên",
        "home_town": "Đắk Lắk",
        "parents": "mother",
        "own": {"birth_date": "1990-03-08", "ethnicity": "Kinh", "nationality": "Việt Nam"},
        "proof": "data",
        "place": PLACE,
        "home": HOME,
        "home_of": "mother",
        "head_name": "Nguyễn Thị Hoa",
        "clinic": "Trạm Y tế phường",
        "receive": "online",
        "declaration": True,
    }
    return {**given, **changed}


def of_a_death() -> dict[str, Any]:
    """Hoa declares her father's death, once for everything."""
    hoa = {"full_name": "Nguyễn Thị Hoa", "national_id": "066190000001"}
    return {
        "relation": "child",
        "requester": {**hoa, "phone": "0900000001", "address": HOME},
        "deceased": {"full_name": "Nguyễn Văn Cao", "birth_date": "1941-02-03", "sex": "male", "address": HOME},
        "died_on": "2026-11-20",
        "died_at": "Tại nhà",
        "cause": "Tuổi già",
        "proof": "data",
        "place": PLACE,
        "group": "pension",
        "account_holder": "Nguyễn Thị Hoa",
        "account_number": "0123456789",
        "bank": "Agribank",
        "receive": "online",
        "declaration": True,
    }


def follow() -> None:
    """What the ledger's loop does within a second; the jobs it enqueues are run by `a_joint.goes_on`."""
    autodiscover_modules("consumers")
    while loop.round_once():
        pass


class a_joint:  # noqa: N801 - reads as a sentence
    """A joint application on its way, each step an hour later."""

    def __init__(self, at: datetime = MONDAY, code: str = "2.000986") -> None:
        self.at, self.code = at, code
        self.pk: Any = None

    @property
    def row(self) -> Dossier:
        return Dossier.objects.get(pk=self.pk)

    def __getitem__(self, key: str) -> Dossier:
        return opened(self.row)[key]

    def __iter__(self) -> Iterator[str]:
        return iter(opened(self.row))

    def later(self, hours: float = 1) -> datetime:
        self.at += timedelta(hours=hours)
        return self.at

    def submitted(self, papers: bool = False, **changed: Any) -> a_joint:
        account, variant = citizen(), variant_in_force(self.code)
        assert variant is not None
        actor = Actor("account", str(account.pk))
        if papers:
            link = files.store_bytes(SCAN, name="giay-chung-sinh.pdf", by=actor, at=self.at)
            changed = {"proof": "paper", "birth_paper": [str(link.pk)], **changed}
        told = answers(**changed) if self.code == "2.000986" else of_a_death() | changed
        clean = FormDefinition.load(variant.form).validate(told, on=self.at.date())
        given = application(variant, clean, channel=Channel.ONLINE, account=account, counter=None, by=actor, at=self.at)
        self.pk = dossiers.submit(given, by=actor, at=self.at).pk
        return self

    def accepted(self) -> a_joint:
        dossiers.accept(self.row, by=by(Role.RECEPTIONIST), at=self.later(0.5))
        return self.goes_on()

    def goes_on(self) -> a_joint:
        """As the job does that the ledger's consumer enqueues."""
        actions.go_on(self.row, at=self.at)
        return self

    def birth_issued(self, **stated: Any) -> a_joint:
        return self.issued("birth", **stated)

    def issued(self, key: str, **stated: Any) -> a_joint:
        """A part that this house decides: proposed, signed, numbered and sealed."""
        part = self[key]
        content = results.starting_content(part.variant, part.answers) | stated
        result = dossiers.propose(
            part, content=content, signer=staff(Role.LEADER), opinion="", by=by(Role.OFFICER), at=self.later()
        )
        jobs.draft_result(result=str(result.pk), revision=result.revision)
        drafted = Result.objects.get(dossier=part).draft
        assert drafted is not None
        leader = staff(Role.LEADER)
        pdf = sign(
            read_bytes(drafted),
            field=LEADER,
            signer=personal_key(leader.account_id, DEMO_PASSPHRASE),
            at=max(self.later(), timezone.now()),
        )
        link = files.store_bytes(pdf, name="da-ky.pdf", by=by(Role.LEADER), at=self.at)
        files.attach(link, part, by=by(Role.LEADER), at=self.at)
        dossiers.sign(
            part, signer=leader, drafted=drafted, file=link, certificate="1", digest=part.digest(pdf),
            by=by(Role.LEADER), at=self.at,
        )  # fmt: skip
        result = dossiers.number_result(part, by=by(Role.CLERK), at=self.later())
        jobs.seal_and_issue(str(result.pk), by=by(Role.CLERK), at=self.at)
        return self.goes_on()

    def granted(self, key: str, number: str = "000123") -> a_joint:
        """The counter records what the other agency granted."""
        actions.decide(
            self[key], agency="Công an phường", number=number, day=self.later().date(), words="", file=None,
            by=by(Role.RECEPTIONIST), at=self.at,
        )  # fmt: skip
        return self.goes_on()

    def returned(self, *keys: str) -> a_joint:
        for key in keys:
            late = "Chờ cơ quan phối hợp trả lời." if self[key].late_at(self.later()) else ""
            dossiers.return_result(self[key], reason=late, by=by(Role.RECEPTIONIST), at=self.at)
        return self.goes_on()
