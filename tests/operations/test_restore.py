"""Backup, more work, loss of everything, restore to a moment."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from .conftest import Install

pytestmark = pytest.mark.soak


def test_an_install_comes_back_as_it_was_at_a_moment_and_an_erased_person_stays_erased(
    install: Install, tmp_path: Path
) -> None:
    moment = install.does("two_days", str(install.backups))
    elsewhere = shutil.copy(install.data / "ledger-roots.jsonl", tmp_path / "roots-elsewhere.jsonl")
    shutil.rmtree(install.data)
    install.data.mkdir()

    said = install("restore", str(install.backups), "--to", moment)

    assert "Declared: ledger: restored at" in said
    assert install.does("look") == ("['Người Ở Lại'] 2 files ['ledger.restored', 'ledger.restored', 'person.erased']")
    assert "2 numbers that were given after that moment stay voided" in said
    assert install.does("numbers") == "5 0005"
    said = install("ledger", "verify", "--against", str(elsewhere))
    assert "The ledger is whole." in said
    assert "seal 3 was lost" in said  # and nobody need guess why


def test_a_damaged_set_and_a_moment_before_the_first_are_refused_in_words(install: Install) -> None:
    folder = install.backups / "sets" / "20260101T000000Z"
    folder.mkdir(parents=True)
    (install.backups / "tinhso-backup.json").write_text('{"ledger_key": ""}')
    (folder / "base.tar.gz").write_bytes(b"other bytes")
    files = {"base.tar.gz": {"size": 11, "sha256": "0" * 64}, "pg_wal.tar.gz": {"size": 1, "sha256": "0" * 64}}
    said = {"finished": "2026-01-01T00:05:00+00:00", "files": files}
    (folder / "manifest.json").write_text(json.dumps(said))

    too_early = install("restore", str(install.backups), "--to", "2025-12-31", code=2)
    assert "no complete set from before that moment. It has: 01/01/2026 00:05:00 UTC" in too_early
    damaged = install("restore", str(install.backups), "--to", "2026-01-02", code=2)
    assert "base.tar.gz is damaged" in damaged
    assert "pg_wal.tar.gz is missing" in damaged
    assert (install.data / "postgres").exists()  # what was here is untouched
