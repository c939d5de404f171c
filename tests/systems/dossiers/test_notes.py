"""What officials tell each other about a dossier stays inside; likely duplicates and frequent reasons are shown."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from tinhso.core.agencies.models import Role
from tinhso.core.files import actions as files
from tinhso.core.ledger.consumers import catch_up, last_position
from tinhso.core.ledger.models import Entry
from tinhso.core.ledger.sequencer import sequence
from tinhso.core.ledger.tables import LEDGER
from tinhso.core.notify.models import Notice
from tinhso.systems.dossiers import actions, queries
from tinhso.systems.dossiers.models import Component, Note, Phrase

from .builders import a_dossier, by, citizen, staff
from .test_many import desk_of

pytestmark = pytest.mark.usefixtures("province")


def a_new() -> a_dossier:
    return a_dossier(timezone.now() - timedelta(hours=4)).submitted()


def beside(one: a_dossier) -> str:
    return f"/ban-lam-viec/ho-so/{one.pk}/ghi-chu/"


def test_a_note_is_read_by_colleagues_and_never_by_the_applicant() -> None:
    one = a_new()
    words = "Đã gọi cho chị Hoa, chị sẽ mang bản chính tới."
    desk = desk_of(Role.RECEPTIONIST)
    assert desk.post(beside(one), {"text": words}).status_code == 302
    assert words in desk_of(Role.OFFICER).get(beside(one)).content.decode()
    applicant = Client()
    applicant.force_login(citizen())
    assert words not in applicant.get(f"/ho-so/{one.pk}/").content.decode()
    assert applicant.get(beside(one)).status_code == 403
    entry = Entry.objects.get(event="dossiers.note_added")
    assert "Hoa" not in entry.payload
    assert "bản chính" not in entry.payload


def test_a_colleague_named_or_chosen_is_told_once() -> None:
    one = a_new()
    officer, head = staff(Role.OFFICER).account, staff(Role.UNIT_HEAD).account
    text = f"@{officer.username} xem giúp, thư từ gửi về hoa@example.vn nhé."
    desk_of(Role.RECEPTIONIST).post(beside(one), {"text": text, "told": [str(head.pk), str(officer.pk)]})
    autodiscover_modules("consumers")
    while last_position() < Entry.objects.count():  # as the worker's ledger loop does
        sequence(LEDGER)
    catch_up()
    told = Notice.objects.filter(kind="dossiers.mentioned")
    assert set(told.values_list("account", flat=True)) == {officer.pk, head.pk}
    assert told.count() == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Hãy ghi nội dung"),
        ("@khong.ai xem giúp", "khong.ai"),
        ("@hoa xem giúp", "không được xem"),
        ("x" * 4001, "4.000"),
    ],
)
def test_who_cannot_be_told_is_said_and_what_was_typed_stays(text: str, words: str) -> None:
    one = a_new()
    answer = desk_of(Role.RECEPTIONIST).post(beside(one), {"text": text})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert text in answer.content.decode()
    assert not Note.objects.exists()


def test_the_same_application_again_is_pointed_out() -> None:
    one, again = a_new(), a_new()
    found = queries.duplicates(one.row, staff(Role.RECEPTIONIST))
    assert [each.dossier.pk for each in found] == [again.pk]
    assert again.row.code in desk_of(Role.RECEPTIONIST).get(beside(one)).content.decode()
    again.refused()
    assert queries.duplicates(one.row, staff(Role.RECEPTIONIST)) == [], "what is closed is no duplicate"


def test_the_very_same_file_of_somebody_else_is_pointed_out() -> None:
    at = timezone.now()
    one, other = a_new(), a_dossier(at).submitted(citizen("minh"))
    for dossier in (one, other):
        link = files.store_bytes(b"%PDF-1.4 the same scan\n%%EOF", name="a.pdf", by=by(Role.RECEPTIONIST), at=at)
        files.attach(link, dossier.row, by=by(Role.RECEPTIONIST), at=at)
        Component.objects.create(dossier=dossier.row, key="a", name="Giấy tờ", file=link)
    (found,) = queries.duplicates(one.row, staff(Role.RECEPTIONIST))
    assert (found.dossier.pk, "tệp" in found.why) == (other.pk, True)


def test_reasons_an_agency_writes_often_are_kept_by_its_head_and_chosen_by_its_officials() -> None:
    head, page = desk_of(Role.UNIT_HEAD), "/ban-lam-viec/mau-ly-do/"
    kept = {"verb": "refuse", "name": "Sai thẩm quyền", "text": "Việc này thuộc Ủy ban nhân dân phường nơi cư trú."}
    assert head.post(page, kept).status_code == 302
    head.post(page, {**kept, "text": "Việc này thuộc thẩm quyền của phường khác."})
    row = Phrase.objects.get()
    assert row.text == "Việc này thuộc thẩm quyền của phường khác."
    choice = desk_of(Role.RECEPTIONIST).get(f"{page}refuse/").content.decode()
    assert 'data-fills="refuse-reason"' in choice
    assert row.text in choice
    assert row.text not in desk_of(Role.RECEPTIONIST).get(f"{page}stop/").content.decode()
    short = head.post(page, {**kept, "text": "Không."})
    assert (short.status_code, "Ghi ít nhất một câu" in short.content.decode()) == (422, True)
    assert desk_of(Role.OFFICER).get(page).status_code == 403
    assert head.post(f"{page}{row.pk}/bo/").status_code == 302
    assert not Phrase.objects.exists()
    assert Entry.objects.filter(event__startswith="dossiers.phrase_").count() == 3


def test_another_agencys_reason_is_neither_shown_nor_dropped() -> None:
    from tinhso.core.agencies.demo import home

    _top, _commune, sibling = home()
    row = actions.keep_phrase(
        sibling, verb="refuse", name="Của phường khác", text="Một lý do của phường khác.", by=by(Role.UNIT_HEAD),
        at=timezone.now(),
    )  # fmt: skip
    head: Any = desk_of(Role.UNIT_HEAD)
    assert row.name not in head.get("/ban-lam-viec/mau-ly-do/").content.decode()
    assert head.post(f"/ban-lam-viec/mau-ly-do/{row.pk}/bo/").status_code == 404
