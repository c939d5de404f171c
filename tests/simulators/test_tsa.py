"""The simulated authority as a client that is not ours sees it: OpenSSL's programs over HTTP."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from cryptography.hazmat.primitives.serialization import Encoding
from tests.core.signing.authority import Running, running
from tests.house.browser import needs

from tinhso.core.signing.ca import Authority

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def ca() -> Authority:
    return Authority.make("Cơ quan chứng thực thử nghiệm", at=NOW - timedelta(days=60))


@pytest.fixture
def simulator(ca: Authority, tmp_path: Path) -> Iterator[Running]:
    (tmp_path / "root.pem").write_bytes(ca.root.public_bytes(Encoding.PEM))
    (tmp_path / "issuer.pem").write_bytes(ca.certificate.public_bytes(Encoding.PEM))
    (tmp_path / "both.pem").write_bytes((tmp_path / "root.pem").read_bytes() + (tmp_path / "issuer.pem").read_bytes())
    (tmp_path / "data").write_text("Quyết định số 15/QĐ-UBND")
    with running(ca.dump()) as one:
        yield one


def openssl(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [needs("openssl", "openssl"), *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def test_openssl_asks_for_a_time_stamp_and_verifies_it(simulator: Running, tmp_path: Path) -> None:
    openssl(tmp_path, "ts", "-query", "-data", "data", "-sha256", "-cert", "-out", "query.tsq")
    kind = {"Content-Type": "application/timestamp-query"}
    answer = requests.post(simulator.url, (tmp_path / "query.tsq").read_bytes(), headers=kind, timeout=10)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/timestamp-reply")
    (tmp_path / "reply.tsr").write_bytes(answer.content)
    trust = "-CAfile", "root.pem", "-untrusted", "issuer.pem"
    assert "Verification: OK" in openssl(tmp_path, "ts", "-verify", "-data", "data", "-in", "reply.tsr", *trust)
    assert "Verification: OK" in openssl(
        tmp_path, "ts", "-verify", "-queryfile", "query.tsq", "-in", "reply.tsr", *trust
    )
    (tmp_path / "data").write_text("Quyết định số 16/QĐ-UBND")
    assert "Verification: FAILED" in openssl(tmp_path, "ts", "-verify", "-data", "data", "-in", "reply.tsr", *trust)


def test_openssl_asks_by_ocsp_and_by_the_list(simulator: Running, ca: Authority, tmp_path: Path) -> None:
    issued = ca.issue("Trần Thị Mỹ Hương", at=NOW - timedelta(days=1), told_at=simulator.url).certificate
    (tmp_path / "one.pem").write_bytes(issued.public_bytes(Encoding.PEM))

    def by_ocsp() -> str:
        return openssl(
            tmp_path, "ocsp", "-issuer", "issuer.pem", "-cert", "one.pem", "-url", f"{simulator.url}/ocsp",
            "-CAfile", "both.pem", "-verify_other", "issuer.pem",
        )  # fmt: skip

    def by_list() -> str:
        (tmp_path / "list.crl").write_bytes(requests.get(f"{simulator.url}/crl", timeout=10).content)
        openssl(tmp_path, "crl", "-inform", "DER", "-in", "list.crl", "-out", "list.pem")
        return openssl(tmp_path, "verify", "-crl_check", "-CRLfile", "list.pem", "-CAfile", "both.pem", "one.pem")

    assert "one.pem: good" in by_ocsp()
    assert "Response verify OK" in by_ocsp()
    assert "one.pem: OK" in by_list()
    revoked = requests.post(
        f"{simulator.url}/simulator/revoke", json={"serial": f"{issued.serial_number:x}"}, timeout=10
    )
    assert revoked.status_code == 200
    assert "one.pem: revoked" in by_ocsp()
    assert "certificate revoked" in by_list()


@pytest.mark.parametrize("path", ["/", "/ocsp", "/simulator/revoke"])
def test_what_is_no_query_is_refused_and_it_goes_on(simulator: Running, path: str) -> None:
    assert requests.post(f"{simulator.url}{path}", b"\x30\x03abc", timeout=10).status_code == 400
    assert requests.get(f"{simulator.url}/crl", timeout=10).status_code == 200
    assert requests.get(f"{simulator.url}{path}", timeout=10).status_code == 404
