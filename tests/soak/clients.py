"""Senders that do not give up: the same request again, until it is answered."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.test import Client
from django.utils import timezone

from tests.systems.dossiers.builders import answers
from tinhso.core.accounts.actions import issue_api_client
from tinhso.core.accounts.models import Account
from tinhso.core.agencies.models import Agency
from tinhso.core.ledger.actions import Actor

PATIENCE = 180.0  # seconds one request is sent again and again
APPLICANTS = 50


def token(agency: Agency) -> str:
    """The bearer token of a fresh API client that may submit for this agency and all below it."""
    scopes = ["dossiers:submit", "dossiers:read"]
    _client, secret = issue_api_client(
        "Bưu điện", scopes=scopes, agency=agency, by=Actor.system("soak"), at=timezone.now()
    )
    return secret


def application(number: int, agency: Agency) -> dict[str, Any]:
    """What the n-th sender hands in: one of fifty constructed people, who live in that commune."""
    one = number % APPLICANTS
    requester = {
        "full_name": f"Nguyễn Thị Hoa {chr(ord('A') + one % 26)}{chr(ord('a') + one // 26)}",
        "national_id": f"066190{one + 1:06}",
        "phone": f"0900{one:06}",
        "address": {"province": "66", "commune": agency.unit_code, "detail": f"{number} đường Nơ Trang Lơng"},
    }
    given = answers(requester=requester, copies=number % 3 + 1)
    return {"procedure": "1.004873", "agency": agency.code, "answers": given}


@dataclass
class Answer:
    status: int
    body: bytes
    tries: int
    headers: dict[str, str]

    @property
    def json(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.body)
        return read


class Sender:
    """One client with a connection of its own. A connection that breaks and an answer of 5xx mean: send it again."""

    def __init__(self, port: int, seed: int, headers: dict[str, str]) -> None:
        self.port, self.headers, self.random = port, headers, random.Random(seed)
        self.connection: http.client.HTTPConnection | None = None

    def __enter__(self) -> Sender:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def once(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Answer | None:
        """One try; None where no whole answer came back."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            self.connection.request(method, path, body, {**self.headers, **(headers or {})})
            response = self.connection.getresponse()
            return Answer(response.status, response.read(), 1, {k.lower(): v for k, v in response.getheaders()})
        except (OSError, http.client.HTTPException):
            self.close()
            return None

    def send(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Answer:
        """Until there is an answer that is none of the server's faults."""
        deadline, tries = time.monotonic() + PATIENCE, 0
        while True:
            tries += 1
            answer = self.once(method, path, body, headers)
            if answer is not None and answer.status < 500:
                answer.tries = tries
                return answer
            if time.monotonic() > deadline:
                raise AssertionError(f"no answer to {method} {path} in {PATIENCE:.0f} s; the last: {answer}")
            time.sleep(self.random.uniform(0.02, 0.2))

    def submit(self, application: dict[str, Any], key: str) -> Answer:
        """Hand in an application under an idempotency key."""
        headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
        return self.send("POST", "/api/v1/dossiers", json.dumps(application).encode(), headers)


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}", "Accept-Language": "vi"}


def session(account: Account) -> dict[str, str]:
    """Headers of a browser in which this account is signed in, with the token its forms would carry."""
    client = Client()
    client.force_login(account, "tinhso.core.accounts.backends.AccountBackend")
    csrf = "c" * 32
    cookies = f"sessionid={client.cookies['sessionid'].value}; csrftoken={csrf}"
    return {"Cookie": cookies, "X-CSRFToken": csrf, "Content-Type": "application/x-www-form-urlencoded"}


def form(**fields: str) -> bytes:
    return urlencode(fields).encode()


class Crowd:
    """Threads that work until there is no more to do; the first failure of one is everybody's."""

    def __init__(self, *work: Any) -> None:
        self.failures: list[BaseException] = []
        self.threads = [threading.Thread(target=self._run, args=(one,), daemon=True) for one in work]
        for thread in self.threads:
            thread.start()

    def _run(self, work: Any) -> None:
        from django.db import connection

        try:
            work()
        except BaseException as error:
            self.failures.append(error)
        finally:
            connection.close()

    def check(self) -> None:
        if self.failures:
            raise self.failures[0]

    def join(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        for thread in self.threads:
            thread.join(max(0.0, deadline - time.monotonic()))
            assert not thread.is_alive(), "a sender is still at it"
        self.check()
