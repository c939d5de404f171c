"""Form 06, the control slip of a dossier, and form 07, an agency's register: sealed, readable, scoped, harmless."""

from __future__ import annotations

import io
import subprocess
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from tests.house.browser import needs
from tests.systems.dossiers.builders import MONDAY, ZONE, a_dossier, by, staff
from tests.systems.dossiers.test_roads import asked, completed
from tinhso.core.accounts.models import Account
from tinhso.core.agencies.models import Role
from tinhso.core.ledger.models import AccessEntry
from tinhso.core.process import actions as process
from tinhso.core.process.queries import open_tasks
from tinhso.core.signing.hsm import SealAway
from tinhso.core.signing.keys import keys_folder
from tinhso.core.signing.models import Fault
from tinhso.core.signing.report import Role as Signer
from tinhso.core.signing.validation import validate
from tinhso.systems.dossiers.models import Dossier
from tinhso.systems.dossiers.pages import registers as pages
from tinhso.systems.dossiers.registers import made, register
from tinhso.systems.dossiers.registers.made import Standing, standing
from tinhso.systems.dossiers.registers.slip import control_slip

pytestmark = pytest.mark.usefixtures("province")

REGISTER = "/ban-lam-viec/so-theo-doi/"
DAYS = "?since=2026-11-01&until=2026-11-30"


def signed_in(username: str) -> Client:
    client = Client()
    client.force_login(Account.objects.get(username=username))
    return client


def words(pdf: bytes) -> str:
    pages = pypdfium2.PdfDocument(pdf)
    return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in pages)


def sheet(content: bytes) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in load_workbook(io.BytesIO(content)).active.iter_rows()]


def slip_of(one: a_dossier, ending: str) -> str:
    return f"/ban-lam-viec/ho-so/{one.pk}/phieu-kiem-soat.{ending}"


def one_on_its_way() -> a_dossier:
    """Accepted on Monday, assigned on Wednesday, one step late; completed by the applicant in between."""
    one = a_dossier().submitted().accepted()
    one.later(48)
    one.assigned()
    asked(one)
    completed(one, hours=24)
    return one


def test_the_control_slip_says_who_handed_over_to_whom_and_which_step_was_late() -> None:
    one = one_on_its_way().proposed()
    slip = control_slip(one.row, at=one.later())

    receive, assign, appraise, wait, again, sign = slip.stretches
    names = {role: staff(role).account.display_name for role in (Role.RECEPTIONIST, Role.UNIT_HEAD, Role.OFFICER)}
    assert (receive.giver, receive.taker) == ("Nguyễn Thị Hoa (người nộp)", names[Role.RECEPTIONIST])
    assert (assign.giver, assign.taker) == (names[Role.RECEPTIONIST], names[Role.UNIT_HEAD])
    assert (appraise.giver, appraise.taker) == (names[Role.UNIT_HEAD], names[Role.OFFICER])
    assert (again.giver, sign.giver) == ("Nguyễn Thị Hoa (người nộp)", names[Role.OFFICER])
    assert all(before.handed_on == after.received for before, after in pairwise(slip.stretches))
    assert receive.standing is Standing.EARLY, "Tuesday is a holiday, so eight working hours end on Wednesday"
    assert receive.worked == timedelta(minutes=30)
    assert assign.standing is Standing.LATE, "Monday 9:30 to Wednesday 10:00, due within hours"
    assert (sign.handed_on, sign.standing) == (None, Standing.UNDER_WAY)
    assert wait.pause
    assert wait.standing is None
    calendar_days = (wait.handed_on or slip.at) - wait.received
    assert calendar_days == timedelta(hours=24)
    assert slip.paused == wait.worked
    assert slip.worked + slip.paused == sum((s.worked for s in slip.stretches[1:]), timedelta())


def test_the_slip_shows_a_hand_over_within_a_step() -> None:
    one = a_dossier().submitted().accepted().assigned()
    (task,) = open_tasks(one.row)
    leader = staff(Role.LEADER).account
    post = staff(Role.LEADER)
    post.roles = [*post.roles, Role.OFFICER]
    post.save()
    at = one.later()
    process.hand_over(task, to=leader, by=by(Role.OFFICER), at=at)

    first, second = control_slip(one.row, at=one.later()).stretches[-2:]

    assert (first.taker, first.handed_on, first.standing) == (staff(Role.OFFICER).account.display_name, at, None)
    assert (second.giver, second.taker) == (first.taker, leader.display_name)


