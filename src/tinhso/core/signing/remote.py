"""Remote signing: the key is with a provider that speaks the Cloud Signature Consortium's API (v1.0.4, v2).

A person names their account there once; for each piece of work they give the PIN (or one-time
code), which releases exactly the hashes of that work.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import requests
from django.conf import settings
from django.utils.translation import gettext as _

from ..ledger.actions import Refused
from ..letters.render import outside_transaction
from .keys import Identity

PATIENCE = 15  # seconds: a service may wait for its own hardware
SHA256 = "2.16.840.1.101.3.4.2.1"
RSA_SHA256 = "1.2.840.113549.1.1.11"


def configured() -> bool:
    """Whether this install knows a remote signing service."""
    return bool(settings.TINHSO.csc[0])


class Service:
    """The configured service, for one piece of work. Raises `Refused("remote_not_configured")` where there is none."""

    def __init__(self) -> None:
        url, client, secret = settings.TINHSO.csc
        if not url:
            raise Refused("remote_not_configured", _("No remote signing service is set up here."))
        self.base = f"{url}/csc/{settings.TINHSO.csc_version}/"
        self.session = requests.Session()
        granted = self.call("oauth2/token", grant_type="client_credentials", client_id=client, client_secret=secret)
        self.session.headers["Authorization"] = f"Bearer {granted['access_token']}"

    def call(self, name: str, **asked: Any) -> dict[str, Any]:
        """One call. Raises `Refused`: `remote_away`, `wrong_pin`, `pin_locked`, `remote_refused`."""
        outside_transaction()
        try:
            answer = self.session.post(self.base + name, json=asked, timeout=PATIENCE)
            said = answer.json()
        except (requests.RequestException, ValueError):
            raise Refused(
                "remote_away",
                _("The remote signing service does not answer. Nothing was signed; try again in a while."),
                status=503,
            ) from None
        if answer.ok and isinstance(said, dict):
            return said
        error = str(said.get("error", "")) if isinstance(said, dict) else ""
        if error in ("invalid_pin", "invalid_otp"):
            raise Refused("wrong_pin", _("The remote signing service says that the PIN is wrong."), field="pin")
        if "locked" in error:
            raise Refused(
                "pin_locked", _("Your key is locked after too many wrong PINs. Ask its provider to unlock it.")
            )
        raise Refused(
            "remote_refused",
            _("The remote signing service refused: %(error)s.") % {"error": error or answer.status_code},
        )

    def credentials(self, user: str) -> list[tuple[str, Identity]]:
        """A person's keys at the service: what it calls each, and its certificate with the issuers above."""
        found = []
        for credential in self.call("credentials/list", userID=user)["credentialIDs"]:
            said = self.call("credentials/info", credentialID=credential, certificates="chain")
            own, *above = (base64.b64decode(one) for one in said["cert"]["certificates"])
            found.append((str(credential), Identity(own, tuple(above))))
        return found


class RemoteKey:
    """A key at the service, released with `pin` for the signatures of this one piece of work."""

    def __init__(self, credential: str, identity: Identity, pin: str, service: Service | None = None) -> None:
        self.credential, self.identity = credential, identity
        self._pin, self._service = pin, service or Service()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.credential}>"

    def sign(self, attributes: bytes) -> bytes:
        return next(self.sign_all([attributes]))

    def sign_all(self, attributes: Sequence[bytes]) -> Iterator[bytes]:
        """The service is asked once for all of them: it signs all or none."""
        if not attributes:
            return
        hashes = [base64.b64encode(hashlib.sha256(one).digest()).decode() for one in attributes]
        if settings.TINHSO.csc_version == "v1":
            named: dict[str, Any] = {"hash": hashes}
            secret: dict[str, Any] = {"PIN": self._pin}
            algorithm = {"hashAlgo": SHA256}
        else:
            named, secret = {"hashes": hashes}, {"authData": [{"id": "PIN", "value": self._pin}]}
            algorithm = {"hashAlgorithmOID": SHA256}
        released = self._service.call(
            "credentials/authorize", credentialID=self.credential, numSignatures=len(hashes), **named, **secret
        )
        said = self._service.call(
            "signatures/signHash",
            credentialID=self.credential, SAD=released.get("SAD"), signAlgo=RSA_SHA256, **named, **algorithm,
        )  # fmt: skip
        yield from _signatures(said, len(hashes))


def _signatures(said: dict[str, Any], count: int) -> list[bytes]:
    """What the service answered, one for each hash; whose they are is looked at where they are put in."""
    try:
        made = [base64.b64decode(one, validate=True) for one in said["signatures"]]
    except (KeyError, TypeError, ValueError):
        made = []
    if len(made) != count:
        raise Refused(
            "remote_unusable",
            _("The remote signing service answered with something else than signatures. Nothing was signed; tell it."),
            status=502,
        )
    return made
