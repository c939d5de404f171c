"""Witnesses outside: who holds the key could shorten the past and seal it anew, but not what others have seen.

Kinds register from above (`kind`): another agency's install, a mailbox, a time-stamping authority. Each witness is
shown the newest seal of each log, at most hourly; since seals are chained, that covers all before. What it gives back
is kept as a testimony and checked by every verification. Asking leaves no entry: it would make a seal to ask about.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import connection
from django.utils.translation import gettext as _

from .actions import Actor, Refused, action, new_id, record
from .events import NeighbourAdded, WitnessAdded, WitnessEnded, canonical
from .models import Attested, Neighbour, Testimony, Witness
from .restored import gaps
from .seals import public_key, signing_key
from .tables import LOGS

log = logging.getLogger(__name__)
EVERY = timedelta(hours=1)
_NEWEST = "SELECT number, body, signature FROM {log.seal} ORDER BY number DESC LIMIT 1"
_BODY = "SELECT body FROM {log.seal} WHERE number = %s"


@dataclass(frozen=True)
class Shown:
    """A seal as a witness is shown it."""

    log: str
    number: int
    body: str
    signature: bytes

    @property
    def digest(self) -> str:
        return sha256(self.body.encode()).hexdigest()


@dataclass(frozen=True)
class Kind:
    """How one kind of witness is asked (outside of any transaction; raises OSError where it is away, ValueError
    where it refuses), and what is wrong with a receipt of it, empty: nothing."""

    ask: Callable[[Witness, Shown], bytes]
    fault: Callable[[Witness, Shown, bytes], str]


KINDS: dict[str, Kind] = {}


def kind(name: str, one: Kind) -> None:
    """Register a kind of witness; its name stands in the database for ever."""
    KINDS[name] = one


@action
def add_witness(name: str, *, kind: str, address: str = "", key: str = "", by: Actor, at: datetime) -> Witness:
    """Ask this witness from now on. Raises `Refused` for a kind that nobody offers or a key that is none."""
    if kind not in KINDS:
        raise Refused("witness_kind", _("There is no such kind of witness: %(kind)s.") % {"kind": kind})
    if key:
        _public(key)
    witness = Witness.objects.create(id=new_id(), kind=kind, name=name, address=address, key=key, added_at=at)
    record(WitnessAdded(kind), subject=witness, by=by, at=at)
    return witness


@action
def end_witness(witness: Witness, *, by: Actor, at: datetime) -> None:
    """Ask it no more."""
    if Witness.objects.filter(pk=witness.pk, ended_at=None).update(ended_at=at):
        record(WitnessEnded(), subject=witness, by=by, at=at)


@action
def add_neighbour(name: str, *, key: str, by: Actor, at: datetime) -> Neighbour:
    """Attest the seals of another install from now on. Raises `Refused` for a key that is none."""
    _public(key)
    neighbour, new = Neighbour.objects.get_or_create(key=key.lower(), defaults={"name": name, "added_at": at})
    if new:
        record(NeighbourAdded(neighbour.key), subject=("ledger.neighbour", new_id()), by=by, at=at)
    return neighbour


def ask_all(at: datetime) -> int:
    """Show every witness the seals that are due; returns how many testimonies came. One away stops no other."""
    came = 0
    for witness in Witness.objects.filter(ended_at=None):
        error = ""
        for shown in _newest():
            last = witness.testimonies.filter(log=shown.log).order_by("-at").first()
            if last and (last.digest == shown.digest or last.at > at - EVERY):
                continue
            try:
                receipt = KINDS[witness.kind].ask(witness, shown)
                error = KINDS[witness.kind].fault(witness, shown, receipt)
            except (OSError, ValueError) as why:
                error = f"{type(why).__name__}: {why}"
            if error:
                log.warning("witness %s: %s", witness.name, error)
                break
            Testimony.objects.create(
                witness=witness, log=shown.log, number=shown.number, digest=shown.digest, at=at, receipt=receipt
            )
            came += 1
        if error[:300] != witness.error:
            Witness.objects.filter(pk=witness.pk).update(error=error[:300])
    return came


def attest(key: str, body: str, signature: bytes, at: datetime) -> dict[str, Any]:
    """Our signed receipt for a neighbour's seal, which we keep. Raises `Refused` where we do not know the key, the
    signature is false, or the neighbour has shown us another seal under that number (the receipt would hide it)."""
    neighbour = Neighbour.objects.filter(key=key.lower()).first()
    if neighbour is None:
        raise Refused("unknown_neighbour", _("We attest no seals of this key."), status=403)
    try:
        _public(key).verify(signature, body.encode())
        said = json.loads(body)
        name, number = str(said["log"]), int(said["number"])
    except (InvalidSignature, ValueError, KeyError, TypeError):
        raise Refused("false_seal", _("This is no seal of that key."), status=422) from None
    Attested.objects.get_or_create(
        neighbour=neighbour, log=name, number=number, body=body, defaults={"signature": signature, "at": at}
    )
    if neighbour.attested.filter(log=name, number=number).exclude(body=body).exists():
        log.critical("%s has shown two seals under number %s of %s", neighbour.name, number, name)
        raise Refused("two_seals", _("Another seal of this number was shown to us before."))
    text = canonical({"at": at, "digest": sha256(body.encode()).hexdigest(), "format": "tinhso-witness-1", "of": key})
    return {
        "receipt": text,
        "signature": signing_key().sign(text.encode()).hex(),
        "public_key": public_key().public_bytes_raw().hex(),
    }


def roots_of(neighbour: Neighbour) -> Iterator[str]:
    """What we have seen of a neighbour, as lines for its `ledger verify --against`."""
    for seen in neighbour.attested.order_by("log", "number", "at").iterator():
        yield json.dumps({"body": seen.body, "signature": bytes(seen.signature).hex()})


def findings() -> Iterator[str]:
    """Testimonies that do not fit the seals that stand here, or are false."""
    logs, declared = {one.name: one for one in LOGS}, gaps()
    for given in Testimony.objects.select_related("witness").order_by("at").iterator():
        where = f"{given.log}: seal {given.number}, attested by {given.witness.name}"
        with connection.cursor() as cursor:
            cursor.execute(logs[given.log].sql(_BODY), [given.number])
            row = cursor.fetchone()
        if row is None or sha256(row[0].encode()).hexdigest() != given.digest:
            made = given.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            if not any(gap.log == given.log and gap.excuses(given.number, made) for gap in declared):
                yield f"{where}, stands here no more"
        elif fault := KINDS[given.witness.kind].fault(
            given.witness, Shown(given.log, given.number, row[0], b""), bytes(given.receipt)
        ):
            yield f"{where}: {fault}"


def signed_receipt_fault(witness: Witness, shown: Shown, receipt: bytes) -> str:
    """What is wrong with what `attest` of another install gave."""
    try:
        given = json.loads(receipt)
        said = json.loads(given["receipt"])
        _public(witness.key).verify(bytes.fromhex(given["signature"]), given["receipt"].encode())
    except (InvalidSignature, ValueError, KeyError, TypeError, Refused):
        return "its receipt is not signed by its key"
    return "" if said.get("digest") == shown.digest else "its receipt is for something else"


def _newest() -> Iterator[Shown]:
    for one in LOGS:
        with connection.cursor() as cursor:
            cursor.execute(one.sql(_NEWEST))
            row = cursor.fetchone()
        if row:
            yield Shown(one.name, row[0], row[1], bytes(row[2]))


def _public(key: str) -> Ed25519PublicKey:
    try:
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
    except ValueError:
        raise Refused("no_key", _("This is no public key: 64 hexadecimal digits."), status=422) from None
