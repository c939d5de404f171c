"""The parts of an install, and what a person sees while they start."""

from __future__ import annotations

import hashlib
import pkgutil
import signal
import socket
import subprocess
import sys
import threading
import time
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from importlib.metadata import distributions
from importlib.util import find_spec
from pathlib import Path

from tinhso import simulators
from tinhso.config.config import Config, load

from .embedded_postgres import embedded
from .install import Stop, configured, install
from .postgres_host import Unavailable
from .supervisor import Part, Supervisor

_COMMAND = [sys.executable, "-m", "tinhso.cli"]


def up() -> None:
    """Bring the database up to date, then run every part until Ctrl-C or SIGTERM."""
    started = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # also while the tables are being made
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job would ignore it
    print(f"Starting the database in {configured().data_dir} …", flush=True)
    with install() as config:
        _check_ports(config)
        _prepare(config)
        supervisor = Supervisor(parts(config))
        threading.Thread(target=_announce, args=(config, supervisor, started), daemon=True).start()
        if not load().database_url:
            threading.Thread(target=_keep_database, args=(config, supervisor), daemon=True).start()
        supervisor.run()
        print("Stopping the database …", flush=True)
    print("Stopped.", flush=True)


def _check_ports(config: Config) -> None:
    """Refuse before long work where another program has an address of ours."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    for port in range(config.port, config.port + (3 if config.demo else 2)):
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((config.host, port))
            except OSError as error:
                reason = error.strerror or str(error)
                raise Stop(f"{config.host}:{port} cannot be served: {reason}. Try another: make run PORT=…") from error


def _prepare(config: Config) -> None:
    """Tables and, in demo mode, the demo province; skipped where the same code did it to the same database."""
    stamp, wanted = config.data_dir / "prepared", _prepared_by(config)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print("Bringing the tables up to date …", flush=True)
    _finish("migrate")
    if config.demo:
        print("Filling the demo province …", flush=True)
        _finish("demo")
    if not load().database_url:  # another's database may be changed or restored behind our back
        stamp.write_text(wanted)


def _prepared_by(config: Config) -> str:
    """Digest of the code, the libraries and the choices that make tables and demo data."""
    package = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256(f"{config.mode} {config.province}\n".encode())
    for path in sorted(path for path in package.rglob("*") if path.suffix in {".py", ".json", ".typ"}):
        state = path.stat()
        digest.update(f"{path.relative_to(package)} {state.st_size} {state.st_mtime_ns}\n".encode())
    digest.update("\n".join(sorted(f"{d.name} {d.version}" for d in distributions())).encode())
    return digest.hexdigest()


def parts(config: Config) -> list[Part]:
    """What runs: web, live pages, worker; in demo mode stand-ins for remote systems too."""
    names = ["web", "live", "worker"]
    found = [Part(name, [*_COMMAND, name]) for name in names]
    if config.demo:
        found += [
            Part(name := module.name.rpartition(".")[2], [*_COMMAND, "simulator", name], later=True)
            for module in pkgutil.iter_modules(simulators.__path__, "tinhso.simulators.")
            if module.ispkg and find_spec(f"{module.name}.__main__")
        ]
    if config.demo and config.simulate > 0:
        found.append(
            Part(
                "simulate", [*_COMMAND, "simulate", "--mode", "live", "--speed", str(20 * config.simulate)], later=True
            )
        )
    return found


def _finish(command: str) -> None:
    result = subprocess.run([*_COMMAND, command], check=False)
    if result.returncode != 0:
        raise Stop(f"`tinhso {command}` failed; see above.")


def _keep_database(config: Config, supervisor: Supervisor) -> None:
    """Start the embedded server, and the guardian that would do so, where either was killed."""
    while not supervisor.stopping.wait(2):
        try:
            embedded(config.data_dir).ensure()
        except Unavailable as error:
            supervisor.say("database", str(error))


def _announce(config: Config, supervisor: Supervisor, started: float) -> None:
    """Once pages are served: where, and with which accounts."""
    while not _healthy(config):
        if supervisor.stopping.wait(0.2):
            return
    supervisor.serving.set()
    lines = ["", f"Tỉnh Số is ready after {time.monotonic() - started:.0f} s: {config.base_url}"]
    if config.demo:
        from .demo import accounts

        lines += ["", *accounts(config)]
    print("\n".join([*lines, "", "Ctrl-C stops everything; the data stay in " + str(config.data_dir), ""]), flush=True)


def _healthy(config: Config) -> bool:
    connection = HTTPConnection(config.host, config.port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
