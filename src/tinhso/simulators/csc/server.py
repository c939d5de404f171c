"""The calls of the CSC API that signing needs."""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import NameOID

from ..socket import Answers, Server

PIN = "246810"
TRIES = 3  # wrong PINs, then the credential is locked
SHA256_RSA = "1.2.840.113549.1.1.11"


class Fault(Exception):
    """An error as the API tells it."""

    def __init__(self, error: str, words: str = "", status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(error)
        self.error, self.words, self.status = error, words, status


class Credential:
    """A person's key at the service; made when it is first asked for."""

    def __init__(self, user: str, authority: tuple[rsa.RSAPrivateKey, x509.Certificate]) -> None:
        issuer_key, issuer = authority
        self.id, self.wrong = f"cred-{user}", 0
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        now = datetime.now(UTC)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, user)])
        usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
        certificate = (
            x509.CertificateBuilder(issuer.subject, name, self.key.public_key(), x509.random_serial_number())
            .not_valid_before(now - timedelta(minutes=5))
            .not_valid_after(now + timedelta(days=365))
            .add_extension(usage, critical=True)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
            .sign(issuer_key, SHA256())
        )
        self.chain = [base64.b64encode(one.public_bytes(Encoding.DER)).decode() for one in (certificate, issuer)]
        self.certificate = certificate


class Service:
    """Credentials, access tokens and what was released. `pem`: an issuer's key, its certificate, the root."""

    def __init__(self, pem: bytes, client: str, secret: str) -> None:
        key = load_pem_private_key(pem, None)
        assert isinstance(key, rsa.RSAPrivateKey)
        self.authority = key, x509.load_pem_x509_certificates(pem)[0]
        self.client, self.secret = client, secret
        self.tokens: set[str] = set()
        self.credentials: dict[str, Credential] = {}
        self.released: dict[str, tuple[str, list[str], int]] = {}  # SAD → credential, hashes, signatures left

    def call(self, name: str, asked: dict[str, Any], token: str) -> dict[str, Any]:
        """The answer to one call. Raises `Fault`."""
        if name == "oauth2/token":
            return self._token(asked)
        if token not in self.tokens:
            raise Fault("invalid_token", status=HTTPStatus.UNAUTHORIZED)
        verbs = {
            "credentials/list": self._list,
            "credentials/info": self._info,
            "credentials/authorize": self._authorize,
            "signatures/signHash": self._sign,
        }
        if name not in verbs:
            raise Fault("invalid_request", status=HTTPStatus.NOT_FOUND)
        try:
            return verbs[name](asked)
        except (KeyError, TypeError, AttributeError, binascii.Error):
            raise Fault("invalid_request", "a parameter is missing or malformed") from None

    def _token(self, asked: dict[str, Any]) -> dict[str, Any]:
        given = str(asked.get("client_id", "")), str(asked.get("client_secret", ""))
        if given != (self.client, self.secret) or asked.get("grant_type") != "client_credentials":
            raise Fault("invalid_client", status=HTTPStatus.UNAUTHORIZED)
        token = secrets.token_urlsafe(24)
        self.tokens.add(token)
        return {"access_token": token, "token_type": "Bearer", "expires_in": 3600}

    def _list(self, asked: dict[str, Any]) -> dict[str, Any]:
        user = str(asked["userID"])
        found = self.credentials.get(f"cred-{user}") or Credential(user, self.authority)
        self.credentials[found.id] = found
        return {"credentialIDs": [found.id]}

    def _find(self, asked: dict[str, Any]) -> Credential:
        found = self.credentials.get(asked["credentialID"])
        if found is None:
            raise Fault("invalid_request", "invalid credentialID")
        return found

    def _info(self, asked: dict[str, Any]) -> dict[str, Any]:
        one = self._find(asked)
        return {
            "key": {"status": "enabled", "algo": [SHA256_RSA, "1.2.840.113549.1.1.1"], "len": 2048},
            "cert": {"status": "valid", "certificates": one.chain},
            "authMode": "explicit",
            "PIN": {"presence": "true", "format": "N"},
            "multisign": 100,
            "SCAL": "2",
        }

    def _authorize(self, asked: dict[str, Any]) -> dict[str, Any]:
        one = self._find(asked)
        if one.wrong >= TRIES:
            raise Fault("credential_locked", "the credential is locked")
        given = {part["id"]: part["value"] for part in asked.get("authData", ())}
        if asked.get("PIN", given.get("PIN")) != PIN:
            one.wrong += 1
            raise Fault("invalid_pin", "the PIN is invalid")
        one.wrong = 0
        sad = secrets.token_urlsafe(24)
        self.released[sad] = one.id, list(asked.get("hash") or asked.get("hashes") or ()), int(asked["numSignatures"])
        return {"SAD": sad, "expiresIn": 300}

    def _sign(self, asked: dict[str, Any]) -> dict[str, Any]:
        one = self._find(asked)
        hashes = list(asked.get("hash") or asked["hashes"])
        credential, allowed, left = self.released.get(asked["SAD"], ("", [], 0))
        if credential != one.id or len(hashes) > left or not set(hashes) <= set(allowed):
            raise Fault("invalid_request", "invalid SAD")
        self.released[asked["SAD"]] = credential, allowed, left - len(hashes)
        made = [
            one.key.sign(base64.b64decode(digest, validate=True), padding.PKCS1v15(), Prehashed(SHA256()))
            for digest in hashes
        ]
        return {"signatures": [base64.b64encode(signature).decode() for signature in made]}


class Handler(Answers):
    """POST /csc/v1/… and /csc/v2/…, JSON in, JSON out."""

    server: CscServer

    def do_POST(self) -> None:  # noqa: N802  # the name is the base class's
        parts = self.path.strip("/").split("/", 2)
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        status = HTTPStatus.OK
        try:
            asked = json.loads(self.body() or b"{}")
            if len(parts) != 3 or parts[0] != "csc" or parts[1] not in ("v1", "v2") or not isinstance(asked, dict):
                raise Fault("invalid_request", status=HTTPStatus.NOT_FOUND)
            said = self.server.service.call(parts[2], asked, token)
        except ValueError:
            said, status = {"error": "invalid_request"}, HTTPStatus.BAD_REQUEST
        except Fault as fault:
            said, status = {"error": fault.error, "error_description": fault.words}, fault.status
        self.answer(json.dumps(said).encode(), "application/json", status)


class CscServer(Server):
    service: Service


def serve(service: Service, host: str, port: int) -> CscServer:
    """A server on `port` (0: any free one) that is listening; `serve_forever` answers."""
    server = CscServer((host, port), Handler)
    server.service = service
    return server
