"""The simulated national portal, beside a test: on a real socket that can be closed and opened again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

from tests.systems.dossiers.builders import by
from tinhso.core.ledger.consumers import catch_up, last_position
from tinhso.core.ledger.models import Entry
from tinhso.core.ledger.sequencer import sequence
from tinhso.core.ledger.tables import LEDGER
from tinhso.simulators.national_portal.portal import Portal
from tinhso.simulators.national_portal.server import PortalServer
from tinhso.systems.national_portal import actions, channel, jobs
from tinhso.systems.national_portal.models import Link

LATER = datetime(2027, 1, 4, 2, tzinfo=UTC)  # after everything that the builders do


class Beside:
    """The portal with its socket; `close` and `open` are an outage that loses nothing it knew."""

    def __init__(self) -> None:
        self.portal = Portal("H15", "tinh", "bi-mat")
        self.port = 0
        self.open()

    def open(self) -> None:
        self.server = PortalServer(("127.0.0.1", self.port), self.portal)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    @property
    def environment(self) -> dict[str, str]:
        return {
            "NATIONAL_PORTAL_URL": f"http://127.0.0.1:{self.port}",
            "NATIONAL_PORTAL_UNIT": "H15",
            "NATIONAL_PORTAL_USER": "tinh",
            "NATIONAL_PORTAL_PASSWORD": "bi-mat",
        }

    def heard(self, code: str = "") -> list[tuple[str, dict[str, Any]]]:
        """What was new to the portal, in order: (service, record), of one dossier or of all."""
        return [(service, record) for service, ident, record in self.portal.heard if code in ("", ident)]


@contextmanager
def beside(settings: Any) -> Iterator[Beside]:
    """The portal, set up here."""
    made = Beside()
    before = settings.TINHSO
    settings.TINHSO = before.model_copy(update={k.lower(): v for k, v in made.environment.items()})
    channel._session.clear()
    try:
        yield made
    finally:
        settings.TINHSO = before
        made.close()


def begun(day: str = "2026-11-01") -> None:
    """An official has begun the exchange."""
    actions.begin(date.fromisoformat(day), by=by("administrator"), at=LATER)


def read() -> None:
    """As the worker's ledger loop does: place entries, hand them to consumers. A transaction in any database of the
    cluster, such as the copying of another test's, holds the placing up."""
    while last_position() < Entry.objects.count():
        sequence(LEDGER)
    catch_up()


def sent() -> None:
    """Read the record and send until nothing may go any more."""
    read()
    Link.objects.update(again_at=None)
    jobs.send()
