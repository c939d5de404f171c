"""The whole command: a copy that is an install of its own and knows nobody."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from .conftest import Install

pytestmark = pytest.mark.soak


def test_a_copy_broken_off_is_begun_anew_and_becomes_an_install_of_its_own_that_knows_nobody(
    install: Install, tmp_path: Path
) -> None:
    before = install.does("a_morning")
    copy = Install(tmp_path / "copy", tmp_path / "copy-backups")
    copy.data.mkdir()
    (copy.data / "anonymised_copy.json").write_text(json.dumps({"anonymised": True, "done": False, "at": ""}))
    (copy.data / "half").write_text("of something")

    said = install("anonymise", str(copy.data))

    assert "The copy is whole." in said
    assert len(said.strip().splitlines()[-1].rpartition(" ")[2]) >= 20, "the password"
    assert not (copy.data / "half").exists()
    assert "is not empty" in install("anonymise", str(copy.data), code=2)
    after = copy.does("look")
    assert "Người Ở Lại" in before
    assert "Người Ở Lại" not in after
    assert before.partition("]")[2] == after.partition("]")[2], "as many files, all there"
    files = [path.read_bytes() for path in (copy.data / "files").rglob("*") if path.is_file()]
    assert files
    assert not any(b"to be replaced" in data for data in files)
    assert "The ledger is whole." in copy("ledger", "verify")
    shutil.rmtree(copy.data)
