"""The processes of a running install: web, live, worker."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import sys
import threading
from importlib import import_module
from typing import Any

from tinhso.config.config import Config

PARENT = "TINHSO_PARENT"  # process id of the supervisor, in the environment of what it starts
WEB = "tinhso.config.wsgi"
# Libraries that take longest to load and need no settings: the web server loads them once and its workers share
# them, so that the first page comes sooner and each worker takes less memory.
_SHARED = (
    "django.core.handlers.wsgi", "django.db.backends.postgresql.base", "holidays.countries.vietnam", "pikepdf",
    "pyhanko.sign.validation", "pyhanko_certvalidator.fetchers.requests_fetchers",
)  # fmt: skip
_PR_SET_PDEATHSIG = 1
_M_ARENA_MAX = -8


def follow_parent(parent: int) -> None:
    """End (SIGTERM) when `parent` dies, however it dies: no part outlives its supervisor."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before we asked
        os.kill(os.getpid(), signal.SIGTERM)


def web(config: Config) -> None:
    """Serve pages and API until told to stop."""
    from granian.constants import Interfaces

    # Workers add up their figures in files, which this server's death leaves and the next start clears.
    figures = config.data_dir / "metrics"
    shutil.rmtree(figures, ignore_errors=True)
    figures.mkdir(mode=0o700)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(figures)
    for name in _SHARED:
        import_module(name)
    _serve(
        WEB,
        config,
        port=config.port,
        interface=Interfaces.WSGI,
        workers=config.web_workers,
        # By default 512 threads a worker, each with a database connection of its own (design §4).
        blocking_threads=config.web_threads,
        blocking_threads_idle_timeout=600,
        backlog=2048,
        backpressure=512,
    )


def live(config: Config) -> None:
    """Serve live pages (SSE) until told to stop: few cycles, many open connections."""
    from granian.constants import Interfaces

    _serve(
        "tinhso.config.asgi",
        config,
        port=config.port + 1,
        interface=Interfaces.ASGI,
        workers=1,
        backlog=16_384,
        backpressure=10_000,  # at the default it stops at 1,024 clients
    )


def _serve(target: str, config: Config, **options: Any) -> None:
    """Serve until told to stop. SIGHUP starts new workers, of the code as it is then, in place of the old."""
    import multiprocessing

    from granian.log import LogLevels

    from .one_socket import OneSocketServer

    multiprocessing.set_start_method("fork", force=True)  # the default before Python 3.14; else sockets are not shared
    server = OneSocketServer(
        target,
        address=config.host,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        respawn_interval=0.2,
        workers_kill_timeout=10,
        **options,
    )
    server.serve(target_loader=_Loader(os.getpid()))


def _few_arenas() -> None:
    """Keep glibc's allocator to two arenas: by default it makes one a thread, which costs memory and no time here."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(_M_ARENA_MAX, 2)


class _Loader:
    """Loads the application inside a worker, which from then on dies with its server."""

    def __init__(self, server: int) -> None:
        self.server = server

    def __call__(self, target: str) -> Any:
        follow_parent(self.server)
        _few_arenas()
        for name in [name for name in sys.modules if name.startswith("tinhso.")]:
            del sys.modules[name]  # of the server's start; after SIGHUP the code may be newer
        application = import_module(target).application
        if target == WEB:
            threading.Thread(target=_warm, name="warm").start()
        return application


def _warm() -> None:
    """What the first person would wait for: the addresses, and the national holidays, which would
    otherwise be computed in the transaction of the first submission."""
    from django.urls import get_resolver
    from django.utils import timezone

    from tinhso.core.worktime.hours import national

    year = timezone.localdate().year
    for one in (year, year + 1):
        national(one)
    assert get_resolver().url_patterns


def worker(config: Config) -> None:
    """Run jobs, and beside them the ledger's own work and the copies that backups need, until told to stop.

    Either of them failing ends the process with its error; the supervisor starts another.
    """
    from tinhso.core.jobs.worker import run_worker
    from tinhso.core.ledger import loop

    from .backup import keep_up

    stop, failures = threading.Event(), list[BaseException]()
    for number in (signal.SIGINT, signal.SIGTERM):
        # By a thread: the main one may hold the event's lock just now, and would wait for itself.
        signal.signal(number, lambda *_: threading.Thread(target=stop.set).start())

    def ledger() -> None:
        try:
            loop.run(stop)
        except BaseException as error:
            failures.append(error)
        finally:
            stop.set()

    thread = threading.Thread(target=ledger, name="ledger")
    thread.start()
    backup = threading.Thread(target=keep_up, args=(config, stop), name="backup")
    backup.start()
    try:
        run_worker(stop, concurrency=config.worker_threads)
    finally:
        stop.set()
        thread.join(30)
        backup.join(30)
    if failures:
        raise failures[0]
