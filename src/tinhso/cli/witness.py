"""`tinhso witness …`: who outside attests our seals, and whose we attest."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import UTC, datetime

from .install import Stop, install, start_django

Add = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]


def add_to(add: Add) -> None:
    """Give the command line its commands of witnesses."""
    verbs = add("witness", _run, "who outside attests the ledger's seals").add_subparsers(
        metavar="COMMAND", dest="verb", required=True
    )
    verbs.add_parser("list", help="witnesses with what they attested last, neighbours, and our own public key")
    new = verbs.add_parser("add", help="ask somebody to attest our seals from now on")
    new.add_argument("kind", help="agency (another install), email, or timestamp (TSA_URL)")
    new.add_argument("name")
    new.add_argument("address", nargs="?", default="", help="https://… of the install, or the mailbox")
    new.add_argument("--key", default="", help="public key of the other install's ledger")
    verbs.add_parser("end", help="ask them no more").add_argument("id")
    verbs.add_parser("ask", help="show the newest seals now to whoever is due")
    neighbour = verbs.add_parser("neighbour", help="attest the seals of another install from now on")
    neighbour.add_argument("name")
    neighbour.add_argument("key", help="public key of its ledger; its `tinhso witness list` shows it")
    seen = verbs.add_parser("seen", help="print the seals a neighbour showed us, for its `ledger verify --against`")
    seen.add_argument("key")


def _run(arguments: argparse.Namespace) -> int:
    with install() as config:
        start_django(config)
        from tinhso.core.ledger.actions import Refused

        try:
            return _VERBS[arguments.verb](arguments)
        except Refused as refusal:
            raise Stop(str(refusal)) from refusal


def _list(arguments: argparse.Namespace) -> int:
    from tinhso.core.ledger.models import Neighbour, Witness
    from tinhso.core.ledger.seals import public_key

    print(f"public key of this ledger: {public_key().public_bytes_raw().hex()}")
    for witness in Witness.objects.filter(ended_at=None):
        last = witness.testimonies.order_by("-at").first()
        attested = f"attested {last.log} seal {last.number} at {last.at:%d/%m/%Y %H:%M} UTC" if last else "nothing yet"
        print(f"{witness.id} {witness.kind} {witness.name} {witness.address}: {witness.error or attested}")
    for neighbour in Neighbour.objects.all():
        print(f"we attest: {neighbour.name} {neighbour.key}")
    return 0


def _add(arguments: argparse.Namespace) -> int:
    from tinhso.core.ledger import witnesses
    from tinhso.core.ledger.actions import Actor

    witness = witnesses.add_witness(
        arguments.name, kind=arguments.kind, address=arguments.address, key=arguments.key,
        by=Actor.system("operator"), at=datetime.now(UTC),
    )  # fmt: skip
    print(witness.id)
    return 0


def _end(arguments: argparse.Namespace) -> int:
    from tinhso.core.ledger import witnesses
    from tinhso.core.ledger.actions import Actor
    from tinhso.core.ledger.models import Witness

    witness = next((one for one in Witness.objects.all() if str(one.id) == arguments.id), None)
    if witness is None:
        raise Stop(f"There is no witness {arguments.id}.")
    witnesses.end_witness(witness, by=Actor.system("operator"), at=datetime.now(UTC))
    return 0


def _ask(arguments: argparse.Namespace) -> int:
    from tinhso.core.ledger import witnesses
    from tinhso.core.ledger.models import Witness

    print(f"{witnesses.ask_all(datetime.now(UTC))} testimonies came.")
    faults = [f"{one.name}: {one.error}" for one in Witness.objects.filter(ended_at=None).exclude(error="")]
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


def _neighbour(arguments: argparse.Namespace) -> int:
    from tinhso.core.ledger import witnesses
    from tinhso.core.ledger.actions import Actor

    witnesses.add_neighbour(arguments.name, key=arguments.key, by=Actor.system("operator"), at=datetime.now(UTC))
    return 0


def _seen(arguments: argparse.Namespace) -> int:
    from tinhso.core.ledger import witnesses
    from tinhso.core.ledger.models import Neighbour

    neighbour = Neighbour.objects.filter(key=arguments.key.lower()).first()
    if neighbour is None:
        raise Stop("We attest no seals of this key.")
    for line in witnesses.roots_of(neighbour):
        print(line)
    return 0


_VERBS: dict[str, Callable[[argparse.Namespace], int]] = {
    "list": _list, "add": _add, "end": _end, "ask": _ask, "neighbour": _neighbour, "seen": _seen,
}  # fmt: skip
