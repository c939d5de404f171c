"""Trusted time: stamped, not stamped while the authority is away, stamped again, kept for ever."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.timestamps import TimestampRequestError
from tests.house.browser import needs

from tinhso.core.letters.fields import LEADER, SEAL
from tinhso.core.letters.render import render
from tinhso.core.signing import form, pades, stamps, upkeep
from tinhso.core.signing.ca import Authority
from tinhso.core.signing.report import Code, Verdict
from tinhso.core.signing.validation import validate

from .authority import Running, running
from .life import letter_data

NOW = datetime.now(UTC)
LATER = NOW + timedelta(hours=2)  # after the stamps, which the authority makes by the clock


@pytest.fixture(scope="session")
def ca() -> Authority:
    return Authority.make("Cơ quan chứng thực thử nghiệm", at=NOW - timedelta(days=60))


@pytest.fixture
def tsa(ca: Authority, data_dir: Any, settings: Any) -> Iterator[Running]:
    folder = data_dir / "keys" / "trust"
    folder.mkdir(parents=True)
    (folder / "root.pem").write_bytes(ca.root.public_bytes(Encoding.PEM))
    with running(ca.dump()) as one:
        settings.TINHSO = settings.TINHSO.model_copy(update={"tsa_url": one.url})
        yield one


def signed_by(ca: Authority, stamper: Any) -> bytes:
    """Signed by a leader, numbered, sealed by an agency."""
    leader = ca.issue("Trần Thị Mỹ Hương", at=NOW - timedelta(days=1))
    agency = ca.issue("Ủy ban nhân dân phường", at=NOW - timedelta(days=1))
    draft = render("procedures/marital_status", letter_data(), at=NOW)
    signed = pades.sign(draft, field=LEADER, signer=leader.signer, at=NOW, stamper=stamper)
    numbered = form.fill_number_and_date(signed, number="15/UBND-XNTTHN", date=date(2026, 11, 23))
    return pades.sign(numbered, field=SEAL, signer=agency.signer, at=NOW, stamper=stamper)


def test_a_signature_proves_its_time_then_for_ever(tsa: Running, ca: Authority, tmp_path: Path) -> None:
    stamper = stamps.authority()
    sealed = signed_by(ca, stamper)
    report = validate(sealed, at=LATER)
    assert report.verdict is Verdict.VALID
    assert [bool(s.stamped_at) for s in report.signatures] == [True, True]

    kept, renew_at = upkeep.extended(sealed, stamper, long_term=True, at=NOW)
    assert kept.startswith(sealed), "what was sealed is never rewritten"
    assert timedelta(days=4 * 365) < renew_at - NOW < timedelta(days=5 * 365 - 89)
    again, _renew_at = upkeep.extended(kept, stamper, long_term=True, at=NOW)
    for version, count in ((kept, 1), (again, 2)):
        report = validate(version, at=LATER)
        assert (report.verdict, len(report.stamps)) == (Verdict.VALID, count), report.findings
        assert version[: report.sealed_length] == sealed
    changed = bytearray(again)
    changed[again.rindex(b"/ByteRange") + 4] ^= 1
    assert validate(bytes(changed), at=LATER).codes

    if shutil.which("pdfsig") is None:
        needs("pdfsig", "poppler-utils")
    file = tmp_path / "kept.pdf"
    file.write_bytes(again)
    said = subprocess.run(["pdfsig", "-nocert", str(file)], capture_output=True, text=True, check=False).stdout
    assert said.count("Signature is Valid") == 2, said  # poppler verifies no document time-stamps
    assert said.count("Field Name: Timestamp-") == 2, said
    assert "Invalid" not in said


def test_the_authority_away_does_not_stop_signing(tsa: Running, ca: Authority) -> None:
    tsa.away()
    made, stamped = stamps.trying(lambda stamper: signed_by(ca, stamper))
    assert not stamped
    report = validate(made, at=LATER)
    assert report.verdict is Verdict.VALID
    assert [s.stamped_at for s in report.signatures] == [None, None]
    tsa.back()
    stamps.authority().resting_until = 0
    caught_up, _renew_at = upkeep.extended(made, stamps.authority(), long_term=True, at=NOW)
    assert all(s.stamped_at for s in validate(caught_up, at=LATER).signatures)


def test_a_stamp_of_a_stranger_proves_nothing(tsa: Running, ca: Authority, settings: Any, data_dir: Any) -> None:
    with running(Authority.make("Người lạ", at=NOW - timedelta(days=1)).dump()) as stranger:
        settings.TINHSO = settings.TINHSO.model_copy(update={"tsa_url": stranger.url})
        report = validate(signed_by(ca, stamps.authority()), at=LATER)
    assert report.codes >= {Code.STAMP_UNTRUSTED}
    assert report.verdict is Verdict.VALID, "the signature holds as one without a stamp does"
    assert [s.stamped_at for s in report.signatures] == [None, None]


def test_an_authority_that_failed_is_left_alone_for_a_moment(tsa: Running, ca: Authority) -> None:
    stamper = stamps.authority()
    stamper.failed()
    with pytest.raises(TimestampRequestError):
        signed_by(ca, stamper)
    stamper.resting_until = 0


@pytest.mark.parametrize("life", [timedelta(days=20), timedelta(days=400)])
def test_the_next_stamp_is_due_before_the_authoritys_certificate_ends(
    ca: Authority, data_dir: Any, life: timedelta
) -> None:
    with running(ca.dump(), life=life) as one:
        token = one.authority.stamper.tsa_cert
        due = upkeep._due(token, NOW)
    assert NOW < due < token.not_valid_after - timedelta(days=9)
