"""What load balancers, Prometheus and people on call are told."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import Any

import pytest
import structlog
from django.db import OperationalError, connection
from django.test import Client
from tests.house.databases import Database

from tinhso.core.ledger.actions import new_id
from tinhso.core.ui import health


def a_worker(heartbeat_ago: timedelta = timedelta()) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s)", [heartbeat_ago])


def answer(client: Client) -> tuple[int, dict[str, Any]]:
    response = client.get("/health")
    return response.status_code, response.json()


def test_with_a_worker_alive_everything_is_well(db: Database, client: Client) -> None:
    a_worker()
    status, body = answer(client)
    assert status == 200
    assert body["status"] == body["database"]["status"] == body["worker"]["status"] == body["ledger"]["status"] == "ok"
    assert body["version"]
    assert body["worker"]["lag"] == body["ledger"]["seal_lag"] == 0


def test_without_a_worker_it_is_down_and_says_which_part(db: Database, client: Client) -> None:
    a_worker(heartbeat_ago=timedelta(minutes=1))
    status, body = answer(client)
    assert status == 503
    assert body["status"] == body["worker"]["status"] == "down"
    assert body["database"]["status"] == "ok"


def test_entries_without_a_seal_for_long_are_a_fault(db: Database, client: Client) -> None:
    a_worker()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_entry (id, cause, event, version, subject_kind, subject_id, actor, at, payload,"
            " recorded_at) VALUES (%(id)s, %(id)s, 'x', 1, 'x', %(id)s, 'system:x', now(), '{}',"
            " now() - interval '5 minutes')",
            {"id": new_id()},
        )
    status, body = answer(client)
    assert (status, body["ledger"]["status"]) == (503, "down")
    assert body["ledger"]["seal_lag"] >= 300


def test_a_database_that_is_away_is_said_so_not_shown_as_an_error(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> dict[str, Any]:
        raise OperationalError("the server is gone")

    monkeypatch.setattr(health, "_database", away)
    status, body = answer(client)
    assert status == 503
    assert body["database"] == {"status": "down"}
    assert "worker" not in body


def test_metrics_are_for_loopback_only_where_no_token_is_set(db: Database, client: Client) -> None:
    a_worker()
    text = client.get("/metrics").content.decode()
    assert 'tinhso_up{part="worker"} 1.0' in text
    assert "tinhso_request_seconds_bucket" in text
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 404


def test_metrics_are_for_the_bearer_of_the_token(db: Database, client: Client, settings: Any) -> None:
    settings.TINHSO = settings.TINHSO.model_copy(update={"metrics_token": "s3cret"})
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
    there = client.get("/metrics", headers={"Authorization": "Bearer s3cret"}, REMOTE_ADDR="203.0.113.9")
    assert there.status_code == 200


def test_requests_are_counted_by_route_never_by_path(db: Database, client: Client) -> None:
    client.get("/khong-co/066190000001")
    client.get("/health")
    text = client.get("/metrics").content.decode()
    assert 'route="health"' in text
    assert "066190000001" not in text


def test_a_line_of_the_log_says_of_which_request_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    from tinhso.config.config import LogFormat, load
    from tinhso.config.logs import configure

    root, before = logging.getLogger(), logging.getLogger().handlers[:]
    try:
        configure(load().model_copy(update={"log_format": LogFormat.JSON}))
        with structlog.contextvars.bound_contextvars(request_id="abc123"):
            logging.getLogger("elsewhere").warning("Hồ sơ %s", "H15.1")
            structlog.get_logger("here").error("sealed", number=7)
    finally:
        root.handlers[:] = before
        configure(load())
        root.handlers[:] = before
    first, second = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (first["event"], first["request_id"], first["level"]) == ("Hồ sơ H15.1", "abc123", "warning")
    assert (second["event"], second["number"], second["request_id"]) == ("sealed", 7, "abc123")
    assert first["timestamp"].endswith("Z")
