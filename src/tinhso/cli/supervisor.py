"""`tinhso up`: every part of an install under one roof, restarted when it dies, stopped together."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO

from .parts import PARENT

LONGEST_WAIT = 10.0  # seconds between restarts of a part that keeps dying
GRACE = 20.0  # seconds a part may take to finish what it is doing
_COLOURS = ("36", "35", "32", "33", "34", "95", "96")


@dataclass
class Part:
    """A process of the install and how to start it."""

    name: str
    command: Sequence[str]
    environment: dict[str, str] = field(default_factory=dict)
    later: bool = False  # only once the others serve
    process: subprocess.Popen[str] | None = None
    started: float = 0.0
    deaths: int = 0
    not_before: float = 0.0


class Supervisor:
    """Starts parts, forwards what they say, restarts those that die."""

    def __init__(self, parts: Sequence[Part], output: IO[str] | None = None) -> None:
        self.parts = list(parts)
        self.output = output or sys.stdout
        self.stopping = threading.Event()
        self.serving = threading.Event()  # set by whoever sees that it does: then `later` parts start
        self._writing = threading.Lock()
        self._width = max(len(part.name) for part in self.parts)

    def run(self, tick: float = 0.2) -> None:
        """Until SIGINT, SIGTERM or `stopping`; then every part is stopped, in order."""
        with self._signals():
            try:
                while not self.stopping.is_set():
                    for part in self.parts:
                        if self.serving.is_set() or not part.later:
                            self._keep(part)
                    self.stopping.wait(tick)
            finally:
                self._stop()

    def say(self, name: str, line: str) -> None:
        """One line of output, with whose it is."""
        label = name.ljust(self._width)
        if self.output.isatty():
            names = [part.name for part in self.parts]
            colour = _COLOURS[names.index(name) % len(_COLOURS)] if name in names else "0"
            label = f"\x1b[{colour}m{label}\x1b[0m"
        with self._writing, contextlib.suppress(BrokenPipeError):
            print(f"{label} | {line}", file=self.output, flush=True)

    def _keep(self, part: Part) -> None:
        now = time.monotonic()
        if part.process is not None:
            if not _ended(part.process):
                return
            code = _reap(part.process)
            part.deaths = 1 if now - part.started > 30 else part.deaths + 1
            wait = min(LONGEST_WAIT, 0.25 * 2 ** (part.deaths - 1))
            part.process, part.not_before = None, now + wait
            self.say(part.name, f"ended ({_reason(code)}); starting it again in {wait:g} s")
        if now >= part.not_before:
            self._start(part)

    def _start(self, part: Part) -> None:
        part.started = time.monotonic()
        part.process = subprocess.Popen(
            part.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="replace", bufsize=1, start_new_session=True,
            env={**os.environ, **part.environment, PARENT: str(os.getpid()), "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        threading.Thread(target=self._forward, args=(part.name, part.process), daemon=True).start()

    def _forward(self, name: str, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                self.say(name, line.rstrip("\n"))

    def _stop(self) -> None:
        processes = [part.process for part in self.parts if part.process is not None]
        for process in processes:
            process.terminate()
        deadline = time.monotonic() + GRACE
        while not all(_ended(process) for process in processes) and time.monotonic() < deadline:
            time.sleep(0.05)
        for process in processes:
            _reap(process)

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():  # Python gives signals to that one only
            yield
            return
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        for number in before:
            # By a thread: this one may hold the event's lock just now, and would wait for itself.
            signal.signal(number, lambda *_: threading.Thread(target=self.stopping.set).start())
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _ended(process: subprocess.Popen[str]) -> bool:
    """Whether it ended. It is left unreaped, so that its number is still its own."""
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _reap(process: subprocess.Popen[str]) -> int:
    """Kill what is left of a part and of those it started; returns its exit code."""
    os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


def _reason(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"
