"""Seals lost by a restore are excused where the ledger itself declares the restore, and nowhere else."""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from tinhso.core.ledger import loop, restored, seals, verify
from tinhso.core.ledger.actions import new_id

from .builders import AT, BY, count_to


@pytest.fixture
def set_back(db: Any, tmp_path: Path) -> Path:
    """Three seals, of which a restore has lost the last two; returns the roots kept elsewhere."""
    for _ in range(3):
        count_to(5)
        loop.seal_now()
    kept = Path(shutil.copy(seals.roots_file(), tmp_path / "elsewhere.jsonl"))
    with db.connect() as superuser:  # as a restore leaves it
        superuser.execute("SET session_replication_role = replica")
        superuser.execute("DELETE FROM ledger_entry e USING ledger_position p WHERE entry_id = e.id AND position > 5")
        superuser.execute("DELETE FROM ledger_position WHERE position > 5")
        superuser.execute("DELETE FROM ledger_seal WHERE number > 1")
        superuser.execute("UPDATE ledger_horizon SET serial = 5 WHERE log = 'ledger'")
    return kept


def declare(at: datetime | None = None) -> None:
    restored.declare(new_id(), to=AT, by=BY, at=at or timezone.now())


def whats(against: Path) -> list[str]:
    return [finding.what for finding in verify.verify(against)]


def test_undeclared_lost_seals_are_found(set_back: Path) -> None:
    assert whats(set_back) == ["truncated", "truncated"]


def test_declared_ones_are_excused_and_said(set_back: Path) -> None:
    declare()
    assert whats(set_back) == []
    assert [str(gap).partition("; ")[2] for gap in restored.gaps()] == ["seals 2 to 3 were lost", "no seal was lost"]


def test_the_file_of_roots_goes_on_after_the_restore_and_verifies(set_back: Path) -> None:
    declare()
    for _ in range(3):
        count_to(2)
        loop.seal_now()
    lines = seals.roots_file().read_text().splitlines()
    numbers = [json.loads(json.loads(line)["body"])["number"] for line in lines if "body" in line]
    assert numbers == [1, 2, 3, 2, 3, 4, 5]
    assert whats(seals.roots_file()) == []


def test_a_seal_made_after_the_declared_restore_is_not_excused(set_back: Path) -> None:
    declare(AT)  # long before the lost seals were made
    assert whats(set_back) == ["rewritten", "truncated"]


def test_seals_beyond_the_declared_ones_are_not_excused(set_back: Path, tmp_path: Path) -> None:
    lines = set_back.read_text().splitlines(keepends=True)
    seals.roots_file().write_text("".join(lines[:2]))  # the restorer did not know of seal 3
    declare()
    assert whats(set_back) == ["truncated"]


def test_a_restore_is_declared_once_however_often_it_is_begun(set_back: Path) -> None:
    restore = new_id()
    for _ in range(2):
        restored.declare(restore, to=AT, by=BY, at=timezone.now())
    assert len(restored.gaps()) == 2  # one for each log
