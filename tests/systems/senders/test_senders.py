"""Many applications at once: by machines and from a file, each for itself, each once."""

from __future__ import annotations

import io
import json
import re
import threading
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from openpyxl.reader.excel import load_workbook
from openpyxl.workbook.workbook import Workbook

from tests.systems.dossiers.builders import staff
from tests.systems.dossiers.test_api import an_application, bearer, places
from tinhso.core.accounts.models import Person
from tinhso.core.agencies.models import Role
from tinhso.core.api.auth import forget_clients
from tinhso.core.ledger.models import Entry
from tinhso.systems.dossiers.models import Channel, Dossier
from tinhso.systems.procedures.queries import variant_in_force
from tinhso.systems.senders import jobs, sheets
from tinhso.systems.senders.models import Sending, Sent

pytestmark = pytest.mark.usefixtures("province")
COPIES = "/ban-lam-viec/nhieu-ho-so/2.000815/default/"
RIGHT = {
    "reference": "BD-1",
    "requester.full_name": "Trần Văn Minh",
    "requester.national_id": "066085000002",
    "requester.phone": "0900000002",
    "document": "Bằng tốt nghiệp đại học",
    "issuer": "Trường Đại học Tây Nguyên",
    "origin": "của Việt Nam",
    "pages": "3",
    "copies": "2",
    "original_shown": "Có",
}


@pytest.fixture(autouse=True)
def _fresh() -> None:
    forget_clients()


def send(items: list[dict[str, Any]], headers: dict[str, str], **more: Any) -> Any:
    body = json.dumps({"items": items, **more}).encode()
    answer = Client().post("/api/v1/dossier-batches", body, content_type="application/json", headers=headers)
    assert answer.status_code == 200, answer.content
    return answer.json()["outcomes"]


def test_each_item_of_a_batch_stands_for_itself_and_is_taken_once() -> None:
    headers = bearer(places()[0])
    wrong = an_application()
    wrong["answers"] = {**wrong["answers"], "status": "nonsense"}
    items = [
        {"reference": "A-1", **an_application()},
        {"reference": "A-2", **wrong},
        {"reference": "A-3", **an_application(), "agency": "H99"},
        {"reference": "A-4", **an_application(), "procedure": "9.999999"},
        {"reference": "A-5", **an_application()},
    ]
    people = Person.objects.count()
    looked = send(items, headers, look=True)
    assert [one["status"] for one in looked] == ["right", "refused", "refused", "refused", "right"]
    assert [list(one["errors"]) for one in looked[1:4]] == [["status"], ["agency"], ["procedure"]]
    assert not Dossier.objects.exists(), "looking keeps nothing"
    assert Person.objects.count() == people
    entries = Entry.objects.count()
    took = send(items, headers)
    assert [one["status"] for one in took] == ["taken", "refused", "refused", "refused", "taken"]
    assert {took[0]["code"], took[4]["code"]} == set(Dossier.objects.values_list("code", flat=True))
    assert Entry.objects.count() > entries
    again = send(items, headers)
    assert [(one["status"], one["code"]) for one in again][::4] == [
        ("known", took[0]["code"]),
        ("known", took[4]["code"]),
    ]
    other = send([{**items[0], "channel": 1}], headers)
    assert "mã mới" in other[0]["errors"]["reference"]
    assert Dossier.objects.count() == Sent.objects.count() == 2


def test_the_same_reference_sent_twice_at_once_becomes_one_dossier() -> None:
    headers, found = bearer(places()[0]), []
    item = {"reference": "A-1", **an_application()}

    def one() -> None:
        try:
            found.extend(send([item], headers))
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one["status"] for one in found) == ["known"] * 5 + ["taken"]
    assert len({one["code"] for one in found}) == Dossier.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"items": [{"reference": "A-1", "business": "0100233488"}]}, "#/items/0/business"),
        ({"items": [{"reference": "A-1"}], "Look": True}, "#/Look"),
    ],
)
def test_what_a_batch_does_not_know_is_refused_and_not_left_out_of_account(body: dict[str, Any], where: str) -> None:
    sent = {**body, "items": [{**body["items"][0], **an_application()}]}
    answer = Client().post(
        "/api/v1/dossier-batches", json.dumps(sent), content_type="application/json", headers=bearer(places()[0])
    )
    assert answer.status_code == 422, answer.content
    assert [one["pointer"] for one in answer.json()["errors"]] == [where]
    assert not Dossier.objects.exists()


def test_a_sender_without_the_scope_or_with_too_many_items_is_refused() -> None:
    item = {"reference": "A-1", **an_application()}
    body = json.dumps({"items": [item]}).encode()
    path, kind = "/api/v1/dossier-batches", "application/json"
    assert Client().post(path, body, content_type=kind).status_code == 401
    reads = bearer(places()[0], "dossiers:read")
    assert Client().post(path, body, content_type=kind, headers=reads).status_code == 403
    many = json.dumps({"items": [item] * 101}).encode()
    assert Client().post(path, many, content_type=kind, headers=bearer(places()[0])).status_code == 422


