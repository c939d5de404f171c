"""The mode `actions`: arrivals live through the real actions, in as many processes as there are cores.

A life is one commit, under a key of its own: killed in the middle, the arrival has not come, and the
next run of the same world makes only what is missing (keys are kept for seven days). Each process
has communes of its own, so no two wait for the same book.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from django.db import connection
from django.utils import timezone

from tinhso.core.api.idempotency import idempotent
from tinhso.core.api.models import IdempotencyKey
from tinhso.core.jobs.registry import nothing_enqueued

from .rooms import Room, rooms
from .staff import BY, staff_places
from .world import World

Progress = Callable[[str], None]
SAID_EVERY = 10.0  # seconds
TIMEOUTS = ["transaction_timeout", "idle_in_transaction_session_timeout"]


@dataclass(frozen=True)
class Done:
    """What a run did: lives made now, lives that were there before, seconds."""

    made: int
    before: int
    seconds: float


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
        made = _share(world, missing, 0, 1, progress)
    else:
        connection.close()  # the processes are forks of this one
        with multiprocessing.get_context("fork").Pool(processes) as pool:
            shares = [pool.apply_async(_share, (world, missing, i, processes, progress)) for i in range(processes)]
            made = sum(share.get() for share in shares)
    return Done(made, len(there), time.monotonic() - started)


def _there(world: World) -> set[str]:
    keys = IdempotencyKey.objects.filter(owner=str(BY), key__startswith=f"{world.name}:")
    return set(keys.values_list("key", flat=True))


def _share(world: World, missing: list[int], mine: int, of: int, progress: Progress) -> int:
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
def patient() -> Iterator[None]:
    """Let transactions of this process last a minute: a life, or a group of them, is one, and nobody waits for it.

    Elsewhere five seconds is the limit; on a busy machine a life of ten actions may take as long.
    """
    allow = "SELECT set_config(name, %s, false) FROM pg_settings WHERE name = ANY(%s)"  # not all servers know both
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting || unit FROM pg_settings WHERE name = ANY(%s)", [TIMEOUTS])
        before = cursor.fetchall()
        cursor.execute(allow, ["60s", TIMEOUTS])
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
