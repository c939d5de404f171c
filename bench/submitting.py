"""Submitting over HTTP, against psycopg inserting the same rows as durably."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

from .harness import Figure, Install, Spent, cpu_seconds, province, served

CLIENTS = 4
SECONDS = 6.0  # of each measurement, after one second to warm up
COLUMNS = {
    "dossiers_dossier": "id, code, variant_id, procedure_code, procedure_name, channel, state, receiving_agency_id,"
    " agency_id, applicant_id, applicant_kind, applicant_name, phone, email, account_id, form_id, answers,"
    " submitted_at, accepted_at, due_at, finished_at, returned_at, fee, salt",
    "process_task": "id, subject_kind, subject_id, definition_id, step, kind, code, who, what, role, agency_id,"
    " assignee_id, opened_at, due_at, subject_due_at, closed_at, closed_by, outcome",
    "ledger_entry": "id, cause, event, version, subject_kind, subject_id, actor, agency_id, at, payload",
    "api_idempotencykey": "owner, key, digest, status, answer, created_at",
}
COUNTER = (
    "INSERT INTO bench_numbering_counter AS c (sequence, day, value) VALUES (%s, %s, 1)"
    " ON CONFLICT (sequence, day) DO UPDATE SET value = c.value + 1 RETURNING value"
)


def figures(install: Install) -> Iterator[Figure]:
    from tests.soak.clients import token

    from tinhso.core.agencies.demo import home
    from tinhso.core.ledger import consumers, loop
    from tinhso.core.ledger.sequencer import sequence
    from tinhso.core.ledger.tables import LEDGER

    province()
    communes = _communes()
    secret = token(home()[0])
    while sequence(LEDGER):  # what other benchmarks left to read is not submitting's
        pass
    consumers.catch_up()
    loop.seal_now()
    with served(install) as site:
        parts = [site.running["web"].pid, site.running["worker"].pid, install.server]
        over_http = partial(_over_http, site.port, secret)
        crowd(over_http, communes, 3.0, parts)  # imports, forms and calendars are read
        _copies(install)
        print(_sql(), flush=True)
        for delay in (0, 5000):
            with slow_disk(install, delay):
                for some in (communes[:1], communes[:100]):
                    spent = crowd(over_http, some, SECONDS, parts)
                    limit = crowd(partial(_raw, install), some, SECONDS, parts)
                    what = f"submitted, {len(some)} agencies" + (f", {delay / 1000:.0f} ms fsync" if delay else "")
                    yield Figure.rate(what, spent, limit, f"psycopg, {CLIENTS} processes, {limit.cpu_ms:.1f} ms CPU")
                    each = (seconds / spent.items * 1000 for seconds in spent.by_part)
                    print("    CPU ms of web {:.1f}, worker {:.1f}, database {:.1f}".format(*each), flush=True)
        yield Figure("memory of a web worker", max(memory(site.running["web"].pid)), "MB", 150, "stated")
        drained = time.perf_counter()
        while not _read(LEDGER):
            time.sleep(0.1)
        yield Figure("worker reads what was left in", time.perf_counter() - drained, "s", 1, "stated: a second or so")


def _communes() -> list[tuple[str, str]]:
    """Code and administrative unit of communes; the first is the demo's own."""
    from tinhso.core.agencies.demo import home
    from tinhso.core.agencies.models import Agency, Kind

    first = home()[1]
    others = Agency.objects.filter(kind=Kind.COMMUNE, valid_to=None).exclude(pk=first.pk).order_by("code")
    return [(one.code, one.unit_code) for one in (first, *others)]


def _read(log: Any) -> bool:
    from tinhso.core.ledger.consumers import last_position
    from tinhso.core.ledger.models import Entry
    from tinhso.core.ledger.queries import backlog

    return last_position() == Entry.objects.count() and not any(backlog().values())


@contextmanager
def slow_disk(install: Install, microseconds: int) -> Iterator[None]:
    """Let every commit wait so long before it flushes."""

    def configure(*statements: str) -> None:
        with install.cluster.connect("postgres") as connection:
            for statement in (*statements, "SELECT pg_reload_conf()"):
                connection.execute(statement)  # type: ignore[call-overload]
        time.sleep(0.5)

    if microseconds:
        configure(f"ALTER SYSTEM SET commit_delay = {microseconds}", "ALTER SYSTEM SET commit_siblings = 0")
    try:
        yield
    finally:
        configure("ALTER SYSTEM RESET ALL")


Work = Callable[[list[tuple[str, str]], int, float, float], int]


