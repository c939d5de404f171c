"""The agent's own small web service, on loopback.

Who may use it: a page of an allowed origin (`Origin`, which a page cannot forge) that has been
paired since the agent was started, by a code that the official reads off the agent. So another
page, another program's page and a page that got a name to point here (DNS rebinding: `Host`) are
refused. And each signature needs the PIN, which only the agent asks for.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import secrets
import threading
from collections.abc import Generator
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from asn1crypto import x509

from tinhso.core.signing.pkcs11 import Held, TokenError, held, opened, pin_state

from .asking import Ask, Question
from .attributes import belong_to

PORT = 9478
MAX_BODY = 4 * 1024 * 1024
MAX_DOCUMENTS = 500
PIN_TRIES = 3  # then the official must begin anew: most tokens lock themselves after a few more
PAIR_TRIES = 5


class Refusal(Exception):
    """An answer that is an error: a code for the page and an HTTP status."""

    def __init__(self, code: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(code)
        self.code, self.status = code, status


@dataclass
class Desk:
    """What the agent knows while it runs: nothing of it outlives the process."""

    origins: frozenset[str]
    drivers: tuple[str, ...]
    ask: Ask
    code: str = field(default_factory=lambda: _code())
    tokens: dict[str, str] = field(default_factory=dict)  # origin → what its pages must show
    wrong_codes: int = 0
    busy: threading.Lock = field(default_factory=threading.Lock)
    said: Any = print

    def pair(self, origin: str, code: str) -> str:
        """The token of an origin, for the code that the agent shows. After five wrong ones it shows another."""
        typed = "".join(filter(str.isdigit, code))
        if not hmac.compare_digest(typed, self.code):
            self.wrong_codes += 1
            if self.wrong_codes >= PAIR_TRIES:
                self.code, self.wrong_codes = _code(), 0
                self.said(shown(self.code))
            raise Refusal("wrong_code", HTTPStatus.FORBIDDEN)
        self.wrong_codes = 0
        return self.tokens.setdefault(origin, secrets.token_urlsafe(32))

    def keys(self) -> dict[str, tuple[str, Held]]:
        """Certificates on the tokens that are in, by fingerprint, with the driver that reaches each.

        A driver that cannot be loaded is told only where no other has a certificate.
        """
        found: dict[str, tuple[str, Held]] = {}
        fault: TokenError | None = None
        for driver in self.drivers:
            try:
                found |= {one.fingerprint: (driver, one) for one in held(driver)}
            except TokenError as error:
                fault = error
        if not found and fault is not None:
            raise fault
        return found

    def sign(self, origin: str, fingerprint: str, documents: list[tuple[str, bytes]]) -> Generator[bytes, None, None]:
        """Signatures over the documents' attributes, in order, all with one PIN, which ends with this call.

        Raises `Refusal` and `TokenError`; what was signed before has been handed out then.
        """
        if not self.busy.acquire(blocking=False):
            raise Refusal("busy", HTTPStatus.CONFLICT)
        try:
            driver, key = self.keys().get(fingerprint) or _absent()
            if not documents or not all(belong_to(attributes, key.certificate) for _name, attributes in documents):
                raise Refusal("not_a_document")
            yield from self._with_pin(driver, key, origin, documents)
        finally:
            self.busy.release()

    def _with_pin(
        self, driver: str, key: Held, origin: str, documents: list[tuple[str, bytes]]
    ) -> Generator[bytes, None, None]:
        names = tuple(name for name, _attributes in documents)
        for tried in range(PIN_TRIES):
            state = pin_state(driver, key.token)
            if state.locked:
                raise TokenError("pin_locked")
            pin = self.ask(
                Question(origin, holder(key), key.token, names, tried > 0, PIN_TRIES - tried, state.last_try)
            )
            if pin is None:
                raise Refusal("pin_not_given")
            try:
                with opened(driver, key, pin) as signer:
                    del pin
                    for _name, attributes in documents:
                        yield signer.sign(attributes)
            except TokenError as error:
                if error.code != "pin_wrong":
                    raise
            else:
                return
        raise TokenError("pin_wrong_thrice")


def _absent() -> tuple[str, Held]:
    raise TokenError("token_gone")


def _code() -> str:
    return f"{secrets.randbelow(10**8):08d}"


def shown(code: str) -> str:
    """The pairing code as people read it: 1234 5678."""
    return f"{code[:4]} {code[4:]}"


def holder(key: Held) -> str:
    """The name in a certificate."""
    return str(x509.Certificate.load(key.certificate).subject.native.get("common_name", ""))


def described(key: Held) -> dict[str, Any]:
    """A certificate as pages get it."""
    parsed = x509.Certificate.load(key.certificate)
    return {
        "fingerprint": key.fingerprint,
        "holder": holder(key),
        "issuer": str(parsed.issuer.native.get("common_name", "")),
        "serial": f"{parsed.serial_number:x}",
        "not_after": parsed.not_valid_after.isoformat(),
        "token": key.token,
        "certificate": base64.b64encode(key.certificate).decode(),
        "chain": [base64.b64encode(der).decode() for der in key.chain],
    }


class Handler(BaseHTTPRequestHandler):
    """One request of a page."""

    server: Service
    server_version = "tinhso-agent"
    sys_version = ""
    timeout = 30

    def do_OPTIONS(self) -> None:  # the name is the base class's
        """May a page ask at all? Browsers ask this first, and whether a public page may reach a private address."""
        if not self._from_an_allowed_page():
            return
        self.send_response(HTTPStatus.NO_CONTENT)
        self._cors()
        self.send_header("Access-Control-Allow-Methods", "GET, POST")
        self.send_header("Access-Control-Allow-Headers", "authorization, content-type")
        self.send_header("Access-Control-Max-Age", "600")
        if self.headers.get("Access-Control-Request-Private-Network") == "true":
            self.send_header("Access-Control-Allow-Private-Network", "true")
        self.end_headers()

    def do_GET(self) -> None:  # the name is the base class's
        routes = {"/": self._hello, "/certificates": self._certificates}
        self._answer(routes.get(self.path))

    def do_POST(self) -> None:  # the name is the base class's
        routes = {"/pair": self._pair, "/sign": self._sign}
        self._answer(routes.get(self.path))

    def _answer(self, route: Any) -> None:
        if not self._from_an_allowed_page():
            return
        try:
            if route is None:
                raise Refusal("unknown", HTTPStatus.NOT_FOUND)
            route()
        except Refusal as refusal:
            self._json({"error": refusal.code}, refusal.status)
        except TokenError as error:
            self._json({"error": error.code}, HTTPStatus.CONFLICT)

    def _hello(self) -> None:
        self._json({"agent": "tinhso", "paired": self._paired()})

    def _pair(self) -> None:
        self._json({"token": self.server.desk.pair(self._origin, str(self._body().get("code", "")))})

    def _certificates(self) -> None:
        self._must_be_paired()
        self._json({"certificates": [described(key) for _driver, key in self.server.desk.keys().values()]})

    def _sign(self) -> None:
        """One line of JSON for each signature as soon as it is made; the last line says how it ended."""
        self._must_be_paired()
        asked = self._body()
        try:
            documents = [(str(one["name"])[:120], _bytes(one["attributes"])) for one in asked["documents"]]
            fingerprint = str(asked["fingerprint"])
        except (KeyError, TypeError):
            raise Refusal("unreadable") from None
        if len(documents) > MAX_DOCUMENTS:
            raise Refusal("too_many")
        signatures = self.server.desk.sign(self._origin, fingerprint, documents)
        first = next(signatures)  # the PIN is right before the answer begins
        self.send_response(HTTPStatus.OK)
        self._cors()
        self.send_header("Content-Type", "application/x-ndjson")
        self.end_headers()
        try:
            self._line({"signature": base64.b64encode(first).decode()})
            for signature in signatures:
                self._line({"signature": base64.b64encode(signature).decode()})
            self._line({"done": True})
        except (TokenError, Refusal) as error:
            self._line({"error": error.code})
        finally:
            signatures.close()

    def _line(self, said: dict[str, Any]) -> None:
        self.wfile.write(json.dumps(said).encode() + b"\n")
        self.wfile.flush()

    @property
    def _origin(self) -> str:
        return self.headers.get("Origin", "")

    def _from_an_allowed_page(self) -> bool:
        port = self.server.server_port
        if self.headers.get("Host") in (f"127.0.0.1:{port}", f"localhost:{port}") and (
            self._origin in self.server.desk.origins
        ):
            return True
        self.send_error(HTTPStatus.FORBIDDEN)
        return False

    def _paired(self) -> bool:
        token = self.server.desk.tokens.get(self._origin, "")
        given = self.headers.get("Authorization", "").removeprefix("Bearer ")
        return bool(token) and hmac.compare_digest(given.encode(), token.encode())

    def _must_be_paired(self) -> None:
        if not self._paired():
            raise Refusal("not_paired", HTTPStatus.UNAUTHORIZED)

    def _body(self) -> dict[str, Any]:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > MAX_BODY:
            raise Refusal("too_large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        try:
            body = json.loads(self.rfile.read(int(length)))
        except ValueError:
            raise Refusal("unreadable") from None
        if not isinstance(body, dict):
            raise Refusal("unreadable")
        return body

    def _cors(self) -> None:
        self.send_header("Access-Control-Allow-Origin", self._origin)
        self.send_header("Vary", "Origin")
        self.send_header("Cache-Control", "no-store")

    def _json(self, body: dict[str, Any], status: HTTPStatus = HTTPStatus.OK) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self._cors()
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the base class's
        """Requests are not logged: the terminal belongs to the question for the PIN."""


def _bytes(text: Any) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refusal("unreadable") from None


class Service(ThreadingHTTPServer):
    """The agent on its port of 127.0.0.1."""

    daemon_threads = True

    def __init__(self, desk: Desk, port: int = PORT) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.desk = desk
