"""Live pages: a small process that tells open pages that something changed (SSE).

It says *that* something changed at an agency, never what: the page asks for its own part
again with its own rights. One poller a process reads new positions of the ledger twice a
second and wakes whoever listens, so a thousand open pages cost one query.

A page subscribes with a signed key that names the agencies it shows, or all of them.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import psycopg
from django.conf import settings
from django.core import signing
from django.db import connections

log = logging.getLogger(__name__)

EVERY = 0.5  # seconds between looks at the ledger
ALIVE = 15.0  # seconds between comments that keep proxies from closing the line
LONGEST = 3600  # seconds a key opens the stream; pages opened longer ask for a new one by reloading
ALL = "*"
_SALT = "tinhso.live"

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Scope]]
Send = Callable[[Scope], Awaitable[None]]

_NEWS = """
SELECT p.position, e.agency_id FROM ledger_position p JOIN ledger_entry e ON e.id = p.entry_id
WHERE p.position > %s ORDER BY p.position LIMIT 2000
"""


def key_for(agencies: list[UUID] | str) -> str:
    """A key with which a page may listen for these agencies (or `ALL`)."""
    return signing.dumps(agencies if agencies == ALL else [str(a) for a in agencies], salt=_SALT)


def address(request: Any) -> str:
    """Where a page of this request listens; empty for those who have nothing live to see."""
    from tinhso.core.agencies.queries import REACH, Reach  # the live server itself needs no models

    staff = getattr(request, "staff", None)
    if staff is None:
        return ""
    wide = any(REACH.get(role) is Reach.BELOW for role in staff.roles)
    config = settings.TINHSO
    base = config.live_url or f"http://{config.host}:{config.port + 1}"
    return f"{base}/live?key={key_for(ALL if wide else [staff.agency_id])}"


class Board:
    """Who listens, and the one task that reads the ledger for all of them."""

    def __init__(self) -> None:
        self.listeners: dict[asyncio.Event, frozenset[str]] = {}
        self.poller: asyncio.Task[None] | None = None

    def join(self, agencies: frozenset[str]) -> asyncio.Event:
        woken = asyncio.Event()
        self.listeners[woken] = agencies
        if self.poller is None or self.poller.done():
            self.poller = asyncio.create_task(self.poll())
        return woken

    def leave(self, woken: asyncio.Event) -> None:
        self.listeners.pop(woken, None)

    async def poll(self) -> None:
        """Read while anyone listens. A database that is away is asked again."""
        position: int | None = None
        while self.listeners:
            try:
                async with await psycopg.AsyncConnection.connect(**_params(), autocommit=True) as connection:
                    position = await self.follow(connection, position)
            except psycopg.Error as error:
                log.warning("live: the database does not answer: %s", error)
                await asyncio.sleep(2)

    async def follow(self, connection: psycopg.AsyncConnection[Any], position: int | None) -> int | None:
        if position is None:
            cursor = await connection.execute("SELECT coalesce(max(position), 0) FROM ledger_position")
            position = (await cursor.fetchone() or (0,))[0]
        while self.listeners:
            rows = await (await connection.execute(_NEWS, [position])).fetchall()
            if rows:
                position = rows[-1][0]
                self.wake({str(agency) for _position, agency in rows})
            await asyncio.sleep(EVERY)
        return position

    def wake(self, agencies: set[str]) -> None:
        for woken, wanted in self.listeners.items():
            if ALL in wanted or wanted & agencies:
                woken.set()


def _params() -> dict[str, Any]:
    """How Django would connect; the pieces that psycopg knows."""
    params = connections["default"].get_connection_params()
    return {k: params[k] for k in ("dbname", "user", "password", "host", "port") if params.get(k)}


board = Board()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """ASGI: `GET /live?key=…` streams `event: changed`; anything else is 404."""
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return
    if scope["path"] == "/health":
        await _answer(send, 200, json.dumps({"status": "ok", "listeners": len(board.listeners)}))
        return
    agencies = _agencies(scope)
    if scope["path"] != "/live" or agencies is None:
        await _answer(send, 404 if scope["path"] != "/live" else 403, "{}")
        return
    await _stream(agencies, receive, send)


def _agencies(scope: Scope) -> frozenset[str] | None:
    key = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("key", [""])[0]
    try:
        named = signing.loads(key, salt=_SALT, max_age=LONGEST)
    except signing.BadSignature:
        return None
    return frozenset([ALL] if named == ALL else named)


def _headers(kind: bytes) -> list[tuple[bytes, bytes]]:
    config = settings.TINHSO
    return [
        (b"content-type", kind),
        (b"cache-control", b"no-store"),
        (b"access-control-allow-origin", config.base_url.encode()),
        (b"x-accel-buffering", b"no"),
    ]


async def _answer(send: Send, status: int, body: str) -> None:
    await send({"type": "http.response.start", "status": status, "headers": _headers(b"application/json")})
    await send({"type": "http.response.body", "body": body.encode()})


async def _stream(agencies: frozenset[str], receive: Receive, send: Send) -> None:
    woken = board.join(agencies)
    gone = asyncio.create_task(_gone(receive))
    try:
        await send({"type": "http.response.start", "status": 200, "headers": _headers(b"text/event-stream")})
        await send({"type": "http.response.body", "body": b"retry: 3000\n\n", "more_body": True})
        while not gone.done():
            with suppress(TimeoutError):
                await asyncio.wait_for(woken.wait(), ALIVE)
            body = b"event: changed\ndata: {}\n\n" if woken.is_set() else b": alive\n\n"
            woken.clear()
            await send({"type": "http.response.body", "body": body, "more_body": True})
    finally:
        board.leave(woken)
        gone.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
