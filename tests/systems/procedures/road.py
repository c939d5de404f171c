"""One procedure from application to verified result, whatever its form asks."""

from __future__ import annotations

import re
import subprocess
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.systems.dossiers.builders import MONDAY, clock

from tinhso.core.accounts.models import Account
from tinhso.core.agencies import demo as agencies
from tinhso.core.agencies.actions import add_staff
from tinhso.core.agencies.models import Agency, Role, Staff
from tinhso.core.files import actions as files
from tinhso.core.files.queries import read_bytes
from tinhso.core.forms.definition import FormDefinition, nested
from tinhso.core.ledger.actions import Actor
from tinhso.core.letters.fields import LEADER
from tinhso.core.signing.demo import DEMO_PASSPHRASE
from tinhso.core.signing.demo import load as keys
from tinhso.core.signing.keys import personal_key
from tinhso.core.signing.pades import sign
from tinhso.systems.dossiers import actions, jobs
from tinhso.systems.dossiers.intake import application
from tinhso.systems.dossiers.models import Channel, Dossier, Result
from tinhso.systems.procedures import actions as catalogue
from tinhso.systems.procedures import results
from tinhso.systems.procedures.models import Flag, NationalRow, Variant

BY = Actor.system("test")
SCAN = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
SAID = {"time": {"amount": 5, "unit": "working_days"}, "fee": {"amount": 20_000}}


def confirm_all(code: str) -> int:
    """An official answers every question that keeps a procedure from being used, by a stated value; how many."""
    answered = 0
    while flag := Flag.objects.filter(row_id=code, blocks=True, answered_at=None).order_by("where").first():
        catalogue.answer(flag, **SAID[flag.where.rpartition(".")[2]], by=BY, at=MONDAY)  # type: ignore[arg-type]
        answered += 1
    return answered


def of_the_province() -> list[str]:
    """Codes of the procedures that the province decides, by the national database."""
    states = [NationalRow.State.USABLE, NationalRow.State.WAITING]
    return list(NationalRow.objects.filter(state__in=states).order_by("code").values_list("code", flat=True))


def staff_the_province() -> None:
    """The committee of the province works with the people of the demo commune, each in the same role."""
    province, commune, _sibling = agencies.home()
    for one in Staff.objects.filter(agency=commune, valid_to=None).select_related("account"):
        add_staff(
            one.account, province, roles=one.roles, title=one.title, capacity=one.capacity, by=BY,
            at=MONDAY - timedelta(days=30),
        )  # fmt: skip
    with clock(MONDAY):
        keys(lambda line: None)


def answers(form: FormDefinition, who: dict[str, Any], *, by: Actor, at: datetime) -> dict[str, Any]:
    """A complete answer to any form; files are stored."""
    given: dict[str, Any] = {}
    for path, question in form.questions.items():
        if not question.applies(given):
            continue
        known = who.get(path.removeprefix("requester."))
        kind = question.kind.input
        if kind == "file":
            link = files.store_bytes(SCAN, name="giay.pdf", by=by, at=at)
            given[path] = [str(link.pk)]
        elif path.endswith(".province"):
            given[path] = "66"
        elif path.endswith(".commune"):
            given[path] = "24133"
        elif known is not None and path.startswith("requester."):
            given[path] = known
        elif question.options:
            given[path] = question.options[0][0]
        elif kind == "confirm":
            given[path] = True
        elif question.schema["type"] == "integer":
            given[path] = 2
        elif question.required or path == "organisation":
            given[path] = f"Đề nghị giải quyết: {question.words}"[:120]
    return nested(given)


@dataclass
class Desk:
    """The officials of one agency, by role."""

    agency: Agency

    def __post_init__(self) -> None:
        found = Staff.objects.filter(agency=self.agency, valid_to=None).select_related("account", "agency")
        self.people = {role: one for one in found for role in one.roles}

    def by(self, role: str) -> Actor:
        return Actor("account", str(self.people[role].account_id), self.agency.pk)

    @cached_property
    def key(self) -> Any:
        return personal_key(self.people[Role.LEADER].account_id, DEMO_PASSPHRASE)


