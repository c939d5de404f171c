"""Text is read under a digitised paper before it is signed: seconds a page, so not among the quick tests."""

from __future__ import annotations

import io

import pikepdf
import pypdfium2
import pytest

from tests.systems.counter.builders import a_page, actor, at_counter, desk, official
from tests.systems.counter.test_digitising import SCANS, SIGN, into, signed, upload
from tinhso.core.files import derived
from tinhso.core.files.models import FileLink
from tinhso.core.files.queries import read_bytes
from tinhso.systems.counter import jobs

pytestmark = [pytest.mark.soak, pytest.mark.usefixtures("province")]


def test_text_is_read_before_the_signature_where_a_reader_is_installed():
    client = desk()
    scan = into(client, at_counter())
    upload(client, scan, ("1.jpg", a_page("UY QUYEN", size=(1240, 1754))))
    if not derived.reader():
        assert "chưa cài phần đọc chữ" in client.get(f"{SCANS}/{scan.pk}/").content.decode()
        pytest.skip("tesseract with Vietnamese, or ocrmypdf, is not installed")
    client.post(f"{SCANS}/{scan.pk}/ghep/", {"text": "1"})
    scan.refresh_from_db()
    assert scan.reading
    assert scan.file is not None
    assert str(scan.pk) not in client.get(SIGN).content.decode(), "it is signed after that"
    jobs.read(scan=str(scan.pk), by=str(actor(official("motcua"))))
    scan.refresh_from_db()
    assert not scan.reading
    pdf = read_bytes(FileLink.objects.get(pk=scan.file.pk))
    assert "QUYEN" in pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range()
    with pikepdf.open(io.BytesIO(pdf)) as document, document.open_metadata() as told:
        assert told.pdfa_status == "2B"
    signed(client, scan)
    assert scan.signed_at
