"""The mode `actions`: arrivals live through the real actions, in as many processes as there are cores.

A life is one commit, under a key of its own: killed in the middle, the arrival has not come, and the
next run of the same world makes only what is missing (keys are kept for seven days). Each process
has communes of its own, so no two wait for the same book.
"""

from __future__ import annotations

import ctypes
import hashlib
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from django.db import connection
from django.utils import timezone

from tinhso.core.api.idempotency import idempotent
from tinhso.core.api.models import IdempotencyKey
from tinhso.core.jobs.registry import nothing_enqueued
from tinhso.core.ledger.actions import Refused

from .rooms import Room, rooms
from .staff import BY, staff_places
from .world import World

T = TypeVar("T")
Progress = Callable[[str], None]
_PR_SET_PDEATHSIG = 1
SAID_EVERY = 10.0  # seconds
TIMEOUTS = ["transaction_timeout", "idle_in_transaction_session_timeout"]


@dataclass(frozen=True)
class Done:
    """What a run did: lives made now, lives that were there before, seconds."""

    made: int
    before: int
    seconds: float


class Clock:
    """Seconds each part took."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self.last = time.monotonic()

    def lap(self, name: str) -> None:
        now = time.monotonic()
        self.laps[name], self.last = now - self.last, now


def prepare(world: World, progress: Progress) -> None:
    """Officials for every commune, and what each system needs once."""
    staff_places(world, progress)
    for room in rooms():
        room.prepare(world)


def run(world: World, *, processes: int, progress: Progress) -> Done:
    """Let every arrival of a prepared world live that has not yet; the same world twice changes nothing."""
    started = time.monotonic()
    there = _there(world)
    missing = [n for n in range(world.count) if f"{world.name}:{n}" not in there]
    if processes == 1:
        made = _share(world, missing, 1, progress, 0)
    else:
        made = sum(together(processes, partial(_share, world, missing, processes, progress)))
    return Done(made, len(there), time.monotonic() - started)


def together(processes: int, work: Callable[[int], T]) -> list[T]:
    """Do shares 0, 1, … of a work in forks of this process, which end when it does.

    Raises `Refused` where one of them was ended from outside: the others' work is kept.
    """
    connection.close()
    fork, me = multiprocessing.get_context("fork"), os.getpid()
    with ProcessPoolExecutor(processes, mp_context=fork, initializer=_ends_with, initargs=(me,)) as pool:
        shares = [pool.submit(work, mine) for mine in range(processes)]
        try:
            return [share.result() for share in shares]
        except BrokenProcessPool as broken:
            message = "One of the processes was ended from outside. Start the same again: it goes on where it stopped."
            raise Refused("broken_off", message) from broken


def _ends_with(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it had ended before
        os._exit(1)


def _there(world: World) -> set[str]:
    keys = IdempotencyKey.objects.filter(owner=str(BY), key__startswith=f"{world.name}:")
    return set(keys.values_list("key", flat=True))


def _share(world: World, missing: list[int], of: int, progress: Progress, mine: int) -> int:
    """The arrivals at every `of`-th commune."""
    made, said, found = 0, time.monotonic(), rooms()
    with nothing_enqueued(), patient():
        for n in missing:
            arrival = world.arrival(n)
            if arrival.place.index % of != mine:
                continue
            for room in found:
                once(world, room, n)
            made += 1
            if time.monotonic() - said > SAID_EVERY:
                said = time.monotonic()
                progress(f"process {mine + 1}: {made} of about {len(missing) // of}, now at {arrival.at:%d/%m/%Y}")
    if of > 1:
        connection.close()
    return made


@contextmanager
def patient(so_long: str = "60s") -> Iterator[None]:
    """Let transactions of this process last a minute: a life, or a group of them, is one, and nobody waits for it.

    Elsewhere five seconds is the limit; on a busy machine a life of ten actions may take as long.
    """
    allow = "SELECT set_config(name, %s, false) FROM pg_settings WHERE name = ANY(%s)"  # not all servers know both
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting || unit FROM pg_settings WHERE name = ANY(%s)", [TIMEOUTS])
        before = cursor.fetchall()
        cursor.execute(allow, [so_long, TIMEOUTS])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for name, value in before:
                cursor.execute(allow, [value, [name]])


def once(world: World, room: Room, n: int) -> None:
    """One life in one commit, unless it was lived before."""
    key = f"{world.name}:{n}"
    digest = hashlib.sha256(f"{room.name}:{key}".encode()).digest()
    idempotent(str(BY), key, digest, partial(_live, world, room, n), at=timezone.now())


def _live(world: World, room: Room, n: int) -> tuple[int, dict[str, str]]:
    return 201, {"id": str(room.play(world, world.arrival(n)))}
