"""The ledger's own work, beside the jobs in every worker process: place, consume, seal.

Every step takes a lock of its own in the database, so any number of workers may run it.
"""

from __future__ import annotations

import logging
import threading

from django.db import Error, close_old_connections, connection
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from . import consumers, seals
from .sequencer import sequence
from .tables import LOGS

log = logging.getLogger(__name__)
PAUSE = 0.25  # seconds between rounds: well within "a second or so"; what comes meanwhile is read together
FULL = 1000  # a round that did so much is followed by the next at once
LONGEST_PAUSE = 5.0  # seconds between tries while the database is away


def round_once() -> int:
    """Place, hand out and, when due, seal; returns how much was done."""
    done = sum(sequence(one) for one in LOGS)
    done += consumers.run_all()
    sealed = [seals.seal(one, at=timezone.now()) for one in LOGS if seals.seal_due(one)]
    if any(sealed):
        seals.copy_roots()
    return done


def seal_now() -> None:
    """Place and seal everything at once (demo data, closing down, tests)."""
    for one in LOGS:
        while sequence(one):
            pass
        while seals.seal(one, at=timezone.now()):
            pass
    seals.copy_roots()


def run(stop: threading.Event) -> None:
    """Work until told to stop. A database that is away is waited for, with back-off to 5 s."""
    autodiscover_modules("consumers")
    pause, roots_copied = PAUSE, False
    while not stop.is_set():
        busy = 0
        try:
            if not roots_copied:  # what a crash between a seal and its copy left out
                seals.copy_roots()
                roots_copied = True
            busy = round_once()
            pause = PAUSE
        except Error as error:
            pause = min(pause * 2, LONGEST_PAUSE)
            log.warning("ledger: the database does not answer, tried again in %.1f s: %s", pause, error)
            connection.close()
        close_old_connections()
        if busy < FULL:
            stop.wait(pause)
    connection.close()
