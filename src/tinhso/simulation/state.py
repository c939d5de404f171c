"""What a printed year must know after a kill: the last numbers given before, what lies bare, how far it is."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from tinhso.core.ledger.actions import Refused
from tinhso.core.ledger.consumers import last_position
from tinhso.core.ledger.tables import LEDGER

from . import bare, placing, run
from .bare import Taken
from .world import World

_REOPEN = """
WITH wanted AS (
    SELECT * FROM unnest(%s::uuid[], %s::text[], %s::int[], %s::int[]) AS w (agency_id, kind, year, last)
), closed AS (
    DELETE FROM numbering_book b USING wanted w
    WHERE b.agency_id = w.agency_id AND b.kind = w.kind AND b.year = w.year RETURNING b.id, b.agency_id, b.kind, b.year
)
SELECT coalesce(c.id, gen_random_uuid()), w.agency_id, w.kind, w.year, w.last
FROM wanted w LEFT JOIN closed c USING (agency_id, kind, year)
"""
_OPEN = "INSERT INTO numbering_book (id, agency_id, kind, year, name, last) VALUES (%s, %s, %s, %s, '', %s)"


@dataclass
class State:
    """What must be known after a kill: the last numbers and codes given before, and how far the ledger was."""

    path: Path
    said: dict[str, Any]

    @classmethod
    def of(cls, world: World, copies: int) -> State:
        path = Path(settings.TINHSO.data_dir) / "simulation" / f"{world.name}-{copies}.json"
        for other in sorted(path.parent.glob("*.json")):
            if other != path:  # it has people and ids in common with this one
                message = (
                    f"This install was filled with {other.stem} before. Forget it (`tinhso reset`), then run again."
                )
                raise Refused("another_year", message)
        return cls(path, json.loads(path.read_text()) if path.exists() else {})

    def begin(self, numbers: Counter[tuple[UUID, str, int]], codes: Counter[tuple[str, Any]]) -> None:
        """Take all numbers and codes that will be printed; once, however often it is begun."""
        with run.patient(), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE numbering_book, numbering_counter IN SHARE ROW EXCLUSIVE MODE")
            if not self.said:
                cursor.execute("SELECT agency_id || ' ' || kind || ' ' || year, last FROM numbering_book")
                books = dict(cursor.fetchall())
                cursor.execute("SELECT sequence || ' ' || day, value FROM numbering_counter")
                self.said = {"books": books, "codes": dict(cursor.fetchall()), "position": last_position()}
                self._write()
            had: dict[str, int] = self.said["books"]
            given: dict[str, int] = self.said["codes"]
            rows = [
                (agency, kind, year, had.get(f"{agency} {kind} {year}", 0) + more)
                for (agency, kind, year), more in sorted(numbers.items())
            ]
            # A book goes up one by one, which a trigger guards. Taking a million numbers at once therefore
            # opens it anew, under the same id; nobody else is here, and the numbers follow.
            cursor.execute(_REOPEN, [list(column) for column in zip(*rows, strict=True)])
            cursor.executemany(_OPEN, cursor.fetchall())
            cursor.executemany(
                "INSERT INTO numbering_counter AS c (sequence, day, value) VALUES (%s, %s, %s)"
                " ON CONFLICT (sequence, day) DO UPDATE SET value = greatest(c.value, excluded.value)",
                [(code, day, given.get(f"{code} {day}", 0) + more) for (code, day), more in sorted(codes.items())],
            )

    @property
    def taken(self) -> list[Taken]:
        """Foreign keys and indexes that are away, or were."""
        return [Taken(*one) for one in self.said.get("taken", ())]

    def lay_bare(self, tables: Iterable[str]) -> list[Taken]:
        """Write down what these tables, and that of positions, will lack while they are loaded."""
        if not self.taken:
            found = bare.found([*tables, LEDGER.position])
            self.say("taken", [one for one in found if one.name not in placing.INDEXES])
        return self.taken

    def end(self, made: dict[str, Any]) -> None:
        """All is there: another run of the same world has nothing to do."""
        self.say("done", {**made, "seconds": {}})

    def say(self, name: str, what: Any) -> None:
        """Keep it for a later run."""
        self.said[name] = what
        self._write()

    def _write(self) -> None:
        self.path.parent.mkdir(exist_ok=True)
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps(self.said))
        fresh.rename(self.path)
