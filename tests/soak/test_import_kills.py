"""kill -9 at any moment of the import of procedures: the same command again completes it, nothing is twice."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from pathlib import Path

import pytest
from django.utils import timezone

from tests.house.databases import Database
from tests.systems.procedures.importing import imported, killed
from tests.systems.procedures.national.test_reading import there
from tests.systems.procedures.test_national import LINES
from tinhso.core.forms.definition import digest
from tinhso.core.ledger.models import Entry
from tinhso.systems.procedures import queries
from tinhso.systems.procedures.generate import doubts, propose
from tinhso.systems.procedures.models import Flag, NationalRow, Procedure, ProcedureVersion
from tinhso.systems.procedures.national.row import Row, read_row

pytestmark = pytest.mark.soak
SEEDED = random.Random(20261122)
ROWS, KILLS = 50, 3


@there
def test_an_import_that_is_killed_again_and_again_comes_to_the_same_end(db: Database, tmp_path: Path) -> None:
    file = tmp_path / "national.jsonl"
    file.write_bytes(b"\n".join(LINES[:ROWS]) + b"\n")
    expected = {row.code: row for row in (read_row(json.loads(line)) for line in LINES[:ROWS])}
    landed = 0
    for _kill in range(KILLS):
        enough = landed + SEEDED.randint(1, ROWS // (KILLS + 1))
        pause = SEEDED.uniform(0, 0.2)  # so that a kill comes at any moment of a row

        def reached(enough: int = enough, pause: float = pause) -> bool:
            if NationalRow.objects.count() < enough:
                return False
            time.sleep(pause)
            return True

        assert killed(db, file, reached)
        landed = NationalRow.objects.count()
        whole(expected)
    assert landed < ROWS
    code, said = imported(db, file)
    assert code == 0, said
    assert NationalRow.objects.count() == ROWS
    whole(expected)
    code, said = imported(db, file)
    assert (code, f"{ROWS:>7,}  unchanged" in said) == (0, True), said


def whole(expected: dict[str, Row]) -> None:
    """What has landed has landed wholly and once, and is what an import without kills publishes."""
    rows = list(NationalRow.objects.values_list("code", flat=True))
    today = timezone.localdate()
    versions = dict(ProcedureVersion.objects.values_list("procedure__code", "digest"))
    assert versions == {code: digest(propose(expected[code], {}, on=today).data) for code in rows}
    assert ProcedureVersion.objects.count() == Procedure.objects.count() == len(rows)
    asked = {(code, one.where, str(one.why)) for code in rows for one in doubts(expected[code], today)}
    assert set(Flag.objects.values_list("row_id", "where", "why")) == asked
    assert Entry.objects.filter(event="procedures.published").count() == len(rows)
    facets = ProcedureVersion.objects.filter(withdrawn_at=None).values_list("facets", flat=True)
    assert {one.key: one.services for one in queries.facets()} == dict(Counter(key for keys in facets for key in keys))
