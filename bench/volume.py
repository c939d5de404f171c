"""A province's year: dossiers through the actions, many more by copies, then the pages that people wait for.

`make volume`, with VOLUME_ACTIONS (50,000) and VOLUME_ROWS (3,000,000) in the environment, on an install of its own
in VOLUME_DIR (`.build/volume`), which is kept: what was broken off goes on, what is finished is measured again, and
VOLUME_FRESH=1 begins anew. It is not among the figures of `make bench`: the whole takes above an hour.
"""

from __future__ import annotations

import cProfile
import hashlib
import json
import os
import pstats
import shutil
import statistics
import sys
import time
from datetime import datetime, timedelta
from functools import cache
from os import cpu_count, getloadavg
from pathlib import Path
from typing import Any

from .catalogue import NATIONAL
from .harness import ROOT, Install, cpu_seconds, install, province

ACTIONS = int(os.environ.get("VOLUME_ACTIONS", "50000"))
ROWS = int(os.environ.get("VOLUME_ROWS", "3000000"))
PROCESSES = int(os.environ.get("VOLUME_PROCESSES", str(cpu_count() or 1)))
FOLDER = Path(os.environ.get("VOLUME_DIR", ROOT / ".build" / "volume"))
PROFILED = 60  # dossiers, in one process, for the profile
TIMES = 100  # of each page
AIM = 60.0  # ms of server time, 95 of 100
HOLDS = "everything holds"
TOLD = "figures.json"  # in the folder: what earlier runs measured, by part


@cache
def until() -> datetime:
    """The day the year ends: that of the first run, so that a later one goes on with the same year."""
    from django.utils import timezone

    from tinhso.core.worktime.calendar import ZONE

    kept = FOLDER / "until"
    if not kept.exists():
        kept.write_text(timezone.localtime(timezone.now()).date().isoformat())
    return datetime.fromisoformat(kept.read_text()).replace(hour=12, tzinfo=ZONE)


def world(count: int, seed: int) -> Any:
    """A year of Đắk Lắk whose last days are still open."""
    from tinhso.simulation import profile
    from tinhso.simulation.world import World

    return World(profile.load("dak_lak"), seed, until() - timedelta(days=365), until(), count, 0)


def main() -> int:
    print(f"{cpu_count()} cores, load {getloadavg()[0]:.1f} before the run; {ACTIONS:,} by actions, {ROWS:,} in all")
    if os.environ.get("VOLUME_FRESH"):
        shutil.rmtree(FOLDER, ignore_errors=True)
    with install(FOLDER) as ready:
        told = Told(FOLDER / TOLD)
        province()
        if "catalogue" not in told.parts:
            told.tell("catalogue", ("procedures", catalogue(), ""))
        if os.environ.get("VOLUME_PROFILE"):
            profiled()
        more = [by_actions(ready, told), by_volume(ready, told)]
        if any(more) or "size" not in told.parts:
            size(ready, told)
        if any(more) or "checked" not in told.parts:
            checked(told)  # before pages, whose consumers would read all that was printed and tell everybody of it
        pages(ready, told)
    told.table()
    say(f"The install is kept in {FOLDER}; VOLUME_FRESH=1 begins anew.")
    return 0 if told.parts["checked"][0][1].startswith(HOLDS) else 1


