"""Figures of the web processes, added up over all of them by files in `PROMETHEUS_MULTIPROC_DIR`."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

CONTENT_TYPE = CONTENT_TYPE_LATEST
_OWN = CollectorRegistry()
REQUESTS = Counter("tinhso_requests", "Requests answered", ["route", "method", "status"], registry=_OWN)
SECONDS = Histogram(
    "tinhso_request_seconds",
    "Seconds to answer a request",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
    registry=_OWN,
)


class Measure:
    """Middleware that counts and times every request by route."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        # The route, never the path: paths hold codes of dossiers and are without number.
        route = request.resolver_match.route if request.resolver_match else "(none)"
        SECONDS.labels(route).observe(time.perf_counter() - started)
        REQUESTS.labels(route, request.method or "", response.status_code).inc()
        return response


def exposition(state: dict[str, Any]) -> bytes:
    """Everything in Prometheus' text format; `state` is that of `/health`."""
    registry = CollectorRegistry()
    registry.register(_State(state))
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
    return generate_latest(registry) + generate_latest(_OWN)


class _State:
    """The state of the parts as gauges."""

    def __init__(self, state: dict[str, Any]) -> None:
        self.state = state

    def collect(self) -> Iterator[GaugeMetricFamily]:
        up = GaugeMetricFamily("tinhso_up", "1 where the part works", labels=["part"])
        for name in ("database", "worker", "ledger"):
            up.add_metric([name], float(self.state.get(name, {}).get("status") == "ok"))
        yield up
        if worker := self.state.get("worker", {}):
            yield GaugeMetricFamily("tinhso_workers", "Workers alive", worker.get("alive", 0))
            yield GaugeMetricFamily("tinhso_job_lag_seconds", "Age of the oldest waiting job", worker.get("lag", 0))
        if ledger := self.state.get("ledger", {}):
            still = len(ledger.get("standing_still", []))
            yield GaugeMetricFamily(
                "tinhso_seal_lag_seconds", "Age of the oldest entry without a seal", ledger.get("seal_lag", 0)
            )
            yield GaugeMetricFamily("tinhso_consumers_standing_still", "Consumers of the ledger that fail", still)
