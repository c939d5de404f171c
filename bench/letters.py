"""Official letters: rendered, and signed with a key that is at hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256

from .harness import Figure, Install, province, spend

LETTERS = 40
AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # a Monday morning


def figures(install: Install) -> Iterator[Figure]:
    from tests.systems.dossiers.builders import a_dossier, staff

    from tinhso.core.agencies.models import Role
    from tinhso.core.files.queries import read_bytes
    from tinhso.core.letters.fields import LEADER
    from tinhso.core.letters.render import render
    from tinhso.core.signing.demo import DEMO_PASSPHRASE
    from tinhso.core.signing.keys import personal_key
    from tinhso.core.signing.pades import sign
    from tinhso.core.signing.results import seal
    from tinhso.systems.dossiers.letter_data import slip_data
    from tinhso.systems.dossiers.models import Letter

    province()
    dossier = a_dossier(AT).submitted().accepted()
    slip = Letter.objects.select_related("dossier__receiving_agency", "number__book").get(dossier=dossier.pk)

    def rendered() -> bytes:
        return render("dossiers/appointment_slip", slip_data(slip), at=AT)

    pdf = rendered()
    hashes = spend(lambda: sum(1 for _ in range(2000) if sha256(pdf).digest()))
    spent = spend(lambda: sum(1 for _ in range(LETTERS) if rendered()))
    yield Figure.rate("slips rendered", spent, hashes, "SHA-256 of the same PDF")
    agency = dossier.row.receiving_agency_id
    sealed = spend(lambda: sum(1 for _ in range(LETTERS) if seal(pdf, agency=agency, at=AT)))
    yield Figure("sealed by the agency", 1000 / sealed.rate, "ms", 45, "stated: 45 ms", sealed.cpu_ms)
    assigned = dossier.assigned().proposed().row
    draft = read_bytes(assigned.result.draft)
    key = personal_key(staff(Role.LEADER).account_id, DEMO_PASSPHRASE)
    signed = spend(lambda: sum(1 for _ in range(LETTERS) if sign(draft, field=LEADER, signer=key, at=AT)))
    yield Figure("signed by a leader", 1000 / signed.rate, "ms", 45, "stated: 45 ms", signed.cpu_ms)
