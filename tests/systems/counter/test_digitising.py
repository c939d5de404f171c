"""Many pages become one PDF/A that its converter signs, and the vault keeps it as digitised."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse_lazy
from django.utils import timezone
from PIL import ImageStat

from tests.systems.counter.builders import (
    FORM,
    a_form,
    a_page,
    a_pdf,
    a_tiff,
    accepted,
    actor,
    at_counter,
    desk,
    official,
)
from tests.systems.dossiers.builders import a_dossier, citizen
from tinhso.core.accounts.actions import erase_person
from tinhso.core.files.models import FileLink
from tinhso.core.files.queries import read_bytes
from tinhso.core.ledger.models import Entry
from tinhso.core.signing.demo import DEMO_PASSPHRASE
from tinhso.core.signing.report import Role, Verdict
from tinhso.core.signing.validation import validate
from tinhso.simulation.check import settle
from tinhso.systems.counter import jobs
from tinhso.systems.counter.models import Scan
from tinhso.systems.dossiers.models import Component, Dossier
from tinhso.systems.vault.models import Paper, Trust

pytestmark = pytest.mark.usefixtures("province")
SCANS = "/ban-lam-viec/quay/so-hoa"
SIGN = reverse_lazy("ui:signing")


def upload(client: Client, scan: Scan, *files: tuple[str, bytes]) -> Any:
    sent = [SimpleUploadedFile(name, data) for name, data in files]
    answer = client.post(f"{SCANS}/{scan.pk}/them/", {"files": sent})
    scan.refresh_from_db()
    return answer


def do(client: Client, scan: Scan, what: str, place: int) -> None:
    client.post(f"{SCANS}/{scan.pk}/sua/", {"do": f"{what}:{scan.pages[place][0]}"})
    scan.refresh_from_db()


def into(client: Client, dossier: Dossier, name: str = "Giấy ủy quyền") -> Scan:
    client.post(f"{SCANS}/ho-so/{dossier.pk}/", {"name": name})
    return Scan.objects.get(dossier=dossier, made_at=None)


def made(client: Client, dossier: Dossier) -> Scan:
    """A paper of two pages in a dossier."""
    scan = into(client, dossier)
    upload(client, scan, ("a1.jpg", a_page("trang 1")), ("a2.jpg", a_page("trang 2")))
    client.post(f"{SCANS}/{scan.pk}/ghep/")
    scan.refresh_from_db()
    return scan


def signed(client: Client, scan: Scan) -> Any:
    assert scan.file is not None
    key = f"counter.scan:{scan.pk}:{scan.file.pk}"
    given = {"document": [key], "way": "file", "passphrase": DEMO_PASSPHRASE}
    answer = client.post(SIGN, given)
    said = b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()
    scan.refresh_from_db()
    return said


def darkest_corner(pdf: bytes, page: int) -> str:
    """Where the black mark of `a_page` is on a page: which says how it was turned."""
    picture = pypdfium2.PdfDocument(pdf)[page].render(scale=0.5).to_pil().convert("L")
    wide, high = picture.size
    top = high - int(high * 842 / 876) if page == 0 else 0  # the strip for the signature
    corners = {
        "top left": (0, top, wide // 6, top + high // 8),
        "top right": (wide - wide // 6, top, wide, top + high // 8),
        "bottom right": (wide - wide // 6, high - high // 8, wide, high),
    }
    return min(corners, key=lambda one: ImageStat.Stat(picture.crop(corners[one])).mean[0])


def test_pages_of_all_kinds_come_in_order_and_are_moved_turned_and_taken_out():
    client = desk()
    draft = a_form(client)
    begun = client.post(f"{SCANS}/to-khai/{draft.pk}/", {"scan_question": "scan", "document": "Bằng tốt nghiệp"})
    scan = Scan.objects.get()
    assert begun["Location"] == f"{SCANS}/{scan.pk}/"
    answer = upload(
        client,
        scan,
        ("quet10.tif", a_tiff("ba", "bốn")),
        ("quet2.pdf", a_pdf("hai")),
        ("quet1.png", a_page("một", kind="PNG")),
    )
    assert answer.status_code == 302
    assert len(scan.pages) == 4
    do(client, scan, "out", 3)
    do(client, scan, "right", 0)
    do(client, scan, "down", 0)
    assert [turn for _link, turn in scan.pages] == [0, 90, 0]
    shown = client.get(f"{SCANS}/{scan.pk}/").content.decode()
    assert shown.count("Xoay trái") == 3
    picture = re.search(rf"{SCANS}/{scan.pk}/[0-9a-f-]+/90\.jpg", shown)
    assert picture
    assert client.get(picture[0])["Content-Type"] == "image/jpeg"
    assert desk("motcua2").get(picture[0]).status_code == 404

    done = client.post(f"{SCANS}/{scan.pk}/ghep/", follow=True).content.decode()
    draft.refresh_from_db()
    scan.refresh_from_db()
    assert scan.file is not None
    assert draft.answers["scan"] == [str(scan.file.pk)]
    assert draft.answers["document"] == "Bằng tốt nghiệp"
    assert scan.file.name in done
    pdf = read_bytes(scan.file)
    assert len(pypdfium2.PdfDocument(pdf)) == 3
    assert darkest_corner(pdf, 0) == "top left"
    assert darkest_corner(pdf, 1) == "top right", "a quarter to the right"


def test_the_file_is_pdf_a_with_a_place_for_the_converter_and_covers_nothing_of_the_paper(tmp_path: Path):
    client = desk()
    scan = made(client, at_counter())
    assert scan.file is not None
    pdf = read_bytes(scan.file)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        with document.open_metadata() as told:
            assert told.pdfa_status == "2B"
            assert told["dc:title"] == "Giấy ủy quyền"
        assert "/OutputIntents" in document.Root
        assert not document.is_encrypted
        assert [str(field.T) for field in document.Root.AcroForm.Fields] == ["converter"]
        heights = [float(page.mediabox[3]) for page in document.pages]
        assert heights[0] == pytest.approx(heights[1] + 34), "a strip above the first page"
        assert float(document.pages[0].Annots[0].Rect[1]) > heights[1]
    if shutil.which("qpdf"):
        (tmp_path / "a.pdf").write_bytes(pdf)
        subprocess.run(["qpdf", "--check", str(tmp_path / "a.pdf")], check=True, capture_output=True)


def test_its_converter_signs_it_and_an_independent_reader_finds_the_signature_valid(tmp_path: Path):
    client = desk()
    dossier = accepted(at_counter())
    scan = made(client, dossier)
    part = Component.objects.get(dossier=dossier, key="so-hoa-1")
    waiting = client.get(SIGN).content.decode()
    assert f"{dossier.code}-so-hoa-1" in waiting
    assert f"{dossier.code}-so-hoa-1" not in desk("chutich").get(SIGN).content.decode()
    said = signed(client, scan)
    assert scan.signed_at, said
    part.refresh_from_db()
    pdf = read_bytes(part.file)
    report = validate(pdf, at=timezone.now())
    assert report.verdict is Verdict.VALID, report.codes
    assert [one.role for one in report.signatures] == [Role.CONVERTER]
    assert report.signatures[0].holder == official("motcua").account.display_name
    assert report.signatures[0].covers_all
    assert not FileLink.objects.filter(owner_kind="counter.scan").exists(), "the separate pages are gone"
    entry = Entry.objects.get(event="counter.digitised", subject_id=dossier.pk)
    assert entry.data["component"] == str(part.pk)
    assert "Nguyễn" not in entry.payload
    if shutil.which("pdfsig"):
        (tmp_path / "a.pdf").write_bytes(pdf)
        out = subprocess.run(
            ["pdfsig", "-nocert", str(tmp_path / "a.pdf")], capture_output=True, text=True, check=False
        )
        assert "Signature is Valid." in out.stdout
        assert "Total document signed" in out.stdout
    tampered = pdf.replace(b"/Count 2", b"/Count 1", 1)
    assert tampered != pdf
    assert validate(tampered, at=timezone.now()).verdict is Verdict.INVALID


def test_nobody_signs_what_a_colleague_digitised_and_nothing_twice():
    client = desk()
    scan = made(client, at_counter())
    signed(desk("motcua2"), scan)
    assert scan.signed_at is None
    signed(client, scan)
    first = Scan.objects.get(pk=scan.pk).signed_at
    assert first
    again = signed(client, scan)
    assert Scan.objects.get(pk=scan.pk).signed_at == first
    assert "không chờ" in again or "không còn" in again


def test_the_vault_keeps_it_as_digitised_by_the_official_also_of_an_online_dossier():
    client = desk()
    dossier = a_dossier().submitted().accepted().row
    settle(timezone.now())
    scan = made(client, dossier)
    settle(timezone.now())
    assert not Paper.objects.filter(name="Giấy ủy quyền").exists(), "nobody has vouched for it yet"
    signed(client, scan)
    settle(timezone.now())
    paper = Paper.objects.get(name="Giấy ủy quyền")
    assert (paper.trust, paper.person) == (Trust.DIGITISED, citizen("hoa").person)
    assert paper.vouched_by == official("motcua").account
    assert validate(read_bytes(paper.link), at=timezone.now()).verdict is Verdict.VALID


def test_an_electronic_original_and_broken_files_are_refused_by_name_and_nothing_is_kept():
    client = desk()
    dossier = at_counter()
    scan = made(client, dossier)
    signed(client, scan)
    original = read_bytes(Component.objects.get(dossier=dossier, key="so-hoa-1").file)
    another = into(client, dossier, "Bằng tốt nghiệp")
    refused = upload(client, another, ("bang.pdf", original))
    assert refused.status_code == 422
    assert "bang.pdf đã ký số" in refused.content.decode()
    broken = upload(client, another, ("tot.jpg", a_page("tốt")), ("xau.pdf", b"%PDF-1.4\nkhong\n%%EOF"))
    assert broken.status_code == 422
    assert "xau.pdf" in broken.content.decode()
    assert upload(client, another, ("thu.docx", b"PK\x03\x04")).status_code == 422
    assert another.pages == []
    assert not FileLink.objects.filter(owner_kind="").exists()
    assert not FileLink.objects.filter(owner_kind="counter.scan", owner_id=another.pk).exists()


def test_a_submitted_form_takes_along_what_was_digitised_for_it_and_what_is_still_being_scanned():
    client = desk()
    draft = a_form(client)
    client.post(f"{SCANS}/to-khai/{draft.pk}/", {"scan_question": "scan"})
    first = Scan.objects.get()
    upload(client, first, ("1.jpg", a_page("một")))
    client.post(f"{SCANS}/{first.pk}/ghep/")
    client.post(f"{SCANS}/to-khai/{draft.pk}/", {"scan_question": "scan"})
    second = Scan.objects.get(made_at=None)
    upload(client, second, ("2.jpg", a_page("hai")))
    typed = {
        "requester.full_name": "Nguyễn Thị Hoa",
        "requester.national_id": "066190000001",
        "document": "Bằng tốt nghiệp đại học",
        "origin": "vietnam",
        "pages": "1",
        "copies": "1",
        "original_shown": "yes",
        "issuer": "Trường Đại học Tây Nguyên",
    }
    submitted = client.post(FORM, typed)
    assert submitted.status_code == 302, re.findall(r"field-error.*?</div>", submitted.content.decode(), re.DOTALL)
    dossier = Dossier.objects.get()
    client.post(f"{SCANS}/{second.pk}/ghep/")
    assert [part.key for part in dossier.components.order_by("pk")] == ["scan", "so-hoa-1"]
    first.refresh_from_db()
    signed(client, first)
    assert validate(read_bytes(dossier.components.get(key="scan").file), at=timezone.now()).verdict is Verdict.VALID


def test_the_scanners_folder_is_emptied_into_the_paper(tmp_path: Path, settings: Any):
    folder = tmp_path / "may-quet"
    (folder / "motcua").mkdir(parents=True)
    (folder / "motcua" / "0001.jpg").write_bytes(a_page("một"))
    (folder / "motcua" / "0002.jpg").write_bytes(a_page("hai"))
    (folder / "bi-mat.jpg").write_bytes(a_page("của người khác"))
    (folder / "motcua" / "0003.jpg").symlink_to(folder / "bi-mat.jpg")
    settings.TINHSO = settings.TINHSO.model_copy(update={"scan_folder": str(folder)})
    client = desk()
    scan = into(client, at_counter())
    shown = client.get(f"{SCANS}/{scan.pk}/").content.decode()
    assert "0001.jpg" in shown
    assert "đang ghi" in shown, "what was written this very second is left alone"
    assert "0003.jpg" not in shown
    for name in ("../bi-mat.jpg", "0003.jpg"):
        assert client.post(f"{SCANS}/{scan.pk}/them/", {"lying": name}).status_code == 422
    assert client.post(f"{SCANS}/{scan.pk}/them/", {"lying": "0001.jpg"}).status_code == 422
    for name in ("0001.jpg", "0002.jpg"):
        os.utime(folder / "motcua" / name, (1, 1))
    client.post(f"{SCANS}/{scan.pk}/them/", {"lying": ["0001.jpg", "0002.jpg"]})
    scan.refresh_from_db()
    assert len(scan.pages) == 2
    assert sorted(path.name for path in (folder / "motcua").iterdir()) == ["0003.jpg"]
    assert (folder / "bi-mat.jpg").exists()


def test_pages_go_with_the_person_and_after_a_week():
    client = desk()
    dossier = at_counter()
    scan = into(client, dossier)
    upload(client, scan, ("1.jpg", a_page("một")))
    jobs.sweep_at(timezone.now() + timedelta(days=6))
    assert Scan.objects.filter(pk=scan.pk).exists()
    jobs.sweep_at(timezone.now() + timedelta(days=8))
    assert not Scan.objects.filter(pk=scan.pk).exists()
    assert not FileLink.objects.filter(owner_kind="counter.scan").exists()
    scan = into(client, dossier)
    upload(client, scan, ("1.jpg", a_page("một")))
    assert dossier.applicant
    erase_person(dossier.applicant, by=actor(official("quantri")), at=timezone.now())
    assert not Scan.objects.exists()
    assert not FileLink.objects.filter(owner_kind="counter.scan").exists()
