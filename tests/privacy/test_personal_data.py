"""The sealed record holds nothing about a person; what else holds it can be shown, and erased for real.

One person walks once; the tests look at what was there before and after their data were erased.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone
from psycopg import sql

from tests.house.databases import Copies, Database
from tests.house.province import Province, province_in
from tests.systems.dossiers.builders import staff
from tinhso.core.accounts.actions import erase_person
from tinhso.core.agencies.models import Role
from tinhso.core.files import disk
from tinhso.core.indicators.queries import figure
from tinhso.core.ledger.actions import Actor
from tinhso.core.ledger.tables import LOGS
from tinhso.core.ledger.verify import Finding, verify
from tinhso.core.process.models import Task

from . import canary
from .walk import Walk, settle, walk

SEALED = [table for log in LOGS for table in (log.entry, log.position, log.seal)]


class Lines(logging.Handler):
    """Everything that any part logs, with all it would hand to a formatter."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.getMessage()} {record.__dict__}")


@dataclass
class Sight:
    """All that is kept at one moment, and what people see of it."""

    tables: dict[str, list[str]]  # name → rows, every column as text, bytes as hexadecimal digits
    files: dict[str, bytes]  # path in the data folder → bytes, without the keys
    faults: list[Finding]
    open_dossiers: int  # by the wall's figure
    work: int  # tasks waiting in the one-stop shop and behind it

    def gives_away(self, wanted: dict[str, str]) -> dict[str, set[str]]:
        """Tables and files in which something wanted is found, and what."""
        places = {name: "\n".join(rows) for name, rows in self.tables.items()}
        places |= {path: f"{path}\n{data.decode('utf-8', 'replace')}" for path, data in self.files.items()}
        return {place: found for place, text in places.items() if (found := canary.found(text, wanted))}


@dataclass
class Story:
    """What was there before the person was erased, and what after."""

    walk: Walk
    before: Sight
    after: Sight
    logged: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def story(
    _province: Province, copies: Copies, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Story]:
    lines = Lines()
    logging.getLogger().addHandler(lines)
    with province_in(tmp_path_factory.mktemp("privacy"), _province, copies, django_db_blocker) as database:
        try:
            walked = walk()
            before = look(database)
            erase_person(walked.person, by=Actor.system("tests"), at=timezone.now())
            settle()
            yield Story(walked, before, look(database), lines.lines)
        finally:
            logging.getLogger().removeHandler(lines)


def look(database: Database) -> Sight:
    with database.connect() as raw:
        names = raw.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        tables = {
            name: [row for (row,) in raw.execute(sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(name)))]
            for (name,) in names
        }
    tables["django_session"] = [str(one.get_decoded()) for one in Session.objects.all()]  # they are packed
    root = Path(settings.TINHSO.data_dir)
    files = {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and path.relative_to(root).parts[0] != "keys"
    }
    today = timezone.localdate()
    stock = figure("dossiers.open", since=today, until=today + timedelta(days=1), agency=staff(Role.CLERK).agency_id)
    waiting = Task.objects.filter(closed_at=None).count()
    return Sight(tables, files, verify(root / "ledger-roots.jsonl"), stock.value, waiting)


@pytest.fixture(scope="module")
def wanted(story: Story) -> dict[str, str]:
    """The canaries and the hashes of every file, in every disguise."""
    traces = canary.traces()
    for data in story.walk.stored.values():
        traces |= canary.traces_of_file(data)
    return traces


def test_the_search_finds_what_it_looks_for_where_it_belongs(story: Story, wanted: dict[str, str]) -> None:
    """Else a silent search would prove nothing."""
    places = story.before.gives_away(wanted)
    assert {"dossiers_dossier", "accounts_person", "forms_draft", "ledger_remark", "files_filelink"} <= set(places)
    assert {"search_searchdocument", "process_task", "files_storedfile"} <= set(places)
    found = " ".join(one for place in places.values() for one in place)
    never_kept = {canary.MISTYPED}
    encrypted_then_typed = {canary.NEW_PHONE}
    assert [one for one in canary.ALL if repr(one) not in found and one not in never_kept | encrypted_then_typed] == []
    assert len(story.walk.stored) >= 8


@pytest.mark.parametrize("table", SEALED)
def test_the_sealed_record_holds_no_personal_data(story: Story, wanted: dict[str, str], table: str) -> None:
    for sight in (story.before, story.after):
        assert sight.tables[table]
        assert canary.found("\n".join(sight.tables[table]), wanted) == set()


def test_the_roots_kept_elsewhere_and_the_logs_hold_none_either(story: Story, wanted: dict[str, str]) -> None:
    assert canary.found(story.after.files["ledger-roots.jsonl"].decode(), wanted) == set()
    assert story.logged
    assert canary.found("\n".join(story.logged), wanted) == set()


def test_erasing_a_person_leaves_no_trace_in_any_table_or_file(story: Story) -> None:
    assert story.after.gives_away(canary.traces()) == {}


def test_the_bytes_of_an_erased_person_are_gone_from_the_disk(story: Story) -> None:
    kept = {Path(path).name for path in story.before.files}
    assert set(story.walk.stored) <= kept
    assert set(story.walk.stored) & {Path(path).name for path in story.after.files} == set()
    assert not any(disk.place_of(sha256).exists() for sha256 in story.walk.stored)


def test_every_seal_stays_valid_and_no_entry_is_touched(story: Story) -> None:
    assert story.before.faults == story.after.faults == []
    for table in SEALED:
        assert set(story.before.tables[table]) <= set(story.after.tables[table])
    assert any("dossiers.erased" in row for row in story.after.tables["ledger_entry"])


def test_a_dossier_erased_while_open_leaves_no_work_and_no_figure(story: Story) -> None:
    assert (story.before.open_dossiers, story.before.work) == (1, 1)
    assert (story.after.open_dossiers, story.after.work) == (0, 0)


def test_a_person_is_shown_their_dossiers_and_who_looked_at_them(story: Story) -> None:
    page, walked = story.walk.shown, story.walk
    for dossier in walked.dossiers:
        assert dossier.code in page
    seen = page[page.index('id="seen"') :]
    agency = staff(Role.RECEPTIONIST).agency
    assert f"{agency.name} đã mở hồ sơ của anh/chị" in seen
    assert f"{agency.name} đã đọc một giấy tờ của anh/chị" in seen
    assert seen.count("đã đọc một giấy tờ") == 1  # the person's own reading is not told to them
    assert canary.NATIONAL_ID not in page  # masked on the page, whole in the file they take away


def test_a_person_takes_away_everything_in_one_file(story: Story) -> None:
    exported = story.walk.exported
    assert exported["accounts"]["profile"]["national_id"] == canary.NATIONAL_ID
    assert [one["answers"]["former_residences"] for one in exported["dossiers"]] == [canary.RESIDENCE] * 4
    assert exported["dossiers"][0]["papers"]
    assert exported["forms"][0]["answers"]["purpose_other"] == canary.PURPOSE
    assert {one["kind"] for one in exported["notify"]["notices"]} >= {"dossiers.submitted", "dossiers.returned"}
