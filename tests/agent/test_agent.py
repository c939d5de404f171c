"""The signing agent: who may use it, what it signs, and what it says when a token does not."""

from __future__ import annotations

import base64
import http.client
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.core.signing.token import PIN, SoftToken, pinentry
from tinhso.agent import main
from tinhso.agent.asking import Question, way
from tinhso.agent.server import Desk, Service
from tinhso.core.signing.ca import Authority, Issued
from tinhso.core.signing.enrol import challenge
from tinhso.core.signing.keys import Identity

SITE = "https://tinh.example"
NOW = datetime.now(UTC)


@pytest.fixture(scope="session")
def leader() -> Issued:
    return Authority.make("Thử", at=NOW - timedelta(days=2)).issue("Trần Thị Mỹ Hương", at=NOW - timedelta(days=1))


@pytest.fixture
def token(tmp_path: Path, leader: Issued) -> SoftToken:
    return SoftToken(tmp_path / "token").hold(leader)


@dataclass
class Agent:
    """A running agent and a page that talks to it; `typed` are the PINs that its official will type."""

    desk: Desk
    port: int
    typed: list[str | None]
    asked: list[Question]
    headers: dict[str, str] = field(default_factory=lambda: {"Origin": SITE})
    between: Callable[[], None] = lambda: None

    def call(self, path: str, body: Any = None, method: str = "", **headers: str) -> tuple[int, Any, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        data = json.dumps(body) if body is not None else None
        sent = {name: value for name, value in {**self.headers, **headers}.items() if value}
        connection.request(method or ("POST" if data else "GET"), path, data, sent)
        answer = connection.getresponse()
        text = answer.read().decode()
        lines = [json.loads(line) for line in text.splitlines()] if text.startswith("{") else []
        connection.close()
        return answer.status, lines, answer.headers

    def pair(self) -> Agent:
        _status, lines, _headers = self.call("/pair", {"code": f"{self.desk.code[:4]} {self.desk.code[4:]}"})
        self.headers["Authorization"] = f"Bearer {lines[0]['token']}"
        return self

    def sign(self, identity: Identity, count: int = 1) -> tuple[int, list[dict[str, Any]]]:
        self.attributes = [challenge(identity, bytes([n])) for n in range(count)]
        documents = [
            {"name": f"H15-{n}-KQ", "attributes": base64.b64encode(one).decode()}
            for n, one in enumerate(self.attributes)
        ]
        status, lines, _headers = self.call("/sign", {"fingerprint": identity.fingerprint, "documents": documents})
        return status, lines


@pytest.fixture
def agent(token: SoftToken) -> Iterator[Agent]:
    typed: list[str | None] = []
    asked: list[Question] = []

    def ask(question: Question) -> str | None:
        asked.append(question)
        return typed.pop(0)

    desk = Desk(frozenset({SITE}), (token.driver,), ask, said=lambda line: None)
    service = Service(desk, 0)
    thread = threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield Agent(desk, service.server_port, typed, asked)
    finally:
        service.shutdown()
        service.server_close()
        thread.join()


def test_only_pages_of_the_province_are_answered(agent: Agent) -> None:
    assert agent.call("/")[0] == 200
    assert agent.call("/", Origin="https://evil.example")[0] == 403
    assert agent.call("/", Origin="")[0] == 403
    assert agent.call("/", Host=f"evil.example:{agent.port}")[0] == 403, "a name that was pointed to this PC"
    assert agent.call("/", Host=f"localhost:{agent.port}")[0] == 200


def test_a_browser_learns_that_a_public_page_may_reach_this_private_address(agent: Agent) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Private-Network": "true"}
    status, _lines, headers = agent.call("/sign", method="OPTIONS", **asked)
    assert status == 204
    assert headers["Access-Control-Allow-Origin"] == SITE
    assert headers["Access-Control-Allow-Private-Network"] == "true"
    status, _lines, headers = agent.call("/sign", method="OPTIONS", Origin="https://evil.example", **asked)
    assert (status, headers["Access-Control-Allow-Origin"]) == (403, None)


def test_a_page_that_is_not_paired_sees_and_signs_nothing(agent: Agent, leader: Issued) -> None:
    assert agent.call("/certificates")[:2] == (401, [{"error": "not_paired"}])
    assert agent.sign(leader.signer.identity) == (401, [{"error": "not_paired"}])
    assert agent.call("/certificates", Authorization="Bearer x")[0] == 401
    first = agent.desk.code
    for _try in range(5):
        assert agent.call("/pair", {"code": "0"})[1] == [{"error": "wrong_code"}]
    assert agent.desk.code != first, "guessing changes the code"
    assert agent.pair().call("/certificates")[0] == 200


def test_certificates_are_listed_without_a_pin(agent: Agent, leader: Issued) -> None:
    _status, lines, _headers = agent.pair().call("/certificates")
    (one,) = lines[0]["certificates"]
    assert one["holder"] == "Trần Thị Mỹ Hương"
    assert one["fingerprint"] == leader.signer.identity.fingerprint
    assert one["chain"] == [base64.b64encode(above).decode() for above in leader.signer.identity.chain]
    assert agent.asked == []


def test_many_documents_are_signed_with_one_pin(agent: Agent, leader: Issued) -> None:
    agent.typed += [PIN]
    status, lines = agent.pair().sign(leader.signer.identity, 12)
    assert (status, lines[-1]) == (200, {"done": True})
    made = [base64.b64decode(line["signature"]) for line in lines[:-1]]
    pairs = zip(made, agent.attributes, strict=True)
    assert all(leader.signer.identity.verify(signature, attributes) for signature, attributes in pairs)
    (question,) = agent.asked
    assert any(SITE in line for line in question.lines)
    assert any("H15-0-KQ" in line for line in question.lines)
    assert any("4" in line for line in question.lines[-2:]), "the rest is counted"


def test_only_signatures_of_documents_are_made(agent: Agent, leader: Issued) -> None:
    agent.pair()
    fingerprint = leader.signer.identity.fingerprint
    foreign = challenge(Authority.make("Khác", at=NOW).issue("Khác", at=NOW).signer.identity, b"")
    for attributes in (b"log me in", foreign):
        asked = [{"name": "x", "attributes": base64.b64encode(attributes).decode()}]
        assert agent.call("/sign", {"fingerprint": fingerprint, "documents": asked})[1] == [{"error": "not_a_document"}]
    assert agent.asked == [], "nobody is even asked for a PIN"


def test_three_wrong_pins_end_it(agent: Agent, leader: Issued) -> None:
    agent.typed += ["111111", "222222", "333333", PIN]
    assert agent.pair().sign(leader.signer.identity)[1] == [{"error": "pin_wrong_thrice"}]
    assert [(q.wrong, q.left) for q in agent.asked] == [(False, 3), (True, 2), (True, 1)]
    agent.typed[:] = ["111111", PIN]
    assert agent.sign(leader.signer.identity)[1][-1] == {"done": True}


def test_whoever_closes_the_question_signs_nothing(agent: Agent, leader: Issued) -> None:
    agent.typed += [None]
    assert agent.pair().sign(leader.signer.identity)[1] == [{"error": "pin_not_given"}]


def test_a_token_that_is_not_in_is_named(agent: Agent, leader: Issued, token: SoftToken) -> None:
    token.pulled_out()
    assert agent.pair().call("/certificates")[1] == [{"certificates": []}]
    assert agent.sign(leader.signer.identity)[1] == [{"error": "token_gone"}]
    token.put_back()
    agent.typed += [PIN]
    assert agent.sign(leader.signer.identity)[1][-1] == {"done": True}


def test_a_token_pulled_out_half_way_leaves_what_was_signed(
    agent: Agent, leader: Issued, token: SoftToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tinhso.core.signing.pkcs11 import TokenKey

    whole, done = TokenKey.sign, []

    def signing(key: TokenKey, attributes: bytes) -> bytes:
        if len(done) == 2:
            token.pulled_out()
        done.append(1)
        return whole(key, attributes)

    monkeypatch.setattr(TokenKey, "sign", signing)
    agent.typed += [PIN]
    _status, lines = agent.pair().sign(leader.signer.identity, 5)
    assert ["signature" in line for line in lines] == [True, True, False]
    assert lines[-1] == {"error": "token_gone"}


def test_a_locked_token_is_not_tried(agent: Agent, leader: Issued, monkeypatch: pytest.MonkeyPatch) -> None:
    """SoftHSM2 never locks itself, so its answer is put into the driver's mouth."""
    from tinhso.agent import server
    from tinhso.core.signing.pkcs11 import PinState

    monkeypatch.setattr(server, "pin_state", lambda driver, token: PinState(locked=True))
    assert agent.pair().sign(leader.signer.identity)[1] == [{"error": "pin_locked"}]
    assert agent.asked == []


def test_the_pin_comes_through_a_pinentry_program(tmp_path: Path) -> None:
    ask = way(str(pinentry(tmp_path, "24%25680", "")))
    question = Question(SITE, "Trần Thị Mỹ Hương", "lanh-dao", ("H15-0-KQ",), wrong=True, left=2, last=True)
    assert ask(question) == "24%680"
    assert ask(question) is None, "the window was closed"
    assert "H15-0-KQ" in (tmp_path / "heard").read_text()


def test_a_site_without_https_is_not_served(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["--origin", "http://tinh.example", "--driver", "x.so", "--language", "en"]) == 2
    assert "https" in capsys.readouterr().err
