"""What benchmarks share: a database of their own, time and CPU, and the table."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tinhso.cli.embedded_postgres import APP, OWNER, Cluster, embedded

if TYPE_CHECKING:
    from tests.house.site import Site

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Install:
    """A fresh, migrated, durable install of the benchmark's own."""

    folder: Path
    cluster: Cluster

    @property
    def server(self) -> int:
        """Process id of the database server."""
        return int((self.cluster.data / "postmaster.pid").read_text().split()[0])


@contextlib.contextmanager
def install(kept: Path | None = None) -> Iterator[Install]:
    """Set it up under `.build/bench`, run Django on it as the application's role, and remove it; or in a folder that
    is kept, and used again as it is."""
    folder = kept or ROOT / ".build" / "bench"
    if not kept:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    with embedded(folder).hold() as cluster:
        os.environ.update(
            DJANGO_SETTINGS_MODULE="tinhso.config.settings",
            TINHSO_MODE="test",
            DATA_DIR=str(folder),
            DATABASE_URL=cluster.url(APP),
            DATABASE_OWNER_URL=cluster.url(OWNER),
        )
        command = [sys.executable, "-m", "tinhso.cli", "migrate"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        import django

        django.setup()
        try:
            yield Install(folder, cluster)
        finally:
            from django.db import connection

            connection.close()
    if not kept:
        shutil.rmtree(folder, ignore_errors=True)


def province() -> None:
    """The demo's agencies, people, keys and procedures in the benchmark's database; a second call changes nothing."""
    from tinhso.core.accounts import demo as accounts
    from tinhso.core.agencies import demo as agencies
    from tinhso.core.signing import demo as signing
    from tinhso.systems.linked import demo as linked
    from tinhso.systems.procedures import demo as procedures

    for room in (agencies, accounts, signing, procedures):
        room.load(lambda line: None)
    linked.publish_procedures()


@contextlib.contextmanager
def served(install: Install) -> Iterator[Site]:
    """The site with two web workers, and a worker, as processes of their own."""
    from tests.house.site import Site

    site = Site(install.cluster, install.folder, WEB_WORKERS="2")  # type: ignore[arg-type]
    site.start("web")
    site.start("worker")
    try:
        site.ready()
        yield site
    finally:
        site.stop()


@dataclass(frozen=True)
class Spent:
    """What some work took: items done, seconds, and CPU seconds of all processes together."""

    items: int
    seconds: float
    cpu: float

    @property
    def rate(self) -> float:
        return self.items / self.seconds

    @property
    def cpu_ms(self) -> float:
        """CPU milliseconds an item."""
        return self.cpu / self.items * 1000


def spend(work: Callable[[], int], *processes: int) -> Spent:
    """Time `work`, which returns how many items it did; CPU of this process and of `processes` with their children."""
    cpu, start = cpu_seconds(os.getpid(), *processes), time.perf_counter()
    items = work()
    return Spent(items, time.perf_counter() - start, cpu_seconds(os.getpid(), *processes) - cpu)


def cpu_seconds(*roots: int) -> float:
    """CPU time of these processes, their descendants and those of them that have ended."""
    children, used = defaultdict(list), {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # ended meanwhile
            fields = stat.read_text().rpartition(")")[2].split()
            pid = int(stat.parent.name)
            children[int(fields[1])].append(pid)
            used[pid] = sum(map(int, fields[11:15])) / TICKS
    total, todo, seen = 0.0, list(roots), set[int]()
    while todo:
        pid = todo.pop()
        if pid not in seen:
            seen.add(pid)
            total += used.get(pid, 0.0)
            todo += children[pid]
    return total


@dataclass(frozen=True)
class Figure:
    """One line of the table. `limit` is what the machine could do at best, and `limited_by` says how that was taken."""

    what: str
    value: float
    unit: str
    limit: float
    limited_by: str
    cpu_ms: float | None = None  # an item, all processes together

    @classmethod
    def rate(cls, what: str, spent: Spent, limit: Spent, limited_by: str, unit: str = "/s") -> Figure:
        return cls(what, spent.rate, unit, limit.rate, limited_by, spent.cpu_ms)


HEAD = f"{'':38} {'measured':>14} {'limit':>14} {'of it':>6} {'CPU ms each':>12}  limit is"


def line(figure: Figure) -> str:
    """One figure as a line below `HEAD`."""
    value, limit = (f"{number(x)} {figure.unit}" for x in (figure.value, figure.limit))
    cpu = "" if figure.cpu_ms is None else f"{figure.cpu_ms:.3f}"
    part = f"{figure.value / figure.limit:.0%}" if figure.limit else ""
    return f"{figure.what:38} {value:>14} {limit:>14} {part:>6} {cpu:>12}  {figure.limited_by}"


def number(value: float) -> str:
    """Three digits that matter, thousands in groups."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
