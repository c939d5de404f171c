"""What an operator types to bring the catalogue up to date, and what the command answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.house.databases import Database
from tests.systems.procedures.importing import imported
from tests.systems.procedures.national.test_reading import there
from tests.systems.procedures.test_national import ROWS

from tinhso.cli import main
from tinhso.systems.procedures import queries
from tinhso.systems.procedures.models import ImportRun


@there
def test_bad_rows_are_listed_with_exit_code_2_and_without_them_it_is_0(db: Database, tmp_path: Path) -> None:
    good = [ROWS["1.000426"], ROWS["1.000020"]]
    file = tmp_path / "thu-tuc.jsonl"
    file.write_bytes(b"\n".join([good[0], b"{broken", b"", good[1], b'{"ma_thu_tuc": "1.000001"}']))
    code, said = imported(db, file)
    assert code == 2, said
    assert "line 2: " in said
    assert "line 5: ten_thu_tuc is missing" in said
    assert "      4  rows read" in said
    assert "      3  working days" in said, "by the unit of the limit"
    assert queries.version_in_force("1.000426")
    assert ImportRun.objects.get().counts["published"] == 2
    file.write_bytes(b"\n".join(good) + b"\n")
    code, said = imported(db, file)
    assert code == 0, said
    assert "      2  unchanged since the last reading" in said
    assert ImportRun.objects.count() == 1


def test_a_file_that_is_not_there_is_said_plainly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["procedures", "import", str(tmp_path / "nothing.jsonl")]) == 1, "2 says that some rows were bad"
    assert "cannot be read" in capsys.readouterr().err
