"""Prepare, sign, embed: what goes in is the beginning of what comes out."""

from __future__ import annotations

import io
from datetime import date, timedelta
from itertools import pairwise

import pikepdf
import pytest
from django.db import transaction

from tinhso.core.ledger.actions import Refused
from tinhso.core.letters.fields import LEADER, SEAL
from tinhso.core.signing import form, pades
from tinhso.core.signing.keys import PersonalKey

from .life import AT, Life


def test_each_version_is_the_beginning_of_the_next(life: Life) -> None:
    versions = [life.draft, life.signed, life.numbered, life.sealed]
    for earlier, later in pairwise(versions):
        assert later.startswith(earlier)
        assert len(later) > len(earlier)


def test_the_three_steps_may_happen_in_three_places(life: Life) -> None:
    prepared = pades.prepare(life.draft, field=LEADER, identity=life.leader.signer.identity, at=AT)
    signature = life.leader.signer.sign(prepared.attributes)
    assert pades.embed(prepared, signature).startswith(life.draft)


def test_a_signature_by_another_key_is_refused(life: Life) -> None:
    prepared = pades.prepare(life.draft, field=LEADER, identity=life.leader.signer.identity, at=AT)
    with pytest.raises(Refused) as refused:
        pades.embed(prepared, life.other_leader.signer.sign(prepared.attributes))
    assert refused.value.code == "wrong_key"


def test_the_leader_cannot_sign_twice_nor_after_the_seal(life: Life) -> None:
    with pytest.raises(Refused) as twice:
        pades.sign(life.signed, field=LEADER, signer=life.leader.signer, at=AT)
    assert twice.value.code == "already_signed"
    sealed_first = pades.sign(life.draft, field=SEAL, signer=life.agency.signer, at=AT)
    with pytest.raises(Refused) as late:
        pades.sign(sealed_first, field=LEADER, signer=life.leader.signer, at=AT)
    assert late.value.code == "wrong_order"


def test_an_expired_certificate_does_not_sign(life: Life) -> None:
    with pytest.raises(Refused) as refused:
        pades.sign(life.draft, field=LEADER, signer=life.leader.signer, at=AT + timedelta(days=3650))
    assert refused.value.code == "certificate_expired"


def test_number_and_date_are_filled_once(life: Life) -> None:
    with pytest.raises(Refused) as refused:
        form.fill_number_and_date(life.numbered, number="16/UBND", date=date(2026, 11, 23))
    assert refused.value.code == "already_numbered"


def test_a_number_too_long_for_its_place_is_refused(life: Life) -> None:
    too_long = "123456789/UBND-XNTTHN-TRẢ-KẾT-QUẢ-HỒ-SƠ"
    with pytest.raises(Refused) as refused:
        form.fill_number_and_date(life.signed, number=too_long, date=date(2026, 11, 23))
    assert refused.value.code == "text_too_long"


def test_the_date_is_written_as_the_decree_says() -> None:
    assert form.date_words(date(2027, 2, 5)) == "ngày 05 tháng 02 năm 2027"
    assert form.date_words(date(2026, 11, 23)) == "ngày 23 tháng 11 năm 2026"


def test_every_letter_of_the_date_is_in_the_embedded_face(life: Life) -> None:
    with pikepdf.open(io.BytesIO(life.numbered)) as document:
        field = next(f for f in document.Root.AcroForm.Fields if f.T == "date")
        assert str(field.V) == "ngày 23 tháng 11 năm 2026"
        drawn = field.AP.N.read_bytes().decode()
        used = field.AP.N.Resources.Font["/TinosI"]
        assert used.DescendantFonts[0].FontDescriptor.get("/FontFile2") is not None
    glyphs = drawn.split("<")[1].split(">")[0]
    assert "0000" not in [glyphs[i : i + 4] for i in range(0, len(glyphs), 4)]


def test_nothing_is_signed_inside_a_transaction(life: Life, transactional_db: None) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="transaction"):
        pades.prepare(life.draft, field=LEADER, identity=life.leader.signer.identity, at=AT)


def test_a_key_file_opens_with_its_passphrase_only(life: Life) -> None:
    file = life.leader.pkcs12("đúng mật khẩu")
    assert PersonalKey.open(file, "đúng mật khẩu").identity.certificate == life.leader.signer.identity.certificate
    with pytest.raises(Refused) as wrong:
        PersonalKey.open(file, "sai")
    assert wrong.value.code == "wrong_passphrase"
    with pytest.raises(Refused) as broken:
        PersonalKey.open(b"%PDF-1.7 not a key", "đúng mật khẩu")
    assert broken.value.code == "bad_key_file"


def test_a_key_shows_nothing_of_itself(life: Life) -> None:
    key = PersonalKey.open(life.leader.pkcs12("bí mật"), "bí mật")
    assert repr(key) == "<PersonalKey>"
    assert "bí mật" not in str(vars(key))