@pytest.mark.parametrize(
    ("done", "due", "said"),
    [
        (MONDAY, MONDAY + timedelta(days=1), Standing.EARLY),
        (MONDAY, MONDAY + timedelta(hours=1), Standing.ON_TIME),
        (MONDAY, MONDAY, Standing.ON_TIME),
        (MONDAY + timedelta(seconds=1), MONDAY, Standing.LATE),
        (None, MONDAY - timedelta(seconds=1), Standing.LATE),
        (None, MONDAY, Standing.UNDER_WAY),
        (MONDAY, None, None),
        # By the day here, not in Greenwich: 1 a.m. on Tuesday is still Monday there.
        (MONDAY, datetime(2026, 11, 24, 1, tzinfo=ZONE), Standing.EARLY),
    ],
)
def test_early_is_an_earlier_day_and_late_is_any_moment_after(done: Any, due: Any, said: Standing | None) -> None:
    assert standing(done, due, at=MONDAY) is said


def test_the_slips_pdf_is_sealed_by_the_agency_and_its_words_can_be_read(tmp_path: Path) -> None:
    one = one_on_its_way()

    answer = signed_in("motcua").get(slip_of(one, "pdf"))

    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    pdf = answer.content
    text = words(pdf)
    for word in (
        *("PHIẾU KIỂM SOÁT QUÁ TRÌNH GIẢI QUYẾT HỒ SƠ", one.row.code, "Nguyễn Thị Hoa (người nộp)"),
        *("Quá hạn", "Không tính giờ", "Người lập phiếu".upper(), staff(Role.UNIT_HEAD).account.display_name),
    ):
        assert word in text
    report = validate(pdf, at=timezone.now())
    assert report.ok
    assert [s.role for s in report.signatures] == [Signer.SEAL]
    pdfsig_agrees(pdf, tmp_path)


def pdfsig_agrees(pdf: bytes, folder: Path) -> None:
    pdfsig = needs("pdfsig", "poppler-utils")
    certutil = needs("certutil", "libnss3-tools")
    authority = (keys_folder("ca") / "demo.pem").read_text()
    root = authority[authority.index("-----BEGIN CERTIFICATE") :]
    (folder / "root.pem").write_text(root)
    (folder / "slip.pdf").write_bytes(pdf)
    for arguments in (["-N", "--empty-password"], ["-A", "-n", "root", "-t", "C,C,C", "-i", str(folder / "root.pem")]):
        subprocess.run([certutil, "-d", str(folder), *arguments], check=True, capture_output=True)
    command = [pdfsig, "-nssdir", str(folder), str(folder / "slip.pdf")]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert said.count("Signature is Valid.") == 1
    assert "Certificate is Trusted." in said
    assert "Total document signed" in said


def test_the_slip_for_excel_holds_times_and_hours_one_can_reckon_with() -> None:
    one = one_on_its_way()

    rows = sheet(signed_in("motcua").get(slip_of(one, "xlsx")).content)

    assert rows[0][0] == "Phiếu kiểm soát quá trình giải quyết hồ sơ"
    head = next(n for n, row in enumerate(rows) if row[0] == "STT")
    assert [row[0] for row in rows[head + 1 :]] == [1, 2, 3, 4, 5]
    first = dict(zip(rows[head], rows[head + 1], strict=True))
    assert first["Nhận lúc"] == MONDAY.replace(tzinfo=None), "as the clock here says"
    assert first["Giờ làm việc"] == 0.5
    assert [row[8] for row in rows[head + 1 :]][1:4] == ["Quá hạn", "Trước hạn", "Không tính giờ"]


