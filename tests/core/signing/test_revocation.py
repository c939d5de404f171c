"""What issuers say of their certificates, by OCSP and by CRL, each alone; and what their silence means."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID

from tinhso.core.signing import revocation
from tinhso.core.signing.ca import Authority
from tinhso.core.signing.keys import Identity
from tinhso.core.signing.revocation import Standing

from .authority import Running, running

NOW = datetime.now(UTC)
NOBODY = "http://127.0.0.1:9"


@pytest.fixture(scope="session")
def ca() -> Authority:
    return Authority.make("Cơ quan chứng thực thử nghiệm", at=NOW - timedelta(days=60))


@pytest.fixture
def issuer(ca: Authority, data_dir: Any) -> Iterator[Running]:
    folder = data_dir / "keys" / "trust"
    folder.mkdir(parents=True)
    (folder / "root.pem").write_bytes(ca.root.public_bytes(Encoding.PEM))
    with running(ca.dump()) as one:
        yield one


def told(ca: Authority, *, ocsp: str = "", crl: str = "") -> x509.Certificate:
    """A holder's certificate that names just these places to ask."""
    plain = ca.issue("Trần Thị Mỹ Hương", at=NOW - timedelta(days=1)).certificate
    builder = (
        x509.CertificateBuilder(plain.issuer, plain.subject, plain.public_key(), plain.serial_number)
        .not_valid_before(plain.not_valid_before_utc)
        .not_valid_after(plain.not_valid_after_utc)
    )
    for extension in plain.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    if ocsp:
        place = x509.AccessDescription(
            AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(f"{ocsp}/ocsp")
        )
        builder = builder.add_extension(x509.AuthorityInformationAccess([place]), critical=False)
    if crl:
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(f"{crl}/crl")], None, None, None)
        builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
    return builder.sign(ca._key, SHA256())


def ask(ca: Authority, certificate: x509.Certificate) -> revocation.Answer:
    chain = (ca.certificate.public_bytes(Encoding.DER),)
    return revocation.ask(Identity(certificate.public_bytes(Encoding.DER), chain))


@pytest.mark.parametrize("ways", [("ocsp",), ("crl",), ("ocsp", "crl")])
def test_each_way_alone_says_good_then_revoked_and_since_when(ca: Authority, issuer: Running, ways: Any) -> None:
    certificate = told(ca, **dict.fromkeys(ways, issuer.url))
    assert ask(ca, certificate).standing is Standing.GOOD
    since = NOW.replace(microsecond=0) - timedelta(hours=5)
    issuer.authority.revoked[certificate.serial_number] = since
    answer = ask(ca, certificate)
    assert (answer.standing, answer.since) == (Standing.REVOKED, since)


@pytest.mark.parametrize("ways", [("ocsp",), ("crl",), ("ocsp", "crl")])
def test_nobody_there_or_an_answer_of_last_week_is_no_yes(ca: Authority, issuer: Running, ways: Any) -> None:
    certificate = told(ca, **dict.fromkeys(ways, issuer.url))
    issuer.authority.behind = timedelta(days=7)
    assert ask(ca, certificate).standing is Standing.UNKNOWN
    issuer.authority.behind = timedelta()
    issuer.away()
    assert ask(ca, certificate).standing is Standing.UNKNOWN


def test_with_the_responder_down_the_list_is_asked(ca: Authority, issuer: Running) -> None:
    certificate = told(ca, ocsp=NOBODY, crl=issuer.url)
    assert ask(ca, certificate).standing is Standing.GOOD
    issuer.authority.revoked[certificate.serial_number] = NOW - timedelta(hours=1)
    assert ask(ca, certificate).standing is Standing.REVOKED


def test_a_list_signed_by_somebody_else_is_not_believed(ca: Authority, issuer: Running) -> None:
    with running(Authority.make("Người lạ", at=NOW - timedelta(days=1)).dump()) as stranger:
        assert ask(ca, told(ca, crl=stranger.url)).standing is Standing.UNKNOWN
        assert ask(ca, told(ca, ocsp=stranger.url)).standing is Standing.UNKNOWN
