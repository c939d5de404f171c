"""The ledger: recording, placing, sealing, handing out, proving, verifying."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from .harness import Figure, Install, Spent, spend

ENTRIES = 100_000
ONE_BY_ONE = 1_000
AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def figures(install: Install) -> Iterator[Figure]:
    yield from recording(install)
    yield from placing(install)
    yield from handing_out(install)
    yield from sealing(install)
    yield from verifying(install)
    yield idle(install)


def run(sql: str, params: Any = None) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)


def owner(install: Install, sql: str) -> int:
    """A statement as the owner of the tables, who may take longer than the application's 5 s."""
    with install.cluster.connect("tinhso_owner") as connection:
        return connection.execute(sql).rowcount  # type: ignore[call-overload,no-any-return]


def recording(install: Install) -> Iterator[Figure]:
    from tinhso.core.ledger.actions import Actor, Fact, action, new_id, record, record_all
    from tinhso.core.ledger.events import Event

    @dataclass(frozen=True)
    class Measured(Event, name="bench.measured"):
        code: str
        channel: int

    by, event = Actor("account", str(new_id()), new_id()), Measured("H15.50.05.13-261122-0975", 2)

    @action
    def one() -> None:
        record(event, subject=("bench.thing", new_id()), by=by, at=AT)

    @action
    def many() -> None:
        record_all([Fact(event, ("bench.thing", new_id())) for _ in range(1000)], by=by, at=AT)

    def repeat(work: Any, times: int, each: int = 1) -> Spent:
        return spend(lambda: [work() for _ in range(times)] and times * each, install.server)

    owner(install, "CREATE TABLE bench_entry (LIKE ledger_entry INCLUDING ALL); GRANT ALL ON bench_entry TO tinhso_app")
    one()
    columns = "id, cause, event, version, subject_kind, subject_id, actor, agency_id, at, payload"
    copy = f"INSERT INTO bench_entry ({columns}) SELECT gen_random_uuid(), {columns[4:]} FROM ledger_entry LIMIT 1"
    limit = repeat(lambda: run(copy), ONE_BY_ONE)
    yield Figure.rate(
        "recorded, one a transaction", repeat(one, ONE_BY_ONE), limit, "the same row by one bare statement a commit"
    )
    spent = repeat(many, ENTRIES // 1000, 1000)
    copy = f"INSERT INTO bench_entry ({columns}) SELECT gen_random_uuid(), {columns[4:]} FROM ledger_entry"
    limit = spend(lambda: owner(install, copy), install.server)
    yield Figure.rate("recorded, 1,000 a transaction", spent, limit, "the same rows by one INSERT … SELECT")


def placing(install: Install) -> Iterator[Figure]:
    from tinhso.core.ledger.sequencer import sequence
    from tinhso.core.ledger.tables import LEDGER

    owner(
        install,
        "CREATE TABLE bench_position (LIKE ledger_position INCLUDING ALL); GRANT ALL ON bench_position TO tinhso_app;"
        " ANALYZE ledger_entry",
    )
    limit = spend(
        lambda: owner(
            install, "INSERT INTO bench_position SELECT serial, id, sha256(payload::bytea) FROM ledger_entry"
        ),
        install.server,
    )
    spent = spend(lambda: sum(iter(lambda: sequence(LEDGER), 0)), install.server)
    yield Figure.rate("placed by the sequencer", spent, limit, "the same rows and hashes by one INSERT … SELECT")


def handing_out(install: Install) -> Iterator[Figure]:
    from tinhso.core.ledger import consumers

    owner(install, "CREATE TABLE bench_fold (day date PRIMARY KEY, n bigint); GRANT ALL ON bench_fold TO tinhso_app")

    def fold(batch: Sequence[consumers.Placed]) -> None:
        run(
            "INSERT INTO bench_fold SELECT day, count(*) FROM unnest(%s::date[]) AS day GROUP BY day"
            " ON CONFLICT (day) DO UPDATE SET n = bench_fold.n + excluded.n",
            [[one.at.date() for one in batch]],
        )

    one = consumers.Consumer("bench.fold", fold, None)
    spent = spend(lambda: sum(iter(lambda: consumers.advance(one), 0)), install.server)

    def group() -> int:
        owner(install, "SELECT at::date, count(*) FROM ledger_position JOIN ledger_entry ON id = entry_id GROUP BY 1")
        return consumers.last_position()

    yield Figure.rate("handed to a fold, 500 a batch", spent, spend(group, install.server), "one GROUP BY over all")


def sealing(install: Install) -> Iterator[Figure]:
    from tinhso.core.ledger import merkle, seals
    from tinhso.core.ledger.models import Entry
    from tinhso.core.ledger.proofs import proof
    from tinhso.core.ledger.tables import LEDGER

    leaves = [sha256(n.to_bytes(4, "big")).digest() for n in range(ENTRIES)]
    spent = spend(lambda: len(leaves) if merkle.root(leaves) else 0)
    node = b"\x01" + bytes(64)
    limit = spend(lambda: sum(1 for _ in range(ENTRIES) if sha256(node).digest()))
    yield Figure.rate("hashed into a Merkle root", spent, limit, "as many bare SHA-256 of a node")

    def seal_all() -> int:
        while seals.seal(LEDGER, at=AT):
            pass
        return len(leaves)

    limit = spend(lambda: owner(install, "SELECT leaf FROM ledger_position ORDER BY position"), install.server)
    yield Figure.rate("sealed", spend(seal_all, install.server), limit, "reading the leaves")
    entry = Entry.objects.order_by("serial").values_list("id", flat=True)[100]
    spent = spend(lambda: sum(1 for _ in range(5) if proof(entry)), install.server)
    yield Figure("proof under a full seal (16,384)", 1000 / spent.rate, "ms", 100, "stated: a tenth of a second")


def verifying(install: Install) -> Iterator[Figure]:
    from tinhso.core.ledger import seals
    from tinhso.core.ledger.verify import verify

    seals.copy_roots()

    def check() -> int:
        assert verify(seals.roots_file()) == []
        return ENTRIES

    every = "SELECT * FROM ledger_position JOIN ledger_entry ON id = entry_id ORDER BY position"
    spent = spend(check, install.server)
    yield Figure.rate("verified", spent, spend(lambda: owner(install, every), install.server), "reading all rows")
    tracemalloc.start()
    check()
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    yield Figure("memory of a verification", peak, "MB", 100, "stated: flat, however many entries")


def idle(install: Install) -> Figure:
    from tinhso.core.ledger import consumers, loop
    from tinhso.core.ledger.models import Cursor

    loop.seal_now()
    for one in consumers.REGISTRY:  # the house's own have nothing to catch up with either
        Cursor.objects.update_or_create(consumer=one, defaults={"position": consumers.last_position()})

    def rounds() -> int:
        return sum(1 for _ in range(200) if loop.round_once() == 0)

    time.sleep(1)
    spent = spend(rounds, install.server)
    return Figure("a round with nothing to do", 1000 / spent.rate, "ms", 5, "stated: 5 ms", spent.cpu_ms)
