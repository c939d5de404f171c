"""What a person waits for: pages of the citizen's home and of the desk, over HTTP, one after the other."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

from .harness import Figure, Install, Spent, cpu_seconds, province, served

TIMES = 60


def figures(install: Install) -> Iterator[Figure]:
    from tests.soak.clients import Sender, session
    from tests.systems.dossiers.builders import a_dossier, citizen, staff

    from tinhso.core.agencies.models import Role

    province()
    several = [a_dossier().submitted() for _ in range(20)]
    visitor = {"Accept-Language": "vi"}
    with served(install) as site:
        parts = [site.running["web"].pid, install.server]
        for name, headers, path in (
            ("home", visitor, "/"),
            ("a citizen's dossiers", session(citizen()), "/ho-so/"),
            ("desk", session(staff(Role.RECEPTIONIST).account), "/ban-lam-viec/"),
            ("desk, a dossier", session(staff(Role.RECEPTIONIST).account), f"/ban-lam-viec/ho-so/{several[0].pk}/"),
            ("health", visitor, "/health"),
        ):
            with Sender(site.port, 0, headers) as sender:
                for _ in range(60):  # templates are read, threads connected
                    sender.send("GET", path)
                took, cpu = [], cpu_seconds(*parts)
                for _ in range(TIMES):
                    start = time.perf_counter()
                    answer = sender.send("GET", path)
                    took.append((time.perf_counter() - start) * 1000)
                    assert answer.status in (200, 503), (path, answer.status)
                spent = Spent(TIMES, sum(took) / 1000, cpu_seconds(*parts) - cpu)
            ninety_five = statistics.quantiles(took, n=20)[-1]
            yield Figure(
                f"{name}, median", statistics.median(took), "ms", 100, "stated: a tenth of a second", spent.cpu_ms
            )
            yield Figure(f"{name}, 95 of 100", ninety_five, "ms", 300, "stated: three tenths")
