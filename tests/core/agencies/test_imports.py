from __future__ import annotations

import io
import re
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook
from tests.core.accounts.people import AT, BY, a_citizen, an_agency, an_official, signed_in
from tests.core.accounts.test_pages import text

from tinhso.core.accounts import imports as staff_imports
from tinhso.core.accounts.models import Account
from tinhso.core.agencies import imports, tables
from tinhso.core.agencies.models import Agency, Staff
from tinhso.core.ledger.actions import Refused
from tinhso.core.ledger.models import Entry

HEADS = "Tên đăng nhập,Họ và tên,Mã cơ quan,Vai trò,Chức danh,Thẩm quyền ký,Số điện thoại,Email\n"
PEOPLE = HEADS + (
    "le.huy,Lê Quang Huy,H15.24133,Chuyên viên; Văn thư,Công chức,TL.,0905111222,huy@example.vn\n"
    "thanh.ha,Nguyễn Thị Thanh Hà,000.00.24.H15,receptionist,,,,\n"
)


@pytest.fixture
def house(db):
    province = an_agency()
    own = an_agency("H15.24133", parent=province)
    an_agency("H15.24", parent=own)
    sibling = an_agency("H15.22015", parent=province)
    return {"own": own, "sibling": sibling, "administrator": an_official(own, "administrator", username="quantri")}


def staff_of(csv: str, house):
    rows = tables.read(csv.encode(), staff_imports.COLUMNS)
    return staff_imports.import_staff(rows, house["administrator"], by=BY, at=AT)


def test_people_of_a_table_get_accounts_and_posts_and_a_second_run_changes_nothing(house):
    assert staff_of(PEOPLE, house) == {"new": 2, "changed": 0, "same": 0}
    huy = Staff.objects.select_related("account", "agency").get(account__username="le.huy")
    assert (huy.agency, huy.roles, huy.capacity) == (house["own"], ["officer", "clerk"], "TL")
    assert (huy.account.phone, huy.account.has_usable_password()) == ("0905111222", False)
    before = Entry.objects.count()
    assert staff_of(PEOPLE, house) == {"new": 0, "changed": 0, "same": 2}
    assert Entry.objects.count() == before
    assert staff_of(PEOPLE.replace("TL.", "KT."), house) == {"new": 0, "changed": 1, "same": 1}
    assert Entry.objects.latest("serial").data["fields"] == ["capacity"]


def test_each_error_stands_at_its_row_and_column_and_nothing_is_half_done(house):
    a_citizen()
    wrong = PEOPLE + (
        "1sai,,H15.22015,giám đốc,,XX,123,khong\n"
        "hoa,Nguyễn Thị Hoa,H15.24133,officer,,,,\n"
        "le.huy,Lê Quang Huy Khác,H15.24,officer,,,,\n"
    )
    rows = tables.read(wrong.encode(), staff_imports.COLUMNS)
    planned = staff_imports.plan(rows, house["administrator"], AT)
    errors = [(row.number, sorted(row.errors)) for row, _what in planned if row.errors]
    every = ["agency", "capacity", "display_name", "email", "phone", "roles", "username"]
    assert errors == [(4, every), (5, ["username"]), (6, ["username"])]
    before = Entry.objects.count()
    with pytest.raises(Refused, match="lỗi"):
        staff_of(wrong, house)
    assert Entry.objects.count() == before
    assert not Account.objects.filter(username="le.huy").exists()


def test_a_table_reaches_no_further_than_its_administrator(house):
    an_official(house["sibling"], "officer", username="le.huy", display_name="Lê Quang Huy Cũ")
    rows = tables.read(PEOPLE.encode(), staff_imports.COLUMNS)
    planned = staff_imports.plan(rows, house["administrator"], AT)
    assert planned[0][0].errors.keys() == {"username"}
    with pytest.raises(Refused):
        staff_of(PEOPLE.replace("H15.24133", "H15.22015"), house)


def test_nobody_takes_the_last_rights_from_oneself_by_a_table(house):
    from tinhso.core.ledger.actions import Actor

    me = Actor("account", str(house["administrator"].account_id))
    rows = tables.read((HEADS + "quantri,Người Dựng Sẵn,H15.24133,officer,,,,\n").encode(), staff_imports.COLUMNS)
    with pytest.raises(Refused, match="quản trị viên khác"):
        staff_imports.import_staff(rows, house["administrator"], by=me, at=AT)


def agencies_of(csv: str, house):
    rows = tables.read(csv.encode(), imports.COLUMNS)
    return imports.import_agencies(rows, house["administrator"], by=BY, at=AT)


