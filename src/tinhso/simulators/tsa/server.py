"""Time-stamps, OCSP and CRL of one authority over HTTP."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from asn1crypto import keys, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from ..socket import Answers, Server

DAY = timedelta(days=1)


class Authority:
    """The authority's key, whom it has revoked, and its time-stamping unit.

    `pem` holds the issuer's key, its certificate and the root. `life` is how long the unit's
    certificate is good for; it is made anew at every start. `behind` is how old what it says of
    revocation is, for trying what an authority does whose publishing stands still.
    """

    def __init__(self, pem: bytes, *, life: timedelta = 5 * 365 * DAY) -> None:
        key = load_pem_private_key(pem, None)
        assert isinstance(key, rsa.RSAPrivateKey)
        self.key = key
        self.certificate, self.root = x509.load_pem_x509_certificates(pem)
        self.revoked: dict[int, datetime] = {}
        self.behind = timedelta()
        self.stamper = self._unit(life)

    def _unit(self, life: timedelta) -> DummyTimeStamper:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        now = datetime.now(UTC)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Dấu thời gian (mô phỏng)")])
        unit = (
            x509.CertificateBuilder(self.certificate.subject, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + life)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(self.key, SHA256())
        )
        store = SimpleCertificateStore()
        store.register(asn1_x509.Certificate.load(self.certificate.public_bytes(Encoding.DER)))
        private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return DummyTimeStamper(
            asn1_x509.Certificate.load(unit.public_bytes(Encoding.DER)), keys.PrivateKeyInfo.load(private), store
        )

    def stamp(self, query: bytes) -> bytes:
        """The answer to an RFC 3161 query. Raises ValueError for what is none."""
        asked = tsp.TimeStampReq.load(query, strict=True)
        asked["message_imprint"]["hashed_message"].native  # noqa: B018  # read now: parsing is lazy
        return bytes(self.stamper.request_tsa_response(asked).dump())

    def status(self, query: bytes) -> bytes:
        """The answer to an OCSP query. Raises ValueError for what is none."""
        asked = ocsp.load_der_ocsp_request(query)
        now = datetime.now(UTC) - self.behind
        since = self.revoked.get(asked.serial_number)
        name = x509.load_der_x509_certificate(self.certificate.public_bytes(Encoding.DER))
        builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
            issuer_name_hash=asked.issuer_name_hash,
            issuer_key_hash=asked.issuer_key_hash,
            serial_number=asked.serial_number,
            algorithm=asked.hash_algorithm,
            cert_status=ocsp.OCSPCertStatus.REVOKED if since else ocsp.OCSPCertStatus.GOOD,
            this_update=now - timedelta(minutes=1),
            next_update=now + DAY,
            revocation_time=since,
            revocation_reason=x509.ReasonFlags.key_compromise if since else None,
        )
        answer = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, name).certificates([name])
        return answer.sign(self.key, SHA256()).public_bytes(Encoding.DER)

    def crl(self) -> bytes:
        """The list of revoked certificates."""
        now = datetime.now(UTC) - self.behind
        builder = (
            x509.CertificateRevocationListBuilder(self.certificate.subject, now - timedelta(minutes=1), now + DAY)
            .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        )
        for serial, since in self.revoked.items():
            one = x509.RevokedCertificateBuilder(serial, since)
            builder = builder.add_revoked_certificate(one.build())
        return builder.sign(self.key, SHA256()).public_bytes(Encoding.DER)


class Handler(Answers):
    """POST / for time-stamps, POST /ocsp, GET /crl; POST /simulator/revoke {"serial": "hex"}."""

    server: AuthorityServer

    def do_GET(self) -> None:  # noqa: N802  # the name is the base class's
        if self.path != "/crl":
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        self.answer(self.server.authority.crl(), "application/pkix-crl")

    def do_POST(self) -> None:  # noqa: N802  # the name is the base class's
        authority, sent = self.server.authority, self.body()
        try:
            if self.path == "/":
                self.answer(authority.stamp(sent), "application/timestamp-reply")
            elif self.path == "/ocsp":
                self.answer(authority.status(sent), "application/ocsp-response")
            elif self.path == "/simulator/revoke":
                authority.revoked[int(json.loads(sent)["serial"], 16)] = datetime.now(UTC)
                self.answer(b"{}", "application/json")
            else:
                self.send_error(HTTPStatus.NOT_FOUND)
        except (ValueError, KeyError, TypeError):
            self.send_error(HTTPStatus.BAD_REQUEST)


class AuthorityServer(Server):
    authority: Authority


def serve(authority: Authority, host: str, port: int) -> AuthorityServer:
    """A server on `port` (0: any free one) that is listening; `serve_forever` answers."""
    server = AuthorityServer((host, port), Handler)
    server.authority = authority
    return server
