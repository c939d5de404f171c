"""A province's year: dossiers through the actions, many more by copies, then the pages that people wait for.

`make volume`, with VOLUME_ACTIONS (50,000) and VOLUME_ROWS (3,000,000) in the environment, on an install of
its own under `.build/bench`. It is not among the figures of `make bench`: the whole takes above an hour.
"""

from __future__ import annotations

import cProfile
import os
import pstats
import statistics
import sys
import time
from datetime import datetime, timedelta
from os import cpu_count, getloadavg
from typing import Any

from .harness import Figure, Install, Spent, cpu_seconds, install, line, province

ACTIONS = int(os.environ.get("VOLUME_ACTIONS", "50000"))
ROWS = int(os.environ.get("VOLUME_ROWS", "3000000"))
PROCESSES = int(os.environ.get("VOLUME_PROCESSES", str(cpu_count() or 1)))
PROFILED = 60  # dossiers, in one process, for the profile
TIMES = 100  # of each page
AIM = 60.0  # ms of server time, 95 of 100


def world(count: int, seed: int) -> Any:
    """A year of Đắk Lắk that ends today, so that its last days are still open."""
    from django.utils import timezone

    from tinhso.core.worktime.calendar import ZONE
    from tinhso.simulation import profile
    from tinhso.simulation.world import World

    now = timezone.localtime(timezone.now())
    until = datetime(now.year, now.month, now.day, 12, tzinfo=ZONE)
    return World(profile.load("dak_lak"), seed, until - timedelta(days=365), until, count, 0)


def main() -> int:
    print(f"{cpu_count()} cores, load {getloadavg()[0]:.1f} before the run; {ACTIONS:,} by actions, {ROWS:,} in all")
    with install() as ready:
        province()
        if os.environ.get("VOLUME_PROFILE"):
            profiled()
        entries_per_dossier = by_actions(ready)
        by_volume(ready)
        size(ready)
        checked()
        pages(ready)
    return 0 if entries_per_dossier else 1


def say(text: str) -> None:
    print(text, flush=True)


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


def by_actions(ready: Install) -> float:
    """The sample: how many dossiers, actions and statements a second."""
    from tinhso.core.ledger.models import Entry
    from tinhso.simulation import run

    sample = world(ACTIONS, 1)
    run.prepare(sample, say)
    before, cpu, start = Entry.objects.count(), cpu_seconds(os.getpid(), ready.server), time.perf_counter()
    done = run.run(sample, processes=PROCESSES, progress=say)
    seconds = time.perf_counter() - start
    cpu = cpu_seconds(os.getpid(), ready.server) - cpu
    causes = entries(ready, "SELECT count(DISTINCT cause), count(*) FROM ledger_entry WHERE event LIKE 'dossiers.%'")
    recorded = Entry.objects.count() - before
    say(
        f"actions: {done.made} dossiers, {causes[0]} actions on dossiers, {recorded} entries in {seconds:.0f} s = "
        f"{done.made / seconds:.1f} dossiers/s, {causes[0] / seconds:.0f} actions/s, "
        f"{cpu / max(1, done.made) * 1000:.0f} ms CPU a dossier (Python and database), load {getloadavg()[0]:.1f}"
    )
    return recorded / max(1, done.made)


def entries(ready: Install, query: str) -> tuple[Any, ...]:
    with ready.cluster.connect("tinhso_owner") as connection:
        return connection.execute(query).fetchone()  # type: ignore[call-overload,no-any-return]


def by_volume(ready: Install) -> None:
    from django.db import connection

    from tinhso.simulation.volume import volume

    connection.close()
    cpu, start = cpu_seconds(os.getpid(), ready.server), time.perf_counter()
    made = volume(world(max(ROWS, ACTIONS), 1), processes=PROCESSES, progress=say, sample=ACTIONS)
    seconds, cpu = time.perf_counter() - start, cpu_seconds(os.getpid(), ready.server) - cpu
    parts = ", ".join(f"{name} {took:.0f} s" for name, took in made.seconds.items())
    printed = made.cases - made.sample
    say(
        f"volume: {printed} more dossiers with {made.entries} entries in {seconds:.0f} s = "
        f"{printed / seconds:.0f}/s, {cpu / max(1, printed) * 1000:.2f} ms CPU each ({parts})"
    )


def size(ready: Install) -> None:
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
    say(f"size: {int(whole) / 2**20:.0f} MB, {int(whole) / int(many) / 1024:.1f} KB a dossier of {many} ({each})")  # type: ignore[call-overload]


def checked() -> None:
    from django.utils import timezone

    from tinhso.simulation.check import check

    start = time.perf_counter()
    faults = list(check(timezone.now()))
    say(f"checked in {time.perf_counter() - start:.0f} s: " + ("everything holds" if not faults else "; ".join(faults)))


def pages(ready: Install) -> None:
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
    for name, who, paths in (
        ("inbox, receptionist", "motcua", ["/ban-lam-viec/"]),
        ("inbox, officer", "tuphap", ["/ban-lam-viec/"]),
        ("dossier, receptionist", "motcua", dossiers),
        ("catalogue search", "", [f"/thu-tuc/?q={word.replace(' ', '+')}" for word in words]),
        ("wall, commune", "chutich", ["/ioc/"]),
        ("wall, province", "lanhdao.tinh", ["/ioc/"]),
    ):
        client = Client(headers={"accept-language": "vi"})
        if who:
            client.force_login(Account.objects.get(username=who), "tinhso.core.accounts.backends.AccountBackend")
        for path in paths[:5] * 2:
            client.get(path)
        took, queries, cpu = [], [], time.process_time()
        for n in range(TIMES):
            start = time.perf_counter()
            answer = client.get(paths[n % len(paths)])
            took.append((time.perf_counter() - start) * 1000)
            assert answer.status_code == 200, (name, answer.status_code, paths[n % len(paths)])
        spent = Spent(TIMES, sum(took) / 1000, time.process_time() - cpu)
        for path in paths[:3]:
            with CaptureQueriesContext(connection) as captured:
                client.get(path)
            queries.append(len(captured))
        if os.environ.get("VOLUME_SQL"):
            slow = sorted(captured.captured_queries, key=lambda q: -float(q["time"]))[:4]
            say("\n".join(f"    {q['time']} {q['sql'][:700]}" for q in slow))
        p95 = statistics.quantiles(took, n=20)[-1]
        say(line(Figure(f"{name}: p95", p95, "ms", AIM, f"aim; p50 {statistics.median(took):.0f} ms, "
                        f"{max(queries)} queries", spent.cpu_ms)))  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
