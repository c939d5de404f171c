"""The simulated remote signing service, called as the specification of CSC says (v1.0.4, 11), by plain requests."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.house.browser import needs

from tinhso.core.signing.ca import Authority
from tinhso.simulators.csc.server import PIN, Service, serve

CLIENT = {"grant_type": "client_credentials", "client_id": "tinhso", "client_secret": "bi-mat"}
ONE = base64.b64encode(hashlib.sha256(b"mot").digest()).decode()
TWO = base64.b64encode(hashlib.sha256(b"hai").digest()).decode()


class Caller:
    """Calls of one version of the API."""

    def __init__(self, address: str, version: str) -> None:
        self.base, self.headers = f"{address}/csc/{version}/", {}  # type: str, dict[str, str]

    def __call__(self, name: str, **asked: Any) -> tuple[int, dict[str, Any]]:
        answer = requests.post(self.base + name, json=asked, headers=self.headers, timeout=10)
        return answer.status_code, answer.json()


@pytest.fixture(scope="module")
def pem() -> bytes:
    return Authority.make("Thử", at=datetime.now(UTC) - timedelta(days=2)).dump()


@pytest.fixture(params=["v1", "v2"])
def call(pem: bytes, request: pytest.FixtureRequest) -> Iterator[Caller]:
    server = serve(Service(pem, "tinhso", "bi-mat"), "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield Caller(f"http://127.0.0.1:{server.server_port}", request.param)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def signed_in(call: Caller) -> str:
    """With a token; the id of the person's credential."""
    status, said = call("oauth2/token", **CLIENT)
    assert (status, said["token_type"]) == (200, "Bearer")
    call.headers = {"Authorization": f"Bearer {said['access_token']}"}
    (credential,) = call("credentials/list", userID="huong")[1]["credentialIDs"]
    return str(credential)


def test_a_hash_is_released_by_the_pin_and_signed_once(call: Caller, tmp_path: Path) -> None:
    credential = signed_in(call)
    info = call("credentials/info", credentialID=credential, certificates="chain")[1]
    own = x509.load_der_x509_certificate(base64.b64decode(info["cert"]["certificates"][0]))
    released = call("credentials/authorize", credentialID=credential, numSignatures=1, hash=[ONE], PIN=PIN)[1]
    asked = {"credentialID": credential, "SAD": released["SAD"], "signAlgo": info["key"]["algo"][0]}
    assert call("signatures/signHash", **asked, hash=[TWO]) == (
        400, {"error": "invalid_request", "error_description": "invalid SAD"},
    )  # fmt: skip
    (signature,) = call("signatures/signHash", **asked, hash=[ONE])[1]["signatures"]
    assert call("signatures/signHash", **asked, hash=[ONE])[0] == 400, "released once"
    (tmp_path / "key").write_bytes(own.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    (tmp_path / "signature").write_bytes(base64.b64decode(signature))
    (tmp_path / "data").write_bytes(b"mot")
    program = [needs("openssl", "openssl"), "dgst", "-sha256", "-verify", "key", "-signature", "signature", "data"]
    assert subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, check=False).stdout == "Verified OK\n"


def test_three_wrong_pins_lock_the_credential(call: Caller) -> None:
    credential = signed_in(call)
    tries = {"credentialID": credential, "numSignatures": 1, "hash": [ONE]}
    assert [call("credentials/authorize", **tries, PIN="000000")[1]["error"] for _try in range(3)] == [
        "invalid_pin"
    ] * 3
    assert call("credentials/authorize", **tries, PIN=PIN)[1]["error"] == "credential_locked"


def test_strangers_and_malformed_calls_are_refused_in_its_words(call: Caller) -> None:
    assert call("credentials/list", userID="huong") == (401, {"error": "invalid_token", "error_description": ""})
    assert call("oauth2/token", **{**CLIENT, "client_secret": "x"})[0] == 401
    credential = signed_in(call)
    assert call("credentials/list")[1]["error"] == "invalid_request"
    assert call("credentials/info", credentialID="x")[1]["error_description"] == "invalid credentialID"
    assert call("credentials/authorize", credentialID=credential, hash=[ONE], PIN=PIN)[0] == 400
    assert call("credentials/extendTransaction")[0] == 404
    answer = requests.post(call.base + "oauth2/token", b"{", timeout=10)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})