AGENCIES = (
    "Mã định danh;Mã cơ quan cấp trên;Tên cơ quan;Tên ngắn;Loại\n"
    "H15.24133.01;H15.24133;Phòng Văn hóa - Xã hội;VHXH;Đơn vị\n"
    "H15.24133.01.01;H15.24133.01;Tổ Một cửa;Một cửa;unit\n"
)


def test_agencies_of_a_table_hang_where_it_says_and_a_second_run_changes_nothing(house):
    kind = str(dict(Agency._meta.get_field("kind").choices)["unit"])
    csv = AGENCIES.replace("Đơn vị", kind)
    assert agencies_of(csv, house) == {"new": 2, "changed": 0, "same": 0}
    assert Agency.objects.get(code="H15.24133.01.01").parent.code == "H15.24133.01"
    assert agencies_of(csv, house) == {"new": 0, "changed": 0, "same": 2}
    assert agencies_of(csv.replace("Tổ Một cửa", "Bộ phận Một cửa"), house)["changed"] == 1


def test_an_agency_hangs_under_nothing_beyond_reach(house):
    csv = AGENCIES.replace("Đơn vị", "unit").replace("H15.24133;", "H15.22015;")
    rows = tables.read(csv.encode(), imports.COLUMNS)
    planned = imports.plan(rows, house["administrator"], AT)
    assert planned[0][0].errors.keys() == {"parent"}
    with pytest.raises(Refused):
        agencies_of(csv, house)
    assert not Agency.objects.filter(code__startswith="H15.24133.01").exists()


def a_workbook(rows: list[list[object]]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_excel_is_read_as_csv_is(house):
    cells = [line.split(",") for line in PEOPLE.splitlines()]
    rows = tables.read(a_workbook(cells), staff_imports.COLUMNS)
    assert [row.values for row in rows] == [r.values for r in tables.read(PEOPLE.encode(), staff_imports.COLUMNS)]


def packed(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in parts.items():
            file.writestr(name.replace("__", "/") + ".xml", data)
    return out.getvalue()


LAUGHS = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (packed(xl__workbook=b"0" * (60 << 20)), "table_bomb"),
        (packed(xl__workbook=LAUGHS), "table_bomb"),
        (b"PK\x03\x04 broken", "table_unreadable"),
        (b"\xff\xfe\x00", "table_unreadable"),
        (b"%PDF-1.4\n", "table_columns"),
        (b"", "table_columns"),
        (HEADS.encode(), "table_empty"),
        (b"x" * (6 << 20), "table_too_large"),
        ((HEADS + "a,b,c,d\n" * 5002).encode(), "table_too_long"),
    ],
)
def test_what_is_no_table_or_a_bomb_is_refused_in_words(data, code):
    with pytest.raises(Refused) as refused:
        tables.read(data, staff_imports.COLUMNS)
    assert refused.value.code == code


def upload(browser, what: str, data: bytes):
    file = SimpleUploadedFile("bang.csv", data)
    return browser.post(f"/quan-tri/nhap/{what}/", {"file": file})


def test_the_pages_lead_from_template_over_preview_to_done(house):
    browser = signed_in(house["administrator"].account)
    assert "Tải mẫu" in text(browser.get("/quan-tri/nhap/"))
    sheet = load_workbook(io.BytesIO(browser.get("/quan-tri/nhap/nguoi/mau.xlsx").content))
    assert sheet.worksheets[0]["A1"].value == "Tên đăng nhập"
    wrong = upload(browser, "nguoi", PEOPLE.replace("0905111222", "123").encode())
    assert wrong.status_code == 422
    assert "Số điện thoại có 10 chữ số" in text(wrong)
    assert 'name="rows"' not in wrong.content.decode()
    preview = upload(browser, "nguoi", PEOPLE.encode())
    assert preview.status_code == 200, text(preview)
    assert not Account.objects.filter(username="le.huy").exists()
    token = re.search(r'name="rows" value="([^"]+)"', preview.content.decode())[1]
    assert browser.post("/quan-tri/nhap/nguoi/", {"rows": token}).status_code == 302
    assert Staff.objects.filter(account__username="le.huy").exists()
    assert browser.post("/quan-tri/nhap/nguoi/", {"rows": token + "x"}).status_code == 409
    assert browser.post("/quan-tri/nhap/co-quan/", {"rows": token}).status_code == 409
    assert browser.get("/quan-tri/nhap/khac/").status_code == 404
