"""An agency's seal in an HSM: a PKCS#11 module on the server, with the PIN in a file (`SEAL_HSM`).

Which agency uses which module and PIN is configuration; which key it is says the registered certificate. The PIN is
read for each piece of work, and is never stored, logged or shown. Whatever keeps the HSM from sealing raises
`SealAway`: nothing is half done, the job is tried again later and later, and the certificate's row says why.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from django.conf import settings

from ..agencies.models import Agency
from .keys import Identity
from .models import Certificate, Fault
from .pkcs11 import Held, PinState, TokenError, held, opened, pin_state

log = logging.getLogger(__name__)

_FAULTS = {"pin_wrong": Fault.PIN_WRONG, "pin_locked": Fault.PIN_LOCKED, "no_key": Fault.NO_KEY}
# Digests of PINs that a module refused, in this process: trying them again would lock the HSM.
_refused: set[bytes] = set()


class Place(Protocol):
    """Where an agency's key is: one entry of `SEAL_HSM`."""

    @property
    def module(self) -> Path: ...

    @property
    def pin_file(self) -> Path: ...


class SealAway(Exception):
    """The HSM cannot seal now. Not a `Refused`: jobs try again."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


def place_of(agency: Agency) -> Place | None:
    """What `SEAL_HSM` says of an agency, by its code, else of all (`*`)."""
    places = settings.TINHSO.seal_hsm
    found: Place | None = places.get(agency.code) or places.get("*")
    return found


def offered(place: Place) -> list[Identity]:
    """The certificates in the HSM; no PIN is needed to see them. Raises `SealAway`."""
    try:
        return [Identity(one.certificate, one.chain) for one in held(str(place.module))]
    except TokenError:
        raise SealAway(Fault.AWAY) from None


@dataclass(frozen=True)
class HsmKey:
    """A key in the HSM, as a `Signer`: driver and session live for one piece of work."""

    identity: Identity
    place: Place

    def sign(self, attributes: bytes) -> bytes:
        (signature,) = self.sign_all([attributes])
        return signature

    def sign_all(self, attributes: Sequence[bytes]) -> Iterator[bytes]:
        """Raises `SealAway`."""
        pin = _pin(self.place)
        mark = hashlib.sha256(f"{self.place.module}\n{pin}".encode()).digest()
        try:
            key = self._find()
            state = pin_state(str(self.place.module), key.token)
            _must_be_safe(state, tried=mark in _refused)
            with opened(str(self.place.module), key, pin) as opened_key:
                for one in attributes:
                    yield opened_key.sign(one)
        except TokenError as error:
            if error.code == "pin_wrong":
                _refused.add(mark)
            raise SealAway(_FAULTS.get(error.code, Fault.AWAY)) from None

    def _find(self) -> Held:
        for one in held(str(self.place.module)):
            if one.fingerprint == self.identity.fingerprint:
                return one
        raise TokenError("token_gone")


def _must_be_safe(state: PinState, *, tried: bool) -> None:
    """Never the same wrong PIN twice, and never the last try: a locked HSM stops a province."""
    if state.locked:
        raise TokenError("pin_locked")
    if tried or state.last_try:
        raise SealAway(Fault.PIN_WRONG)


def _pin(place: Place) -> str:
    try:
        if place.pin_file.stat().st_mode & 0o007:
            raise SealAway(Fault.PIN_UNREAD)
        pin = place.pin_file.read_text().strip()
    except (OSError, UnicodeDecodeError):
        raise SealAway(Fault.PIN_UNREAD) from None
    if not pin:
        raise SealAway(Fault.PIN_UNREAD)
    return pin


@dataclass(frozen=True)
class HsmSeal:
    """The seal of an agency whose certificate is registered as being in the HSM; says on its row why it cannot."""

    certificate: Certificate

    @property
    def identity(self) -> Identity:
        return self.certificate.identity

    def sign(self, attributes: bytes) -> bytes:
        (signature,) = self.sign_all([attributes])
        return signature

    def sign_all(self, attributes: Sequence[bytes]) -> Iterator[bytes]:
        """Raises `SealAway`."""
        try:
            assert self.certificate.agency is not None  # a seal has one, by constraint
            place = place_of(self.certificate.agency)
            if place is None:
                raise SealAway(Fault.NOT_CONFIGURED)
            signatures = list(HsmKey(self.identity, place).sign_all(attributes))
        except SealAway as away:
            log.error("the seal of %s waits: %s", self.certificate.agency_id, away.fault.value)
            self._say(away.fault)
            raise
        self._say("")
        yield from signatures

    def _say(self, fault: str) -> None:
        Certificate.objects.filter(pk=self.certificate.pk).exclude(fault=fault).update(fault=fault)


def faults() -> Iterator[tuple[Certificate, Fault]]:
    """Seals in the HSM that could not be put on last time, for `tinhso check` and pages."""
    for certificate in Certificate.objects.exclude(fault="").filter(revoked_at=None).select_related("agency"):
        yield certificate, Fault(certificate.fault)
