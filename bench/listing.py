"""A list of a hundred dossiers of ten thousand by the API, against psycopg reading the same rows and json writing them.

For scale: Open Zaak 1.30 lists 100 of 10,000 cases 6 times a second, at 244–286 ms CPU, on this size of machine.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from .harness import Figure, Install, province, served
from .submitting import SECONDS, crowd

DOSSIERS = 10_000
SAMPLE = 300  # of them by actions; the others are printed from these
LISTED = 100
ROWS = (
    "SELECT d.code, d.procedure_code, d.state, d.channel, a.code, d.submitted_at, d.due_at, d.finished_at"
    " FROM dossiers_dossier d JOIN agencies_agency a ON a.id = d.agency_id"
    " ORDER BY d.submitted_at DESC, d.id DESC LIMIT 101"
)


def figures(install: Install) -> Iterator[Figure]:
    from tests.soak.clients import token

    from tinhso.core.agencies.demo import home
    from tinhso.core.worktime.calendar import ZONE
    from tinhso.simulation import profile
    from tinhso.simulation.volume import volume
    from tinhso.simulation.world import World

    until = datetime(2026, 11, 20, 12, tzinfo=ZONE)

    def year(count: int) -> World:
        return World(profile.load("dak_lak"), 1, until - timedelta(days=365), until, count, 0)

    province()
    volume(year(DOSSIERS), processes=1, progress=lambda line: None, sample=SAMPLE)
    secret = token(home()[0])
    with served(install) as site:
        parts = [site.running["web"].pid, site.running["worker"].pid, install.server]
        crowd(partial(_over_http, site.port, secret), [], 2.0, parts)  # imports are read
        spent = crowd(partial(_over_http, site.port, secret), [], SECONDS, parts)
        limit = crowd(partial(_raw, install), [], SECONDS, [install.server])
    yield Figure.rate(f"lists of {LISTED} of {DOSSIERS:,}", spent, limit, "psycopg and json, 4 processes; aim 150/s")


def _over_http(port: int, secret: str, _: object, seed: int, begins: float, ends: float) -> int:
    from tests.soak.clients import Sender, bearer

    with Sender(port, seed, bearer(secret)) as sender:
        done = 0
        time.sleep(max(0.0, begins - time.time()))
        while time.time() < ends:
            answer = sender.send("GET", f"/api/v1/dossiers?limit={LISTED}")
            assert answer.status == 200, answer
            assert len(answer.json["items"]) == LISTED
            done += 1
    return done


def _raw(install: Install, _: object, seed: int, begins: float, ends: float) -> int:
    from tinhso.cli.embedded_postgres import APP

    with install.cluster.connect(APP) as connection:
        done = 0
        time.sleep(max(0.0, begins - time.time()))
        while time.time() < ends:
            rows = connection.execute(ROWS, prepare=True).fetchall()
            assert json.dumps(rows, default=str)
            done += 1
    return done