def test_who_takes_a_slip_or_a_register_is_in_the_access_log() -> None:
    one = a_dossier().submitted().accepted()
    client = signed_in("motcua")

    client.get(slip_of(one, "xlsx"))
    client.get(f"{REGISTER}so.xlsx{DAYS}")
    client.get(f"{REGISTER}{DAYS}")

    seen, taken, looked = AccessEntry.objects.order_by("serial")
    assert (seen.event, seen.data["why"], seen.subject_id) == ("dossiers.seen", "control_slip", one.row.applicant_id)
    assert (taken.event, taken.data["form"]) == ("dossiers.register_seen", "xlsx")
    assert (taken.data["since"], taken.data["until"]) == ("2026-11-01", "2026-11-30")
    assert looked.data["form"] == "page"
    assert {entry.actor for entry in (seen, taken, looked)} == {f"account:{staff(Role.RECEPTIONIST).account_id}"}


@pytest.mark.parametrize("ending", ["pdf", "xlsx"])
def test_a_slip_out_of_reach_is_not_there(ending: str) -> None:
    one = a_dossier().submitted().accepted()

    assert signed_in("motcua2").get(slip_of(one, ending)).status_code == 404
    assert signed_in("quantri").get(slip_of(one, ending)).status_code == 404
    assert AccessEntry.objects.count() == 0


def register_rows(client: Client, query: str = DAYS) -> list[dict[str, Any]]:
    answer = client.get(f"{REGISTER}so.xlsx{query}")
    assert answer.status_code == 200
    rows = sheet(answer.content)
    head = next(n for n, row in enumerate(rows) if row[0] == "STT")
    return [dict(zip(rows[head], row, strict=True)) for row in rows[head + 1 :]]


def test_the_register_tells_what_became_of_each_dossier_of_the_days() -> None:
    done = a_dossier().submitted().accepted().assigned().proposed().signed().issued().returned()
    refused = a_dossier(MONDAY + timedelta(hours=1)).submitted().refused()
    a_dossier(MONDAY + timedelta(days=8)).submitted()
    late = a_dossier(MONDAY + timedelta(hours=2)).submitted().accepted()
    Dossier.objects.filter(pk=late.pk).update(due_at=MONDAY - timedelta(days=400))

    rows = register_rows(signed_in("motcua"))

    assert [(row["STT"], row["Mã hồ sơ"]) for row in rows] == [
        (1, done.row.code),
        (2, refused.row.code),
        (3, late.row.code),
    ]
    assert [row["So với hạn"] for row in rows] == ["Trước hạn", None, "Quá hạn"]
    assert rows[0]["Trả kết quả"] == timezone.localtime(done.row.returned_at).replace(tzinfo=None)  # type: ignore[arg-type]
    assert [row["Tình trạng"] for row in rows][:2] == [one.row.get_state_display() for one in (done, refused)]
    assert rows[0]["Phí, lệ phí (đồng)"] == done.row.fee
    assert rows[0]["Địa chỉ"].startswith("12 đường Nơ Trang Lơng")
    assert rows[0]["Nộp lúc"] == MONDAY.replace(tzinfo=None)


def test_a_long_register_is_read_bit_by_bit_and_misses_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register, "CHUNK", 2)
    came = [a_dossier(MONDAY).submitted().row.code for _n in range(3)]  # in one moment
    came += [a_dossier(MONDAY + timedelta(minutes=n)).submitted().row.code for n in (1, 2)]

    rows = register_rows(signed_in("motcua"))

    assert sorted(row["Mã hồ sơ"] for row in rows) == sorted(came)
    assert [row["STT"] for row in rows] == [1, 2, 3, 4, 5]


def test_the_registers_pdf_is_sealed_and_says_the_same() -> None:
    done = a_dossier().submitted().accepted().assigned().proposed().signed().issued().returned()

    answer = signed_in("chutich").get(f"{REGISTER}so.pdf{DAYS}")

    assert answer.status_code == 200
    text = words(answer.content)
    for word in ("SỔ THEO DÕI HỒ SƠ", "từ 01/11/2026 đến 30/11/2026", done.row.code, "Nguyễn Thị Hoa", "Trước hạn"):
        assert word in text
    assert "Tổng số 1 hồ sơ; đã giải quyết xong 1; quá hạn 0." in text
    report = validate(answer.content, at=timezone.now())
    assert report.ok
    assert [s.role for s in report.signatures] == [Signer.SEAL]
    width, height = pypdfium2.PdfDocument(answer.content)[0].get_size()
    assert width > height, "landscape"


