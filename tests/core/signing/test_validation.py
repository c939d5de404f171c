"""What is done to a signed letter is found and named."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from tinhso.core.ledger.actions import Actor
from tinhso.core.letters.fields import SEAL
from tinhso.core.signing import actions, pades, validation
from tinhso.core.signing.models import Certificate
from tinhso.core.signing.report import Code, Report, Role, Verdict
from tinhso.core.signing.validation import validate

from .life import AT, Life

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")


def appended(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    """`pdf` with an update appended, as an attacker would: the signed bytes stay as they are."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    assert out.getvalue().startswith(pdf)
    return out.getvalue()


def rewritten(pdf: bytes, change: Callable[[pikepdf.Pdf], None]) -> bytes:
    """`pdf` opened and saved anew."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        change(document)
        out = io.BytesIO()
        document.save(out)
    return out.getvalue()


def page(writer: IncrementalPdfFileWriter) -> Any:
    return writer.root["/Pages"]["/Kids"].raw_get(0)


def other_content(writer: IncrementalPdfFileWriter) -> None:
    reference = page(writer)
    fake = writer.add_object(generic.StreamObject(stream_data=b"BT /F1 40 Tf (10.000.000.000) Tj ET"))
    reference.get_object()[pdf_name("/Contents")] = fake
    writer.mark_update(reference.reference)


def content_swapped_in_place(writer: IncrementalPdfFileWriter) -> None:
    contents = page(writer).get_object().raw_get("/Contents")
    contents.get_object()._data = b"BT (x) Tj ET"
    contents.get_object()._encoded_data = zlib.compress(b"BT (x) Tj ET")
    writer.mark_update(contents.reference)


def refill(name: str, words: str) -> Callable[[IncrementalPdfFileWriter], None]:
    def change(writer: IncrementalPdfFileWriter) -> None:
        fields = writer.root["/AcroForm"]["/Fields"]
        for position in range(len(fields)):
            reference = fields.raw_get(position)
            if reference.get_object()["/T"] == name:
                reference.get_object()[pdf_name("/V")] = pdf_string(words)
                writer.mark_update(reference.reference)

    return change


def note_on_the_page(writer: IncrementalPdfFileWriter) -> None:
    reference = page(writer)
    note = writer.add_object(
        generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Annot"),
                pdf_name("/Subtype"): pdf_name("/FreeText"),
                pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (100, 400, 300, 500))),
                pdf_name("/Contents"): pdf_string("Được phép xây dựng"),
            }
        )
    )
    reference.get_object()["/Annots"].append(note)
    writer.mark_update(reference.reference)


def signature_emptied(writer: IncrementalPdfFileWriter) -> None:
    fields = writer.root["/AcroForm"]["/Fields"]
    for position in range(len(fields)):
        reference = fields.raw_get(position)
        if reference.get_object()["/T"] == SEAL:
            del reference.get_object()["/V"]
            writer.mark_update(reference.reference)


def codes(report: Report) -> set[Code]:
    return set(report.codes) - {Code.UNREGISTERED}


def test_a_sealed_letter_is_valid(life: Life, trusting: Any, now: datetime) -> None:
    report = validate(life.sealed, at=now)
    assert report.verdict is Verdict.VALID
    assert [s.role for s in report.signatures] == [Role.LEADER, Role.SEAL]
    assert report.signatures[0].holder == "Trần Thị Mỹ Hương"
    assert report.signatures[0].signed_at == AT
    assert set(report.signatures[0].changed_fields) == {"number", "date", "seal"}
    assert report.signatures[1].covers_all
    assert (report.number, report.date, report.pages) == ("15/UBND-XNTTHN", "ngày 23 tháng 11 năm 2026", 1)


def test_before_the_seal_the_report_says_so(life: Life, trusting: Any, now: datetime) -> None:
    for version in (life.signed, life.numbered):
        report = validate(version, at=now)
        assert report.verdict is Verdict.UNSEALED
        assert codes(report) == {Code.NOT_SEALED}


def test_a_draft_bears_no_signature(life: Life, trusting: Any, now: datetime) -> None:
    assert codes(validate(life.draft, at=now)) == {Code.NO_SIGNATURE}


def test_one_byte_changed_anywhere_in_what_was_signed(life: Life, trusting: Any, now: datetime) -> None:
    text = life.sealed.index(b"/MediaBox") + 11
    for place in (text, len(life.draft) // 2, len(life.signed) + 300):
        changed = bytearray(life.sealed)
        changed[place] ^= 0x01
        report = validate(bytes(changed), at=now)
        assert report.verdict is Verdict.INVALID
        assert codes(report) & {Code.ALTERED_BYTES, Code.NOT_A_PDF, Code.UNREADABLE}, place


def test_a_changed_byte_on_the_page_is_named(life: Life, trusting: Any, now: datetime) -> None:
    place = life.sealed.index(b"stream\n", life.sealed.index(b"/FlateDecode")) + 40
    changed = bytearray(life.sealed)
    changed[place] ^= 0x01
    assert Code.ALTERED_BYTES in codes(validate(bytes(changed), at=now))


@pytest.mark.parametrize("change", [other_content, content_swapped_in_place])
@pytest.mark.parametrize("version", ["signed", "numbered", "sealed"])
def test_a_page_replaced_by_an_appended_update(
    life: Life, trusting: Any, now: datetime, version: str, change: Callable[[IncrementalPdfFileWriter], None]
) -> None:
    report = validate(appended(getattr(life, version), change), at=now)
    assert report.verdict is Verdict.INVALID
    assert Code.PAGE_REPLACED in codes(report)


def test_a_page_replaced_by_writing_the_file_anew(life: Life, trusting: Any, now: datetime) -> None:
    def change(document: pikepdf.Pdf) -> None:
        document.pages[0].Contents = document.make_stream(b"BT ET")

    report = validate(rewritten(life.sealed, change), at=now)
    assert report.verdict is Verdict.INVALID
    assert Code.ALTERED_BYTES in codes(report)


@pytest.mark.parametrize(("name", "words"), [("number", "16"), ("date", "ngày 01 tháng 01 năm 2020")])
def test_number_and_date_refilled_after_the_seal(
    life: Life, trusting: Any, now: datetime, name: str, words: str
) -> None:
    report = validate(appended(life.sealed, refill(name, words)), at=now)
    assert Code.NUMBER_CHANGED_AFTER_SEAL in codes(report)
    assert Code.PAGE_REPLACED not in codes(report)


def test_something_laid_over_the_page(life: Life, trusting: Any, now: datetime) -> None:
    assert Code.CHANGED_AFTER_SIGNATURE in codes(validate(appended(life.sealed, note_on_the_page), at=now))


def test_signatures_stripped(life: Life, trusting: Any, now: datetime) -> None:
    def strip(document: pikepdf.Pdf) -> None:
        del document.Root.AcroForm
        del document.pages[0].Annots

    assert codes(validate(rewritten(life.sealed, strip), at=now)) == {Code.NO_SIGNATURE}
    report = validate(appended(life.sealed, signature_emptied), at=now)
    assert report.verdict is Verdict.INVALID


def test_the_seal_cut_off_leaves_an_unsealed_letter(life: Life, trusting: Any, now: datetime) -> None:
    assert validate(life.sealed[: len(life.numbered)], at=now).verdict is Verdict.UNSEALED


def test_a_leader_who_seals_is_in_the_wrong_role(
    life: Life, wrongly_sealed: bytes, trusting: Any, now: datetime
) -> None:
    assert validate(wrongly_sealed, at=now).codes >= {Code.UNREGISTERED}
    certificate = actions.register_certificate(life.other_leader.chain_pem, holder=an_official(), by=SYSTEM, at=AT)
    report = validate(wrongly_sealed, at=now)
    assert Code.WRONG_ROLE in codes(report)
    assert report.signatures[1].certificate == certificate.pk


@pytest.fixture(scope="session")
def wrongly_sealed(life: Life) -> bytes:
    return pades.sign(life.numbered, field=SEAL, signer=life.other_leader.signer, at=AT + timedelta(minutes=5))


def test_a_second_leaders_signature(life: Life, signed_twice: bytes, trusting: Any, now: datetime) -> None:
    report = validate(signed_twice, at=now)
    assert report.verdict is Verdict.INVALID
    assert Code.UNEXPECTED_SIGNATURE in codes(report)


@pytest.fixture(scope="session")
def signed_twice(life: Life) -> bytes:
    """A further signature in a field that was not reserved, put there before the seal."""
    from pyhanko.sign.fields import SigFieldSpec, append_signature_field

    with_field = appended(life.numbered, lambda writer: append_signature_field(writer, SigFieldSpec("leader2")))
    return pades.sign(
        appended(with_field, lambda writer: None), field="leader2", signer=life.other_leader.signer, at=AT
    )


def test_a_stranger_is_not_trusted(life: Life, data_dir: Any, now: datetime) -> None:
    report = validate(life.sealed, at=now)
    assert codes(report) == {Code.UNTRUSTED}
    assert report.signatures[0].intact
    assert not report.signatures[0].trusted


def test_a_revoked_certificate_signs_no_more_but_what_it_signed_stays(life: Life, trusting: Any, now: datetime) -> None:
    certificate = actions.register_certificate(life.leader.chain_pem, holder=an_official(), by=SYSTEM, at=AT)
    actions.revoke_certificate(certificate, reason="mất khóa", by=SYSTEM, at=AT + timedelta(hours=1))
    assert validate(life.sealed, at=now).ok
    Certificate.objects.filter(pk=certificate.pk).update(revoked_at=AT - timedelta(hours=1))
    assert Code.REVOKED in codes(validate(life.sealed, at=now))


def test_a_time_in_the_future(life: Life, trusting: Any) -> None:
    assert Code.FROM_THE_FUTURE in codes(validate(life.sealed, at=AT - timedelta(hours=1)))


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (b"", Code.NOT_A_PDF),
        (b"PK\x03\x04 a spreadsheet", Code.NOT_A_PDF),
        (b"%PDF-1.7\n", Code.NOT_A_PDF),
        (b"%PDF-1.7\n" + b"[" * 200_000, Code.NOT_A_PDF),
    ],
)
def test_what_is_no_pdf_gets_a_report(trusting: Any, now: datetime, file: bytes, code: Code) -> None:
    report = validate(file, at=now)
    assert code in report.codes
    assert str(next(iter(report.findings)).message)


def test_a_locked_file_gets_a_report(life: Life, trusting: Any, now: datetime) -> None:
    with pikepdf.open(io.BytesIO(life.draft)) as document:
        out = io.BytesIO()
        document.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
    assert validate(out.getvalue(), at=now).codes <= {Code.ENCRYPTED, Code.NOT_A_PDF}


def test_a_file_too_large_is_not_even_opened(trusting: Any, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validation, "MAX_BYTES", 100)
    assert validate(b"%PDF-1.7" + bytes(200), at=now).codes == {Code.TOO_LARGE}


def test_checking_stops_when_its_time_is_over(
    life: Life, trusting: Any, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(validation, "MAX_SECONDS", 0.01)
    assert validate(life.sealed, at=now).codes == {Code.TOO_COMPLEX}
    monkeypatch.undo()
    assert validate(life.sealed, at=now).codes


def test_pages_that_contain_each_other(trusting: Any, now: datetime, life: Life) -> None:
    def loop(writer: IncrementalPdfFileWriter) -> None:
        pages = writer.root.raw_get("/Pages")
        pages.get_object()["/Kids"].append(pages)
        writer.mark_update(pages.reference)

    assert validate(appended(life.sealed, loop), at=now).verdict is Verdict.INVALID


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_no_damage_ever_raises_or_passes(life: Life, data: st.DataObject) -> None:
    """Any stretch of the signed bytes overwritten: never an exception, never a valid report."""
    start = data.draw(st.integers(10, len(life.sealed) - 200))
    junk = data.draw(st.binary(min_size=1, max_size=60))
    changed = life.sealed[:start] + junk + life.sealed[start + len(junk) :]
    report = validate(changed, at=AT + timedelta(days=1))
    assert report.verdict is Verdict.INVALID or changed == life.sealed


def an_official() -> Any:
    from django.contrib.auth import get_user_model

    return get_user_model().objects.create(username="can-bo", kind="official", display_name="Cán bộ", created_at=AT)
