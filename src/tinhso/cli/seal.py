"""`tinhso seal`: the agencies' seals whose keys are in an HSM."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime

from .install import Stop, install, start_django


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What the command can be told."""
    command.add_argument("agency", metavar="CODE", help="code of the agency, as SEAL_HSM and the tree of agencies say")
    text = "SHA-256 of the certificate, where the HSM holds several; its first digits will do"
    command.add_argument("--certificate", default="", metavar="HEX", help=text)


def seal(arguments: argparse.Namespace) -> int:
    """Register the certificate in the agency's HSM as its seal, after a trial signature."""
    with install() as config:
        start_django(config)
        from tinhso.core.agencies.models import Agency
        from tinhso.core.ledger.actions import Actor, Refused
        from tinhso.core.signing import enrol, hsm
        from tinhso.core.signing.keys import common_name

        agency = Agency.objects.filter(code=arguments.agency).first()
        if agency is None:
            raise Stop(f"There is no agency {arguments.agency}.")
        if (place := hsm.place_of(agency)) is None:
            raise Stop("SEAL_HSM names no HSM for this agency.")
        try:
            found = hsm.offered(place)
            chosen = [one for one in found if one.fingerprint.startswith(arguments.certificate.lower())]
            if len(chosen) != 1:
                listed = "\n".join(f"  {one.fingerprint}  {common_name(one.x509.subject)}" for one in found)
                raise Stop(
                    f"Say by --certificate which of these:\n{listed}" if found else f"{place.module} holds none."
                )
            certificate = enrol.seal_in_hsm(agency, chosen[0], by=Actor.system("operator"), at=datetime.now(UTC))
        except hsm.SealAway as away:
            raise Stop(str(away.fault.label)) from away
        except Refused as refusal:
            raise Stop(str(refusal)) from refusal
    print(f"{agency.name} seals by {certificate.common_name}, good until {certificate.not_after:%d/%m/%Y}.")
    return 0


def faults() -> Iterator[str]:
    """Seals that wait for their HSM. Needs Django."""
    from tinhso.core.signing import hsm

    for certificate, fault in hsm.faults():
        yield f"The seal of {certificate.agency} waits: {fault.label}"