def test_one_sees_only_registers_of_ones_reach() -> None:
    one = a_dossier().submitted().accepted()
    agency = one.row.agency_id

    assert register_rows(signed_in("motcua2")) == []
    assert signed_in("motcua2").get(f"{REGISTER}so.xlsx{DAYS}&agency={agency}").status_code == 422
    assert [row["Mã hồ sơ"] for row in register_rows(signed_in("kiemtra.tinh"), f"{DAYS}&agency={agency}")] == [
        one.row.code
    ]
    for nobody in ("tuphap", "quantri", "hoa"):
        assert signed_in(nobody).get(REGISTER).status_code == 403


def test_a_name_that_looks_like_a_formula_stays_text() -> None:
    one = a_dossier().submitted().accepted()
    evil = "\x07=cmd|'/c calc'!A1"
    Dossier.objects.filter(pk=one.pk).update(applicant_name=evil, procedure_name="+1+1")

    answer = signed_in("motcua").get(f"{REGISTER}so.xlsx{DAYS}")

    cells = {cell.value: cell for row in load_workbook(io.BytesIO(answer.content)).active.iter_rows() for cell in row}
    name = cells[evil.lstrip("\x07")]
    assert (name.data_type, name.quotePrefix) == ("s", True)
    assert cells["+1+1"].data_type == "s"
    assert all(cell.data_type != "f" for cell in cells.values())


@pytest.mark.parametrize("path", ["so.pdf", "so.xlsx"])
def test_more_rows_than_one_may_wait_for_are_refused_in_words(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "PDF_ROWS", 1)
    monkeypatch.setattr(pages, "EXCEL_ROWS", 1)
    a_dossier().submitted()
    a_dossier(MONDAY + timedelta(hours=1)).submitted()

    answer = signed_in("motcua").get(f"{REGISTER}{path}{DAYS}")

    assert answer.status_code == 422
    assert "tối đa 1 hồ sơ" in answer.content.decode()
    assert "Hơn 1 hồ sơ" in signed_in("motcua").get(f"{REGISTER}{DAYS}").content.decode()


def test_days_in_the_wrong_order_or_years_apart_are_said_beside_the_field() -> None:
    for days in ("?since=2026-11-30&until=2026-11-01", "?since=2024-11-01&until=2026-11-01", "?since=mai"):
        for path in ("", "so.pdf", "so.xlsx"):
            answer = signed_in("motcua").get(f"{REGISTER}{path}{days}")
            assert answer.status_code == 422
            assert "field-error" in answer.content.decode()


def test_without_a_seal_nobody_gets_a_pdf_and_it_says_why() -> None:
    one = a_dossier().submitted().accepted()
    key = keys_folder("seals") / f"{one.row.receiving_agency_id}.pem"
    hidden = key.rename(key.with_suffix(".away"))
    try:
        answers = [signed_in("motcua").get(path) for path in (slip_of(one, "pdf"), f"{REGISTER}so.pdf{DAYS}")]
        plain = signed_in("motcua").get(slip_of(one, "xlsx"))
    finally:
        hidden.rename(key)

    for answer in answers:
        assert answer.status_code == 409
        assert "con dấu" in answer.content.decode()
        assert b"%PDF" not in answer.content
    assert plain.status_code == 200


def test_a_seal_out_of_reach_is_said_and_nothing_is_handed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    one = a_dossier().submitted().accepted()

    def away(*_given: Any, **_more: Any) -> Any:
        raise SealAway(Fault.AWAY)

    monkeypatch.setattr(made, "sealed", away)
    answer = signed_in("motcua").get(slip_of(one, "pdf"))

    assert answer.status_code == 503
    assert "chưa lập được tệp PDF có dấu" in answer.content.decode()


def test_the_desk_leads_to_both() -> None:
    one = a_dossier().submitted().accepted()
    client = signed_in("motcua")

    work = client.get(f"/ban-lam-viec/ho-so/{one.pk}/").content.decode()

    assert slip_of(one, "pdf") in work
    assert slip_of(one, "xlsx") in work
    assert f'href="{REGISTER}"' in work
    shown = client.get(f"{REGISTER}{DAYS}").content.decode()
    assert one.row.code in shown
    assert f"{REGISTER}so.pdf{DAYS.replace('&', '&amp;')}" in shown
    assert f'href="{REGISTER}"' not in signed_in("tuphap").get("/ban-lam-viec/").content.decode()