def desk(role: Role = Role.RECEPTIONIST) -> Client:
    client = Client()
    client.force_login(staff(role).account)
    return client


def a_file(*changes: dict[str, str], more: tuple[str, ...] = ()) -> SimpleUploadedFile:
    """The shipped table, filled in as people do: options by their words."""
    variant = variant_in_force("2.000815", "default")
    assert variant is not None
    columns = sheets.columns(variant)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([*(column.heads[0] for column in columns), *more])
    for change in changes:
        row = {**RIGHT, **change}
        sheet.append([*(row.get(column.name, "") for column in columns), *(row.get(name, "") for name in more)])
    out = io.BytesIO()
    book.save(out)
    return SimpleUploadedFile("buu-dien.xlsx", out.getvalue())


def brought(client: Client, *changes: dict[str, str]) -> Sending:
    answer = client.post(COPIES, {"channel": str(int(Channel.COUNTER)), "file": a_file(*changes)})
    assert answer.status_code == 302, re.findall("field-error.*", answer.content.decode())
    return Sending.objects.latest("at")


def test_a_file_is_looked_through_then_handed_in_and_brought_again_mended() -> None:
    client = desk()
    assert "Nhiều hồ sơ từ một tệp" in client.get("/ban-lam-viec/tiep-nhan/").content.decode()
    blank = load_workbook(io.BytesIO(client.get(f"{COPIES}mau.xlsx").content))
    assert blank.worksheets[0]["A1"].value == "Mã của đơn vị gửi"
    changes: tuple[dict[str, str], ...] = (
        {},
        {"reference": "BD-2", "pages": ""},
        {"reference": "BD-3"},
        {"reference": "BD-3"},
    )
    one = brought(client, *changes)
    page = client.get(f"/ban-lam-viec/tep-ho-so/{one.pk}/").content.decode()
    assert "Nộp 2 hồ sơ" in page, one.outcomes
    assert "đã có ở dòng trước" in page
    assert not Dossier.objects.exists()
    client.post(f"/ban-lam-viec/tep-ho-so/{one.pk}/nop/")
    client.post(f"/ban-lam-viec/tep-ho-so/{one.pk}/nop/")  # a double click
    jobs.hand_in_file(sending=str(one.pk))
    jobs.hand_in_file(sending=str(one.pk))
    one.refresh_from_db()
    assert one.rows == [], "personal data go once they are in"
    assert [line[2] for line in one.outcomes] == ["taken", "refused", "taken", "known"]
    made = Dossier.objects.order_by("code")
    assert {(one.fee, one.channel, one.receiving_agency) for one in made} == {
        (10_000, Channel.COUNTER, staff(Role.RECEPTIONIST).agency)
    }
    book = load_workbook(io.BytesIO(client.get(f"/ban-lam-viec/tep-ho-so/{one.pk}/ket-qua.xlsx").content))
    assert book.worksheets[0]["D2"].value == made[0].code
    mended = brought(client, {}, {"reference": "BD-2"}, {"reference": "BD-3"})
    assert [line[2] for line in mended.outcomes] == ["known", "right", "known"]


def test_a_column_that_would_not_be_handed_in_is_refused_unless_it_is_empty() -> None:
    more = ("Mã số doanh nghiệp", "Ghi chú")
    sent = {"channel": str(int(Channel.COUNTER)), "file": a_file({"Mã số doanh nghiệp": "0100233488"}, more=more)}
    answer = desk().post(COPIES, sent)
    assert answer.status_code == 422
    assert "“Mã số doanh nghiệp” không phải cột của bảng này" in answer.content.decode()
    assert not Sending.objects.exists()
    assert desk().post(COPIES, {**sent, "file": a_file({}, more=more)}).status_code == 302


def test_a_file_that_was_cut_off_goes_on_and_one_nobody_confirmed_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    client = desk()
    one = brought(client, {}, {"reference": "BD-2"})
    client.post(f"/ban-lam-viec/tep-ho-so/{one.pk}/nop/")
    with monkeypatch.context() as patched:
        patched.setattr(jobs, "_line", lambda row, outcome: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            jobs.hand_in_file(sending=str(one.pk))
    assert Dossier.objects.count() == 1
    jobs.hand_in_file(sending=str(one.pk))
    one.refresh_from_db()
    assert [line[2] for line in one.outcomes] == ["known", "taken"]
    waiting = brought(client, {"reference": "BD-9"})
    Sending.objects.filter(pk=waiting.pk).update(at=timezone.now() - jobs.KEPT * 2)
    jobs.sweep()
    assert not Sending.objects.filter(pk=waiting.pk).exists()


def test_others_do_not_see_the_file_and_a_form_that_needs_papers_says_so() -> None:
    one = brought(desk(), {})
    assert desk(Role.OFFICER).get(f"/ban-lam-viec/tep-ho-so/{one.pk}/").status_code == 403
    answer = desk().post(COPIES, {"channel": "1", "file": SimpleUploadedFile("x.xlsx", b"PK\x03\x04nothing")})
    assert answer.status_code == 422