class Told:
    """The figures by part, kept for a later run that finds the part done."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.parts: dict[str, list[tuple[str, str, str]]] = json.loads(path.read_text()) if path.exists() else {}

    def tell(self, part: str, *rows: tuple[str, str, str]) -> None:
        """What was measured, and the aim."""
        self.parts[part] = list(rows)
        self.path.write_text(json.dumps(self.parts))
        for row in rows:
            say("  ".join(row))

    def table(self) -> None:
        say("\n| figure | measured | aim |\n|---|---|---|")
        for rows in self.parts.values():
            for row in rows:
                say(f"| {' | '.join(row)} |")


def say(text: str) -> None:
    print(text, flush=True)


def catalogue() -> str:
    """Publish the national rows where they lie beside the checkout; of which procedures the year is made."""
    from django.utils import timezone

    from tinhso.core.ledger.actions import Actor
    from tinhso.simulation import run
    from tinhso.systems.dossiers.simulation.roads import mix
    from tinhso.systems.procedures import actions

    rows = NATIONAL.read_bytes() if NATIONAL.exists() else b""
    if rows:
        lines, digest = enumerate(rows.splitlines(), 1), hashlib.sha256(rows).hexdigest()
        actions.import_rows(lines, file=NATIONAL.name, sha256=digest, by=Actor.system("bench"), at=timezone.now())
    some = world(PROFILED, 7)
    run.prepare(some, say)
    procedures = {one.version.procedure_id for one in mix(some)[0]}
    source = f"shipped, and of {NATIONAL.name}" if rows else f"only what is shipped, for there is no {NATIONAL}"
    return f"{len(procedures)}: {source}"


def profiled() -> None:
    """Where the CPU of an action goes, in this process."""
    from tinhso.simulation import run

    some = world(PROFILED, 7)
    run.prepare(some, say)
    profile = cProfile.Profile()
    profile.enable()
    run.run(some, processes=1, progress=say)
    profile.disable()
    pstats.Stats(profile, stream=sys.stdout).sort_stats("tottime").print_stats(12)


def by_actions(ready: Install, told: Told) -> bool:
    """The sample: how many dossiers and actions a second, and their CPU; whether any were missing."""
    from tinhso.core.ledger.models import Entry
    from tinhso.simulation import run

    sample = world(ACTIONS, 1)
    run.prepare(sample, say)
    before, cpu, start = Entry.objects.count(), cpu_seconds(os.getpid(), ready.server), time.perf_counter()
    done = run.run(sample, processes=PROCESSES, progress=say)
    seconds = time.perf_counter() - start
    if not done.made:
        return False
    cpu = cpu_seconds(os.getpid(), ready.server) - cpu
    causes = entries(ready, "SELECT count(DISTINCT cause), count(*) FROM ledger_entry WHERE event LIKE 'dossiers.%'")
    actions, recorded = causes[0] * done.made / (done.made + done.before), Entry.objects.count() - before
    lived = f"{done.made:,} in {seconds:,.0f} s, {done.made / seconds:.1f}/s, load {getloadavg()[0]:.1f}"
    told.tell(
        "actions",
        ("dossiers through the actions", lived, "50,000 in 2,700 s, 18.5/s"),
        ("actions", f"{actions / seconds:.0f}/s, {actions / done.made:.1f} a dossier; {recorded:,} entries", ""),
        ("CPU a dossier, Python and database", f"{cpu / done.made * 1000:.1f} ms", f"{2 / 18.5 * 1000:.0f} ms"),
    )
    return True


def entries(ready: Install, query: str) -> tuple[Any, ...]:
    with ready.cluster.connect("tinhso_owner") as connection:
        return connection.execute(query).fetchone()  # type: ignore[call-overload,no-any-return]


def by_volume(ready: Install, told: Told) -> bool:
    """The copies: how many a second, and their CPU; whether any were missing."""
    from django.db import connection

    from tinhso.simulation.volume import volume

    connection.close()
    cpu, start = cpu_seconds(os.getpid(), ready.server), time.perf_counter()
    # One more than work at once: each waits for the disk at times.
    made = volume(world(max(ROWS, ACTIONS), 1), processes=PROCESSES + 1, progress=say, sample=ACTIONS)
    seconds, cpu = time.perf_counter() - start, cpu_seconds(os.getpid(), ready.server) - cpu
    printed = made.cases - made.sample
    if not made.seconds or not printed:
        return False
    parts = ", ".join(f"{name} {took:,.0f} s" for name, took in made.seconds.items())
    rate = f"{printed:,} with {made.entries:,} entries in {seconds:,.0f} s, {printed / seconds:,.0f}/s"
    told.tell(
        "volume",
        ("dossiers by volume", f"{rate} ({parts})", "3,000,000 in 1,800 s, 1,670/s"),
        ("CPU a printed dossier", f"{cpu / printed * 1000:.2f} ms", f"{2 / 1670 * 1000:.2f} ms"),
    )
    return True


def size(ready: Install, told: Told) -> None:
    """What the database weighs, a dossier, table by table."""
    with ready.cluster.connect("tinhso_owner") as connection:
        connection.execute("VACUUM ANALYZE")
        rows = connection.execute(
            "SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relkind = 'r' AND relnamespace ="
            " 'public'::regnamespace ORDER BY 2 DESC LIMIT 8"
        ).fetchall()
        whole, many = connection.execute(
            "SELECT pg_database_size(current_database()), (SELECT count(*) FROM dossiers_dossier)"
        ).fetchone()  # type: ignore[misc]
    each = ", ".join(f"{name} {int(weight) / int(many) / 1024:.2f}" for name, weight in rows)  # type: ignore[call-overload]
    weighs = f"{int(whole) / 2**20:,.0f} MB, {int(whole) / int(many) / 2**20:.4f} MB a dossier of {int(many):,}"  # type: ignore[call-overload]
    told.tell("size", ("database", weighs, ""), ("heaviest tables, KB a dossier", each, ""))


def checked(told: Told) -> None:
    """Everything that must hold, by other means than made it."""
    from django.utils import timezone

    from tinhso.simulation.check import check

    start = time.perf_counter()
    faults = list(check(timezone.now()))
    said = HOLDS if not faults else "; ".join(faults[:10])
    told.tell("checked", ("invariants", f"{said} ({time.perf_counter() - start:,.0f} s)", HOLDS))


def pages(ready: Install, told: Told) -> None:
    """Server time and queries of the pages people wait for, in this process, by Django's own test client."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from tinhso.core.accounts.models import Account
    from tinhso.systems.dossiers.models import Dossier

    settings.ALLOWED_HOSTS = ["testserver"]
    commune = Account.objects.get(username="motcua").posts.get().agency
    some = Dossier.objects.filter(receiving_agency=commune).order_by("-submitted_at")[:TIMES]
    dossiers = [f"/ban-lam-viec/ho-so/{pk}/" for pk in some.values_list("pk", flat=True)]
    words = ["khai sinh", "chung thuc", "1.004873", "hon nhan", "ban sao"]
    rows = []
    for name, who, paths in (
        ("inbox, receptionist", "motcua", ["/ban-lam-viec/"]),
        ("inbox, officer", "tuphap", ["/ban-lam-viec/"]),
        ("dossier, receptionist", "motcua", dossiers),
        ("search of dossiers", "motcua", ["/ban-lam-viec/?q=Nguy%E1%BB%85n", "/ban-lam-viec/?q=H15"]),
        ("catalogue search", "", [f"/thu-tuc/?q={word.replace(' ', '+')}" for word in words]),
        ("wall, commune", "chutich", ["/ioc/"]),
        ("statistics, commune", "chutich", ["/thong-ke/?kind=year", "/thong-ke/?kind=month"]),
        ("drill-down", "chutich", ["/thong-ke/ho-so/?kind=year&what=received"]),
        ("wall, province", "lanhdao.tinh", ["/ioc/"]),
    ):
        client = Client(headers={"accept-language": "vi"})
        if who:
            client.force_login(Account.objects.get(username=who), "tinhso.core.accounts.backends.AccountBackend")
        for path in paths[:5] * 2:
            client.get(path)
        took, queries, cpu = [], [], cpu_seconds(os.getpid(), ready.server)
        for n in range(TIMES):
            start = time.perf_counter()
            answer = client.get(paths[n % len(paths)])
            took.append((time.perf_counter() - start) * 1000)
            assert answer.status_code == 200, (name, answer.status_code, paths[n % len(paths)])
        cpu = (cpu_seconds(os.getpid(), ready.server) - cpu) / TIMES * 1000
        for path in paths[:3]:
            with CaptureQueriesContext(connection) as captured:
                client.get(path)
            queries.append(len(captured))
        if os.environ.get("VOLUME_SQL"):
            slow = sorted(captured.captured_queries, key=lambda q: -float(q["time"]))[:4]
            say("\n".join(f"    {q['time']} {q['sql'][:900]}" for q in slow))
        p50, p95 = statistics.median(took), statistics.quantiles(took, n=20)[-1]
        figure = f"p50 {p50:.0f} ms, p95 {p95:.0f} ms, CPU {cpu:.0f} ms, {max(queries)} queries"
        rows.append((name, figure, f"p95 {AIM:.0f} ms, 15 queries"))
    told.tell("pages", *rows)


if __name__ == "__main__":
    sys.exit(main())
