"""What people hand in at the portal becomes a dossier here, once, or they learn why not."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.house.databases import Database
from tinhso.core.files.models import FileLink
from tinhso.core.ledger.models import Entry
from tinhso.simulators.national_portal.catalogue import ROWS
from tinhso.simulators.national_portal.citizen import application
from tinhso.systems.dossiers.models import Channel, Dossier
from tinhso.systems.national_portal import jobs
from tinhso.systems.national_portal.models import Application, Link
from tinhso.systems.procedures.models import NationalRow

from .portal import Beside, begun, beside, sent


@pytest.fixture
def portal(province: Database, settings: Any) -> Iterator[Beside]:
    with beside(settings) as one:
        begun()
        yield one


def handed_in(portal: Beside, **changes: Any) -> dict[str, Any]:
    made = application(portal.portal, "1.004873") | changes
    portal.portal.applications[made["MaHoSoQuocGia"]] = made
    return made


def said(portal: Beside, made: dict[str, Any]) -> dict[str, Any]:
    """Our last answer."""
    return portal.portal.answers[made["MaHoSoQuocGia"]][-1]


def test_an_application_becomes_a_dossier_once_however_often_it_is_sent(portal: Beside) -> None:
    made = handed_in(portal)
    made["DuLieuToKhai"]["requester"]["national_id"] = "066190000001"  # typed; another was signed in there
    jobs.fetch()
    dossier = Dossier.objects.get()
    assert said(portal, made)["MaHoSo"] == dossier.code
    assert (dossier.channel, dossier.applicant_name) == (Channel.ONLINE, made["ChuHoSo"])
    assert dossier.applicant is not None
    assert dossier.applicant.national_id == made["DinhDanhCHS"]["SoDinhDanh"]
    assert f"{dossier.submitted_at.astimezone():%Y%m%d%H%M}"[-2:] == made["NgayNopHoSo"][10:12]
    (paper,) = dossier.components.all()
    assert paper.file.file_id == made["TaiLieuNop"][0]["MaBam"]
    portal.portal.answers.clear()  # our answer was lost, so it asks again
    jobs.fetch()
    assert Dossier.objects.count() == 1
    assert said(portal, made)["MaHoSo"] == dossier.code
    assert Entry.objects.filter(event="national_portal.application_taken").count() == 1
    FileLink.objects.filter(owner_id=dossier.pk).update(origin="vault")
    sent()  # and it is told back as what it is
    assert portal.portal.refused == []
    (told,) = (record for service, record in portal.heard(dossier.code) if service == "DongBoHoSoMC")
    assert (told["TaiLieuNop"][0]["DuocTaiSuDung"], told["TaiLieuNop"][0]["DuocSoHoa"]) == ("1", "0")
    assert (told["NoiNopHoSo"], told["TaiKhoanDuocXacThucVoiVNeID"]) == ("1", "1")


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"MaTTHC": "9.999999"}, "MaTTHC"),
    ({"MaDonVi": "H99.1"}, "MaDonVi"),
    ({"DinhDanhCHS": {}}, "DinhDanhCHS"),
    ({"NgayNopHoSo": "2026-11-22"}, "NgayNopHoSo"),
    ({"NgayNopHoSo": "20200101000000"}, "NgayNopHoSo"),
    ({"DuLieuToKhai": "x"}, "DuLieuToKhai"),
    ({"DuLieuToKhai": {"relation": "self"}}, "DuLieuToKhai.requester.phone"),
    ({"LoaiDoiTuong": "2", "MaDoiTuong": "0100109106"}, "MaDoiTuong"),
]


def test_what_cannot_become_a_dossier_is_answered_with_the_field_and_the_reason(portal: Beside) -> None:
    wrong = [(handed_in(portal, **changes), field) for changes, field in WRONG]
    good = handed_in(portal)
    jobs.fetch()
    assert [said(portal, made)["Truong"] for made, _field in wrong] == [field for _made, field in wrong]
    assert all(said(portal, made)["LyDo"] and not said(portal, made)["MaHoSo"] for made, _field in wrong)
    assert said(portal, good)["MaHoSo"] == Dossier.objects.get().code  # the others go on


def test_a_paper_that_is_not_what_it_says_is_refused_and_mended_asked_for_again(portal: Beside) -> None:
    made = handed_in(portal)
    paper = made["TaiLieuNop"][0]
    right, paper["MaBam"] = paper["MaBam"], "0" * 64
    jobs.fetch()
    row = Application.objects.get()
    assert (row.outcome, row.field) == ("refused", "TaiLieuNop[0]")
    assert "giay-da-cap.pdf" in said(portal, made)["LyDo"]
    assert (Dossier.objects.count(), FileLink.objects.exclude(owner_id=None).count()) == (0, 0)
    paper["MaBam"] = right
    jobs.fetch()
    assert Dossier.objects.count() == 0  # answered: the portal does not bring it up by itself
    jobs.fetch(number=row.number)
    row.refresh_from_db()
    assert (row.outcome, row.reason, said(portal, made)["MaHoSo"]) == ("taken", "", Dossier.objects.get().code)


def test_a_paper_of_another_host_or_a_program_is_never_fetched_or_kept(portal: Beside) -> None:
    away, program = handed_in(portal), handed_in(portal)
    away["TaiLieuNop"][0]["DuongDanTaiTepTin"] = "//example.org/x.pdf"
    data = b"MZ" + b"\0" * 200
    portal.portal.files[program["TaiLieuNop"][0]["TepDinhKemId"]] = data
    program["TaiLieuNop"][0]["MaBam"] = hashlib.sha256(data).hexdigest()
    jobs.fetch()
    assert said(portal, away)["Truong"] == "TaiLieuNop[0].DuongDanTaiTepTin"
    assert said(portal, program)["Truong"] == "TaiLieuNop[0]"
    assert Dossier.objects.count() == 0


def test_an_outage_while_papers_are_fetched_leaves_the_application_for_the_next_minute(portal: Beside) -> None:
    made = handed_in(portal)
    portal.portal.manner = type(portal.portal.manner)("busy")
    jobs.fetch()
    assert (Application.objects.count(), portal.portal.answers) == (0, {})
    portal.portal.manner = type(portal.portal.manner)()
    jobs.fetch()
    assert said(portal, made)["MaHoSo"]


def test_the_catalogue_enters_by_the_ordinary_import(portal: Beside) -> None:
    portal.portal.catalogue = [*ROWS, {"ma_thu_tuc": "x"}]
    jobs.read_catalogue()
    link = Link.objects.get()
    assert (link.catalogue["rows"], link.catalogue["bad"]) == (len(ROWS) + 1, 1)
    assert set(NationalRow.objects.values_list("code", flat=True)) == {row["ma_thu_tuc"] for row in ROWS}
    jobs.read_catalogue()
    assert Link.objects.get().catalogue["unchanged"] == len(ROWS)
