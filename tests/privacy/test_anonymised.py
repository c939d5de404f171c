"""A copy of the install for training holds the structure and the figures, and nothing about anybody."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client
from django.utils import timezone

from tests.house.databases import Copies, Database
from tests.house.province import Province, _using, province_in
from tests.systems.dossiers.test_takeover import rows
from tests.systems.dossiers.test_takeover_page import early
from tinhso.cli import anonymise, safety
from tinhso.cli.install import Stop
from tinhso.config.config import Mode
from tinhso.core.accounts import copies as declared
from tinhso.core.accounts.models import Account, AccountKind, Person
from tinhso.core.agencies.models import Role, Staff
from tinhso.core.ledger.verify import verify
from tinhso.systems.dossiers.models import Dossier
from tinhso.systems.dossiers.takeover.taking import take_all

from . import canary
from .test_personal_data import Sight, look
from .walk import BY, Walk, settle, walk


@dataclass
class Made:
    """A walk, what was there, and the copy of it with what it held before anybody worked in it."""

    walked: Walk
    before: Sight
    after: Sight
    database: Database
    data: Path
    password: str


@pytest.fixture(scope="module")
def made(
    _province: Province, copies: Copies, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Made]:
    folder = tmp_path_factory.mktemp("copied")
    with province_in(folder, _province, copies, django_db_blocker) as database:
        walked = walk()
        _an_old_dossier()
        settle()
        before, target = look(database), copies.take()
        copy = settings.TINHSO.model_copy(update={"data_dir": folder / "copy"})
        copy.data_dir.mkdir(mode=0o700)
        with database.connect() as source, target.connect() as into:
            password = anonymise.make_copy(source, into, settings.TINHSO, copy, lambda line: None)
    with _using(target.name, copy.data_dir, django_db_blocker):
        after = look(target)
    yield Made(walked, before, after, target, copy.data_dir, password)
    copies.used.put(target.name)


def _an_old_dossier() -> None:
    history = [{"at": "02/06/2025 09:00", "what": canary.REFUSED, "who": canary.NAME, "words": canary.OPINION}]
    one = early(applicant_name=canary.NAME, phone=canary.PHONE, national_id=canary.NATIONAL_ID, history=history)
    outcome = take_all(rows({**one, "old_id": canary.USERNAME}), by=BY, at=timezone.now())
    assert outcome.taken == 1, outcome


@pytest.fixture
def inside(made: Made, django_db_blocker: Any) -> Iterator[Made]:
    """Django on the copy."""
    with _using(made.database.name, made.data, django_db_blocker):
        yield made


def test_nothing_personal_is_left_in_any_table_or_file(inside: Made) -> None:
    wanted = canary.traces()
    for data in inside.walked.stored.values():
        wanted |= canary.traces_of_file(data)
    assert inside.before.gives_away(wanted)  # the search finds what it looks for
    assert inside.after.gives_away(wanted) == {}


def test_structure_and_figures_are_those_of_the_install(inside: Made) -> None:
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        if not declared.treatment_of(model._meta.label_lower).empty:
            assert len(inside.after.tables[table]) == len(inside.before.tables[table]), table
    assert inside.after.open_dossiers == inside.before.open_dossiers
    assert inside.after.work == inside.before.work
    person = Person.objects.get(pk=inside.walked.person.pk)
    assert (person.sex, person.birth_date.year if person.birth_date else 0) == ("female", 1990)
    assert person.national_id[3:6] == "190"
    dossier = Dossier.objects.filter(applicant=person).first()
    assert dossier is not None
    assert dossier.applicant_name == person.full_name
    assert dossier.answers["status"] == "never"


def test_every_seal_is_valid_and_the_record_goes_on(inside: Made) -> None:
    assert verify(inside.data / "ledger-roots.jsonl") == []
    assert (inside.data / "keys" / "ledger-seal").read_bytes() != (
        inside.data.parent / "data" / "keys" / "ledger-seal"
    ).read_bytes()


def test_an_official_signs_in_with_the_password_of_the_copy_and_works(inside: Made) -> None:
    account = Staff.objects.filter(roles__contains=[Role.RECEPTIONIST]).first().account
    browser = Client()
    answer = browser.post("/dang-nhap/", {"login": account.username, "password": inside.password})
    assert answer.status_code == 302
    assert browser.get("/ban-lam-viec/").status_code == 200
    assert Account.objects.filter(kind=AccountKind.OFFICIAL, username__startswith="nd-").exists()


def test_a_copy_is_marked_and_production_refuses_it(inside: Made, tmp_path: Path) -> None:
    (tmp_path / "anonymised_copy.json").write_text("{}")
    changed = {"data_dir": tmp_path, "mode": Mode.PRODUCTION, "database_url": inside.database.url()}
    config = settings.TINHSO.model_copy(update=changed)
    assert any("anonymised copy" in fault for fault in safety.unsafe_settings(config))
    assert any("anonymised copy" in fault for fault in safety.database_faults(config))
    assert safety.is_copy(config.database_url)


def test_every_table_and_column_of_words_is_declared() -> None:
    assert list(declared.undeclared()) == []


def test_a_model_that_nobody_declared_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(declared._TREATMENTS, "dossiers.letter")
    person = declared.treatment_of("accounts.person")
    without = {column: how for column, how in person.replaced.items() if column != "address"}
    changed = declared.Treatment(plain=person.plain, replaced=without)
    monkeypatch.setitem(declared._TREATMENTS, "accounts.person", changed)
    assert set(declared.undeclared()) == {"dossiers.letter", "accounts.person.address"}


def test_it_never_works_in_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    config = settings.TINHSO.model_copy(update={"data_dir": tmp_path / "data"})
    monkeypatch.setattr(anonymise, "install", contextmanager(lambda: (yield config)))
    (tmp_path / "data").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").touch()
    for folder in (tmp_path / "data", tmp_path / "data" / "copy", tmp_path, tmp_path / "other"):
        with pytest.raises(Stop):
            anonymise.anonymise(Namespace(folder=folder))
