"""A leader signs fifty results with one passphrase: from the press of the button to the last line of the page."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

from .harness import Figure, Install, Spent, cpu_seconds, province, served

DOSSIERS = 50
ROUNDS = 3


def figures(install: Install) -> Iterator[Figure]:
    from django.utils import timezone
    from tests.soak.clients import Sender, form, session
    from tests.systems.dossiers.builders import a_dossier, staff

    from tinhso.core.agencies.models import Role
    from tinhso.core.signing import documents
    from tinhso.core.signing.demo import DEMO_PASSPHRASE
    from tinhso.systems.dossiers.models import Result

    province()
    leader = staff(Role.LEADER)
    before = timezone.now() - timedelta(days=3)
    with served(install) as site, Sender(site.port, 0, session(leader.account)) as sender:
        parts = [site.running["web"].pid, install.server]
        took, cpu = [], 0.0
        for _round in range(ROUNDS):
            for _ in range(DOSSIERS):
                a_dossier(before).submitted().accepted().assigned().proposed()
            _rested(site.running["worker"].pid)
            sender.send("GET", "/ban-lam-viec/ky/")
            keys = [document.key for document in documents.waiting(leader)]
            body = form(way="file", passphrase=DEMO_PASSPHRASE) + "".join(f"&document={key}" for key in keys).encode()
            spent, start = cpu_seconds(*parts), time.perf_counter()
            answer = sender.once("POST", "/ban-lam-viec/ky/", body)
            took.append(time.perf_counter() - start)
            cpu += cpu_seconds(*parts) - spent
            assert answer is not None, "the page broke off"
            assert f"Đã ký: {DOSSIERS}. Chưa ký: 0.".encode() in answer.body, answer.body[-2000:]
    assert Result.objects.exclude(signed=None).count() == DOSSIERS * ROUNDS
    each = Spent(DOSSIERS * ROUNDS, sum(took), cpu)
    yield Figure("fifty signed, slowest of three", max(took), "s", 5, "stated: five seconds", each.cpu_ms)


def _rested(worker: int) -> None:
    """Wait until the worker has done what making the dossiers left to it: an hour before, for a leader."""
    used = -1.0
    while (now := cpu_seconds(worker)) - used > 0.1:
        used = now
        time.sleep(1)
