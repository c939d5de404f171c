"""Who stands at the counter is found by card, number or name, and nobody else is."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from tests.systems.counter.builders import CARD, a_form, actor, at_counter, desk, official, refused
from tests.systems.dossiers.builders import citizen
from tinhso.core.accounts.models import Person
from tinhso.core.forms.models import Draft
from tinhso.core.ledger.models import AccessEntry
from tinhso.systems.counter import applicants

pytestmark = pytest.mark.usefixtures("province")


def found(client: Any, draft: Draft, who: str, **typed: str) -> str:
    answer = client.post(f"/ban-lam-viec/quay/nguoi-nop/{draft.pk}/", {**typed, "counter_who": who}, follow=True)
    draft.refresh_from_db()
    assert answer.status_code == 200
    return answer.content.decode()


def looked() -> int:
    return AccessEntry.objects.filter(event="counter.looked_up").count()


def test_a_scanned_card_fills_the_form_and_keeps_what_was_typed():
    client = desk()
    draft = a_form(client)
    page = found(client, draft, CARD, document="Bằng tốt nghiệp", **{"requester.phone": "0900000009"})
    assert draft.answers["document"] == "Bằng tốt nghiệp"
    requester = draft.answers["requester"]
    assert (requester["full_name"], requester["national_id"]) == ("Nguyễn Thị Hoa", "066190000001")
    assert requester["address"] == {"province": "66", "commune": "24133", "detail": "12 Nơ Trang Lơng"}
    assert requester["phone"] == "0900000009"
    assert "thẻ căn cước" in page
    assert looked() == 0, "nobody here was looked up: the card said it"


def test_the_next_card_leaves_nothing_of_the_one_before():
    client = desk()
    draft = a_form(client)
    found(client, draft, CARD)
    other = "066085000002||Trần Văn Minh|20111985|Nam|Thôn 3, Xã Lạ Lùng, Đắk Lắk|01072024|x|Cha|Mẹ"
    page = found(client, draft, other, **{"requester.full_name": "Nguyễn Thị Hoa"})
    requester = draft.answers["requester"]
    assert (requester["full_name"], requester["national_id"]) == ("Trần Văn Minh", "066085000002")
    assert "commune" not in requester["address"], "today's commune is chosen by who sees the card"
    assert "Xã Lạ Lùng" in page


def test_a_number_finds_only_who_has_a_dossier_in_reach_and_says_the_same_of_all_others():
    at_counter()  # of Hoa
    client = desk()
    draft = a_form(client)
    found(client, draft, "066 190 000 001")
    assert draft.answers["requester"]["full_name"] == "Nguyễn Thị Hoa"
    assert AccessEntry.objects.get(event="counter.looked_up").subject_id == citizen("hoa").person_id

    elsewhere = desk("motcua2")
    theirs = a_form_of(elsewhere)
    known = found(elsewhere, theirs, "066190000001")
    unknown = found(elsewhere, theirs, "066190999999")
    sentence = "Không có ai trong các hồ sơ anh/chị được xem"
    assert sentence in known
    assert sentence in unknown
    assert "Hoa" not in str(theirs.answers)
    assert looked() == 1
    assert "9 số" in found(client, draft, "240123456")


def a_form_of(client: Any) -> Draft:
    assert client.get("/ban-lam-viec/tiep-nhan/2.000815/default/?ho-so=cd34").status_code == 200
    return Draft.objects.get(context="counter/2.000815/default/cd34")


def test_a_name_without_marks_shows_who_it_may_be_and_one_is_chosen():
    at_counter()
    client = desk()
    draft = a_form(client)
    page = found(client, draft, "nguyen thi hoa")
    assert "Ai trong những người này?" in page
    assert "066190000001" not in page, "numbers stay masked in a list"
    assert looked() == 1
    person = citizen("hoa").person
    client.post(f"/ban-lam-viec/quay/nguoi-nop/{draft.pk}/chon/", {"person": str(person.pk)})
    draft.refresh_from_db()
    assert draft.answers["requester"]["national_id"] == "066190000001"
    minh = Person.objects.get(full_name="Trần Văn Minh")
    refused = client.post(f"/ban-lam-viec/quay/nguoi-nop/{draft.pk}/chon/", {"person": str(minh.pk)})
    assert refused.status_code == 404, "who has no dossier in reach is nobody"


def test_somebody_elses_form_and_nonsense_lead_nowhere():
    draft = a_form(desk())
    assert desk("motcua2").post(f"/ban-lam-viec/quay/nguoi-nop/{draft.pk}/", {"counter_who": CARD}).status_code == 404
    one = official("motcua")
    with refused("who_missing"):
        applicants.find("ab", staff=one, by=actor(one), at=timezone.now())
