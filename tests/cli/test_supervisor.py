"""One supervisor: restarts what dies, stops everything, leaves nothing behind."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tinhso.cli.supervisor import Part, Supervisor

CHILD = """
import os, sys, time
from tinhso.cli.parts import follow_parent
follow_parent(int(os.environ["TINHSO_PARENT"]))
open(sys.argv[1], "a").write(f"{os.getpid()}\\n")
print("hello from", sys.argv[1].rpartition("/")[2], flush=True)
time.sleep(600)
"""
WITH_CHILD = """
import subprocess, sys
child = subprocess.Popen(["sleep", "600"])
open(sys.argv[1], "a").write(f"{child.pid}\\n")
child.wait()
"""


def until(condition: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def numbers(path: Path) -> list[int]:
    return [int(line) for line in path.read_text().split()] if path.exists() else []


@pytest.fixture
def environment() -> dict[str, str]:
    return {"PYTHONPATH": os.pathsep.join(sys.path)}


def running(supervisor: Supervisor) -> threading.Thread:
    """The supervisor at work. Signals belong to the main thread, so a test's own is spared them."""
    thread = threading.Thread(target=supervisor.run, args=(0.02,))
    thread.start()
    return thread


def test_a_killed_part_is_started_again_and_the_others_are_left_alone(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    output = io.StringIO()
    parts = [Part(name, [sys.executable, "-c", CHILD, str(tmp_path / name)], environment) for name in ("web", "worker")]
    supervisor = Supervisor(parts, output)
    thread = running(supervisor)
    until(lambda: numbers(tmp_path / "web") and numbers(tmp_path / "worker"))
    os.kill(numbers(tmp_path / "web")[0], signal.SIGKILL)
    until(lambda: len(numbers(tmp_path / "web")) == 2)
    supervisor.stopping.set()
    thread.join()
    assert len(numbers(tmp_path / "worker")) == 1
    assert not any(alive(pid) for pid in [*numbers(tmp_path / "web"), *numbers(tmp_path / "worker")])
    assert "web    | hello from web" in output.getvalue()
    assert "web    | ended (SIGKILL); starting it again in 0.25 s" in output.getvalue()


def test_what_a_killed_part_had_started_goes_with_it(tmp_path: Path) -> None:
    supervisor = Supervisor([Part("web", [sys.executable, "-c", WITH_CHILD, str(tmp_path / "child")])], io.StringIO())
    thread = running(supervisor)
    until(lambda: numbers(tmp_path / "child"))
    process = supervisor.parts[0].process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    until(lambda: len(numbers(tmp_path / "child")) == 2)
    until(lambda: not alive(numbers(tmp_path / "child")[0]))
    supervisor.stopping.set()
    thread.join()
    until(lambda: not alive(numbers(tmp_path / "child")[1]))


def test_a_part_that_keeps_dying_is_started_ever_more_rarely() -> None:
    output = io.StringIO()
    supervisor = Supervisor([Part("web", [sys.executable, "-c", "raise SystemExit(3)"])], output)
    thread = running(supervisor)
    until(lambda: output.getvalue().count("exit code 3") == 3)
    supervisor.stopping.set()
    thread.join()
    waits = [line.rpartition(" in ")[2] for line in output.getvalue().splitlines() if "exit code 3" in line]
    assert waits == ["0.25 s", "0.5 s", "1 s"]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_part_outlives_its_supervisor(tmp_path: Path, environment: dict[str, str], how: signal.Signals) -> None:
    code = (
        "import sys\nfrom tinhso.cli.supervisor import Part, Supervisor\n"
        f"Supervisor([Part(n, [sys.executable, '-c', {CHILD!r}, sys.argv[1] + '/' + n]) for n in 'ab']).run()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.DEVNULL, env={**os.environ, **environment}
    )
    until(lambda: numbers(tmp_path / "a") and numbers(tmp_path / "b"))
    process.send_signal(how)
    code_of_exit = process.wait(30)
    pids = [*numbers(tmp_path / "a"), *numbers(tmp_path / "b")]
    if how is not signal.SIGKILL:
        assert code_of_exit == 0
        assert not any(alive(pid) for pid in pids)
    until(lambda: not any(alive(pid) for pid in pids))
