"""The ledger's own work, beside the jobs in every worker process: place, consume, seal.

Every step takes a lock of its own in the database, so any number of workers may run it.
"""

from __future__ import annotations

import logging
import threading

from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from . import consumers, seals
from .sequencer import sequence
from .tables import LOGS

log = logging.getLogger(__name__)
PAUSE = 0.25  # seconds between rounds when nothing happens: well within "a second or so"


def round_once() -> int:
    """Place, hand out and, when due, seal; returns how much was done."""
    done = sum(sequence(one) for one in LOGS)
    done += consumers.run_all()
    now = timezone.now()
    sealed = [seals.seal(one, at=now) for one in LOGS if seals.seal_due(one, at=now)]
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
    seals.copy_roots()
    pause = PAUSE
    while not stop.is_set():
        try:
            busy = round_once()
            pause = PAUSE
        except (OperationalError, InterfaceError) as error:
            log.warning("ledger loop: the database does not answer: %s", error)
            connection.close()
            busy, pause = 0, min(pause * 2, 5.0)
        close_old_connections()
        if not busy:
            stop.wait(pause)
    connection.close()