@dataclass(frozen=True)
class Parts(Spent):
    """What some work took, and how much CPU each part of the site spent on it."""

    by_part: tuple[float, ...] = ()


def crowd(work: Work, agencies: list[tuple[str, str]], seconds: float, parts: list[int]) -> Parts:
    """Four client processes for some seconds; the CPU is that of the site and the database, not of the clients."""
    from django.db import connection

    connection.close()  # the clients are forks of this process
    begins = time.time() + 1.0
    with multiprocessing.get_context("fork").Pool(CLIENTS) as pool:
        jobs = [pool.apply_async(work, (agencies, seed, begins, begins + seconds)) for seed in range(CLIENTS)]
        time.sleep(max(0.0, begins - time.time()))
        before, start = [cpu_seconds(part) for part in parts], time.perf_counter()
        done = sum(job.get(seconds + 120) for job in jobs)
        took = time.perf_counter() - start
        each = tuple(cpu_seconds(part) - had for part, had in zip(parts, before, strict=True))
        return Parts(done, took, sum(each), each)


def _over_http(port: int, secret: str, agencies: list[tuple[str, str]], seed: int, begins: float, ends: float) -> int:
    from types import SimpleNamespace

    from tests.soak.clients import Sender, application, bearer

    with Sender(port, seed, bearer(secret)) as sender:
        done, run = 0, uuid4().hex
        time.sleep(max(0.0, begins - time.time()))
        while time.time() < ends:
            number = done * CLIENTS + seed
            code, unit = agencies[number % len(agencies)]
            answer = sender.submit(application(number, SimpleNamespace(code=code, unit_code=unit)), f"{run}-{number}")
            assert answer.status == 201, answer
            done += 1
    return done


def _sql() -> str:
    return "\n".join(["BEGIN", COUNTER, *(_insert(table) for table in COLUMNS), "COMMIT"])


def _copies(install: Install) -> None:
    """Tables like those of a submission, indexes and checks included, foreign keys not: nothing follows from them."""
    with install.cluster.connect("tinhso_owner") as connection:
        for table in ("numbering_counter", *COLUMNS):
            connection.execute(f"CREATE TABLE bench_{table} (LIKE {table} INCLUDING ALL)")  # type: ignore[call-overload]
            connection.execute(f"GRANT ALL ON bench_{table} TO tinhso_app")  # type: ignore[call-overload]


def _insert(table: str) -> str:
    names = COLUMNS[table].split(",")
    return f"INSERT INTO bench_{table} ({COLUMNS[table]}) VALUES ({', '.join(['%s'] * len(names))})"


def _raw(install: Install, agencies: list[tuple[str, str]], seed: int, begins: float, ends: float) -> int:
    """The rows of a submission that is already there, again, with ids of their own; statements are prepared."""
    from psycopg.types.json import Jsonb

    from tinhso.cli.embedded_postgres import APP

    with install.cluster.connect(APP) as connection:
        connection.prepare_threshold = 0
        rows = {
            table: connection.execute(
                f"SELECT {names} FROM {table} ORDER BY {names.split(',')[0]} DESC LIMIT 1"
            ).fetchone()  # type: ignore[call-overload]
            for table, names in COLUMNS.items()
        }
        dossier, task, entry, key = (list(row) for row in rows.values())
        done, run = 0, uuid4().hex[:8]
        time.sleep(max(0.0, begins - time.time()))
        while time.time() < ends:
            number = done * CLIENTS + seed
            code = agencies[number % len(agencies)][0]
            ident, entry_id = uuid4(), uuid4()
            dossier[0], dossier[16] = ident, Jsonb({**rows["dossiers_dossier"][16], "copies": number})
            task[0], task[2], entry[0], entry[1], entry[5] = uuid4(), ident, entry_id, entry_id, ident
            key[1], key[2], key[4] = (
                f"{run}-{number}",
                sha256(code.encode()).digest(),
                Jsonb({"code": code, "n": number}),
            )
            with connection.transaction():
                (value,) = connection.execute(COUNTER, [f"raw {code}", "2026-11-22"]).fetchone()  # type: ignore[misc]
                dossier[1] = task[6] = f"{code}-{run}-{value}"
                for table, row in zip(COLUMNS, (dossier, task, entry, key), strict=True):
                    connection.execute(_insert(table), row)  # type: ignore[call-overload]
            done += 1
    return done


def memory(server: int) -> list[float]:
    """Resident memory of the children of a web server, in MB."""
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    status = (Path(f"/proc/{child}/status").read_text() for child in children)
    return [int(text.split("VmRSS:")[1].split()[0]) / 1024 for text in status if "VmRSS:" in text]