class Road:
    """Desks with their keys loaded once, and the citizen who applies."""

    def __init__(self) -> None:
        province, commune, _sibling = agencies.home()
        self.desks = {one.pk: Desk(one) for one in (province, commune)}
        self.counter = commune
        self.citizen = Account.objects.select_related("person").get(username="hoa")

    def finish(self, variant: Variant, at: datetime = MONDAY) -> tuple[Dossier, bytes]:
        """Filed, accepted, assigned, appraised, signed, numbered and sealed; the dossier and its result."""
        person = self.citizen.person
        assert person is not None
        who = {"full_name": person.full_name, "national_id": "066190000001", "phone": "0900000001"}
        form = FormDefinition.load(variant.form)
        online = "online" in variant.channels
        channel = Channel.ONLINE if online else Channel.COUNTER if "counter" in variant.channels else Channel.POST
        by = Actor("account", str(self.citizen.pk)) if online else self.desks[self.counter.pk].by(Role.RECEPTIONIST)
        clean = form.validate(answers(form, who, by=by, at=at), on=at.date())
        given = application(
            variant, clean, channel=channel, account=self.citizen if online else None,
            counter=None if online else self.counter, by=by, at=at,
        )  # fmt: skip
        dossier = actions.submit(given, by=by, at=at)
        desk, counter = self.desks[dossier.agency_id], self.desks[dossier.receiving_agency_id]
        actions.accept(dossier, by=counter.by(Role.RECEPTIONIST), at=at)
        officer, leader = desk.people[Role.OFFICER], desk.people[Role.LEADER]
        actions.assign(self._row(dossier), to=officer.account, by=desk.by(Role.UNIT_HEAD), at=at)
        row = self._row(dossier)
        stated = FormDefinition.load(variant.result_form).validate(
            results.starting_content(variant, row.answers), on=at.date()
        )
        result = actions.propose(
            row, content=stated, signer=leader, opinion="Đủ điều kiện", by=desk.by(Role.OFFICER), at=at
        )
        jobs.draft_result(result=str(result.pk), revision=result.revision)
        drafted = Result.objects.get(pk=result.pk).draft
        assert drafted is not None
        pdf = sign(read_bytes(drafted), field=LEADER, signer=desk.key, at=at)
        link = files.store_bytes(pdf, name="da-ky.pdf", by=desk.by(Role.LEADER), at=at)
        files.attach(link, row, by=desk.by(Role.LEADER), at=at)
        actions.sign(
            self._row(dossier), signer=leader, drafted=drafted, file=link, certificate="1", digest=row.digest(pdf),
            by=desk.by(Role.LEADER), at=at,
        )  # fmt: skip
        numbered = actions.number_result(self._row(dossier), by=desk.by(Role.CLERK), at=at)
        with clock(at):
            jobs.seal_and_issue(str(numbered.pk), by=desk.by(Role.CLERK), at=at)
        issued = Result.objects.get(pk=numbered.pk).issued
        assert issued is not None
        return self._row(dossier), read_bytes(issued)

    @staticmethod
    def _row(dossier: Dossier) -> Dossier:
        return Dossier.objects.get(pk=dossier.pk)


def words_of(pdf: bytes, folder: Path) -> str:
    """What a reader of the PDF sees, `joined`, without the numbers on top of pages."""
    path = folder / "result.pdf"
    path.write_bytes(pdf)
    said = subprocess.run(["pdftotext", str(path), "-"], check=True, capture_output=True, text=True).stdout
    return joined(re.sub(r"\f\s*\d+\s", "", said))


def joined(text: str) -> str:
    """A text without spaces and invisible marks: lines break anywhere."""
    return "".join(c for c in unicodedata.normalize("NFC", text) if not c.isspace() and unicodedata.category(c) != "Cf")
