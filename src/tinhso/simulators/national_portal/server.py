"""The portal on a socket: sessions and services, papers of applications, and the page that says how to behave."""

from __future__ import annotations

import html
import json
import socket
import time
from contextlib import suppress
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from ..socket import Answers, Server
from .citizen import application, paper
from .portal import Manner, Portal

JSON, HTML = "application/json; charset=utf-8", "text/html; charset=utf-8"
MOST = 5_000_000  # bytes of one request
MANNERS = {
    "ok": "Trả lời bình thường",
    "slow": "Trả lời chậm",
    "busy": "Báo quá tải (503)",
    "down": "Ngắt kết nối",
    "refuse": "Từ chối mọi hồ sơ",
}


class PortalServer(Server):
    """Closing it cuts the connections that are open, as an outage does."""

    def __init__(self, address: tuple[str, int], portal: Portal) -> None:
        self.portal, self.open = portal, set[socket.socket]()
        super().__init__(address, PortalHandler)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, client = super().get_request()
        self.open.add(connection)
        return connection, client

    def close_request(self, request: Any) -> None:
        self.open.discard(request)
        super().close_request(request)

    def server_close(self) -> None:
        super().server_close()
        for connection in list(self.open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    @property
    def url(self) -> str:
        return f"http://{self.server_address[0]!s}:{self.server_address[1]}"


class PortalHandler(Answers):
    """One request."""

    server: PortalServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:  # noqa: N802  # the name is the base class's
        if int(self.headers.get("Content-Length") or 0) > MOST:
            self.close_connection = True
            self.answer(b"", JSON, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        raw = self.body()
        if self.path == "/mo-phong":
            self._told(raw)
        elif self.path in ("/mapi/login", "/mapi/g") and self._willing():
            self._serve(raw)
        elif self.path not in ("/mapi/login", "/mapi/g"):
            self.answer(b"{}", JSON, HTTPStatus.NOT_FOUND)

    def handle(self) -> None:
        with suppress(ConnectionError):  # whoever asked is gone, or we were closed meanwhile
            super().handle()

    def do_GET(self) -> None:  # noqa: N802  # the name is the base class's
        if self.path == "/mo-phong":
            self._json(self.server.portal.seen())
        elif self.path.startswith("/tep/") and self._willing():
            known = self.headers.get("Authorization", "").removeprefix("Bearer ") in self.server.portal.sessions
            name = self.path.removeprefix("/tep/")
            data = self.server.portal.files.get(name, paper(name)) if known else None
            found = HTTPStatus.OK if data is not None else HTTPStatus.NOT_FOUND
            self.answer(data or b"", "application/octet-stream", found)
        elif self.path == "/":
            self.answer(self._page().encode(), HTML)
        elif not self.path.startswith("/tep/"):
            self.answer(b"", HTML, HTTPStatus.NOT_FOUND)

    def _willing(self) -> bool:
        """Behave as told; False where the answer has been given, or none is."""
        manner = self.server.portal.manner
        if manner.now == "slow":
            time.sleep(manner.delay)
        if manner.now == "down":
            self.close_connection = True
            return False
        if manner.now == "busy":
            self.answer(b"{}", JSON, HTTPStatus.SERVICE_UNAVAILABLE)
            return False
        return True

    def _serve(self, raw: bytes) -> None:
        try:
            body = json.loads(raw)
            if not isinstance(body, dict):
                raise ValueError
        except ValueError:
            self.answer(b"{}", JSON, HTTPStatus.BAD_REQUEST)
            return
        portal = self.server.portal
        self._json(portal.login(body) if self.path == "/mapi/login" else portal.call(body))

    def _told(self, raw: bytes) -> None:
        """`mode`, `seconds`, `delay`, `field`; or `apply`: a constructed citizen hands something in."""
        form = self.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded")
        said: dict[str, Any] = dict(parse_qsl(raw.decode())) if form else json.loads(raw)
        portal = self.server.portal
        if "apply" in said:
            portal.remember("application", application(portal, str(said["apply"])))
        if "forget_sessions" in said:
            portal.sessions.clear()
        if said.get("mode") in MANNERS:
            until = time.monotonic() + float(said["seconds"]) if said.get("seconds") else float("inf")
            portal.manner = Manner(
                said["mode"], until, float(said.get("delay") or 3), str(said.get("field") or "MaHoSo")
            )
        if form:
            self.send_response(HTTPStatus.SEE_OTHER)
            self.send_header("Location", "/")
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self._json(portal.seen())

    def _json(self, value: Any) -> None:
        self.answer(json.dumps(value, ensure_ascii=False).encode(), JSON)

    def _page(self) -> str:
        portal = self.server.portal
        buttons = "".join(
            f"<button name=mode value={mode}{' disabled' if mode == portal.manner.now else ''}>{words}</button> "
            for mode, words in MANNERS.items()
        )
        rows = "".join(
            f"<tr><td>{service}<td>{html.escape(code)}<td>{html.escape(str(record.get('TrangThaiHoSo', '')))}"
            f"{html.escape(str(record.get('NoiDungXuLy', '')))}"
            for service, code, record in reversed(portal.heard[-200:])
        )
        return (
            "<!doctype html><html lang=vi><meta charset=utf-8><meta name=viewport content='width=device-width'>"
            "<title>Cổng Dịch vụ công quốc gia: mô phỏng</title><h1>Cổng Dịch vụ công quốc gia: mô phỏng</h1>"
            "<p>Không có gì được gửi ra ngoài thật.</p>"
            f"<p>{len(portal.dossiers)} hồ sơ, {sum(map(len, portal.steps.values()))} bước, {portal.repeated} lần gửi "
            f"lặp, {len(portal.refused)} lần từ chối; {len(portal.applications)} hồ sơ nộp tại đây, "
            f"{len(portal.answers)} đã được tỉnh trả lời.</p><form method=post action=/mo-phong>{buttons}"
            "<button name=apply value=1.004873>Cho một công dân nộp hồ sơ</button></form>"
            f"<table>{rows}</table>"
        )
