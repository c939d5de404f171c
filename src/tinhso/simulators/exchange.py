"""What stand-ins for message providers share: a small JSON server on a real socket, and a memory."""

from __future__ import annotations

import html
import json
import signal
import sys
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import FrameType
from typing import Any
from urllib.parse import parse_qsl

from tinhso.config.config import Config

KEPT = 200  # messages shown on the page


@dataclass(frozen=True)
class Taken:
    """One message the provider took."""

    id: str
    to: str
    text: str


@dataclass
class Memory:
    """What was taken, once per id; and how the provider is told to behave."""

    taken: list[Taken] = field(default_factory=list)
    status: int = 200  # what every call is answered with, to play an outage or a refusal
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, message: Taken) -> bool:
        """Keep a message; False for an id that was taken before."""
        with self.lock:
            if any(one.id == message.id for one in self.taken):
                return False
            self.taken = [*self.taken, message][-KEPT:]
            return True


class Server(ThreadingHTTPServer):
    """Answers `POST` by the handler's `answer`, `GET` with the list."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], handler: type[Handler]) -> None:
        self.memory = Memory()
        super().__init__(address, handler)

    @property
    def url(self) -> str:
        return f"http://{self.server_address[0]!s}:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    """One request. A provider gives `name` and `answer`."""

    server: Server
    protocol_version = "HTTP/1.1"
    name = ""

    def answer(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The provider's answer to a call."""
        raise LookupError(path)

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.server.memory.status != 200:
            self._say(self.server.memory.status, b"{}", "application/json")
            return
        try:
            body = json.loads(raw) if raw.startswith(b"{") else dict(parse_qsl(raw.decode()))
            said = json.dumps(self.answer(self.path, body), ensure_ascii=False).encode()
        except (ValueError, LookupError) as wrong:
            self._say(400, json.dumps({"error": str(wrong)}).encode(), "application/json")
        else:
            self._say(200, said, "application/json; charset=utf-8")

    def do_GET(self) -> None:
        rows = "".join(
            f"<tr><td>{html.escape(one.to)}<td>{html.escape(one.text)}<td>{html.escape(one.id)}"
            for one in reversed(self.server.memory.taken)
        )
        page = (
            f"<!doctype html><html lang=vi><meta charset=utf-8><title>{self.name}</title><h1>{self.name}: mô phỏng</h1>"
            f"<p>Không có tin nào được gửi đi thật.</p><table>{rows}</table>"
        )
        self._say(200, page.encode(), "text/html; charset=utf-8")

    def _say(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name is the base class's
        """Telephone numbers stay out of logs."""


def serve(config: Config, handler: type[Handler], port: int, kind: type[Server] = Server) -> None:
    """Answer on `port` until told to stop."""
    if not config.demo:
        sys.exit(f"The {handler.name} simulator does not run in production.")
    signal.signal(signal.SIGTERM, _stop)
    try:
        with kind((config.host, port), handler) as server:
            server.serve_forever()
    except KeyboardInterrupt:
        pass


def _stop(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
