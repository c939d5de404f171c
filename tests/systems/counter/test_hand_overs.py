"""Paper files change hands by numbered lists, and the record says who holds each."""

from __future__ import annotations

import io
from typing import Any

import pypdfium2
import pytest
from django.utils import timezone

from tests.systems.counter.builders import actor, at_counter, desk, official, refused
from tests.systems.dossiers.builders import a_dossier, answers
from tinhso.core.agencies import demo as agencies
from tinhso.core.ledger.actions import NotAllowed
from tinhso.core.ledger.models import Entry
from tinhso.systems.counter import hand_overs
from tinhso.systems.counter.models import HandOver, Item, PaperFile
from tinhso.systems.dossiers.models import Dossier

pytestmark = pytest.mark.usefixtures("province")
LISTS = "/ban-lam-viec/quay/ban-giao/"


def send(dossiers: list[Dossier], to: str, by: str = "motcua", account: bool = True) -> HandOver:
    receiver, giver = official(to), official(by)
    return hand_overs.send(
        dossiers, to=receiver.agency, receiver=receiver.account if account else None, staff=giver, by=actor(giver),
        at=timezone.now(),
    )  # fmt: skip


def receive(given: HandOver, by: str, *dossiers: Dossier) -> list[Item]:
    one = official(by)
    items = given.items.filter(dossier__in=dossiers) if dossiers else given.items.all()
    return hand_overs.receive(items, staff=one, by=actor(one), at=timezone.now())


def holder(dossier: Dossier) -> str:
    return PaperFile.objects.get(dossier=dossier).official.username


def test_whoever_takes_a_dossier_in_holds_its_paper_until_another_has_received_it():
    one, two = at_counter(), at_counter()
    assert holder(one) == "motcua"
    given = send([one, two], "tuphap")
    assert given.number.value == 1
    assert holder(one) == "motcua", "on its way it is still the giver's"
    receive(given, "tuphap", one)
    assert (holder(one), holder(two)) == ("tuphap", "motcua")
    where = hand_overs.whereabouts(two.pk)
    assert where.on_way
    assert where.on_way.hand_over == given
    events = list(Entry.objects.filter(subject_id=one.pk, event__startswith="counter.").values_list("event", flat=True))
    assert sorted(events) == ["counter.file_received", "counter.file_sent"]
    assert hand_overs.held(official("motcua")).count() == 0
    assert [row.dossier for row in hand_overs.held(official("tuphap"))] == [one]


def test_of_two_who_receive_the_same_file_one_does_and_nobody_receives_what_is_not_theirs():
    one = at_counter()
    given = send([one], "tuphap")
    with pytest.raises(NotAllowed):
        receive(given, "truongphong")
    with pytest.raises(NotAllowed):
        receive(given, "motcua")
    receive(given, "tuphap")
    with refused("nothing_to_receive"):
        receive(given, "tuphap")
    giver = official("motcua")
    with refused("received_already"):
        hand_overs.take_back(given.items.get(), staff=giver, by=actor(giver), at=timezone.now())


def test_a_file_is_on_one_list_at_a_time_and_given_only_by_who_has_it():
    one = at_counter()
    given = send([one], "tuphap")
    with refused("on_its_way"):
        send([one], "truongphong")
    giver = official("motcua")
    hand_overs.take_back(given.items.get(), staff=giver, by=actor(giver), at=timezone.now())
    again = send([one], "tuphap")
    assert again.number.value == 2, "the book has no gaps"
    with refused("to_oneself"):
        send([at_counter()], "motcua")
    with refused("no_files"):
        send([], "tuphap")


def test_between_communes_the_receiving_counter_hands_the_paper_to_the_agency_that_decides():
    _province, home, sibling = agencies.home()
    address = {"province": "66", "commune": sibling.unit_code, "detail": "Thôn 2"}
    requester = {**answers()["requester"], "address": address}
    one = at_counter(requester=requester)
    assert (one.receiving_agency, one.agency) == (home, sibling), "taken in here, decided there"
    files = list(hand_overs.held(official("motcua")))
    assert sibling.name in [target.words for target in hand_overs.targets(official("motcua"), files, timezone.now())]
    given = send([one], "motcua2", account=False)
    receive(given, "motcua2")
    assert PaperFile.objects.get(dossier=one).agency == sibling
    with refused("held_elsewhere"):
        send([one], "tuphap")
    back = send([one], "motcua", by="motcua2", account=False)
    receive(back, "motcua")
    assert holder(one) == "motcua"


def test_a_list_is_made_by_ticks_and_codes_and_received_by_scanning():
    one, two = at_counter(), at_counter()
    printed = a_dossier().submitted().row  # online, printed for the archive
    counter, officer = desk(), desk("tuphap")
    to = f"{official('tuphap').agency_id}:{official('tuphap').account_id}"
    wrong = counter.post(f"{LISTS}moi/", {"to": to, "codes": "H15.1-1-1"})
    assert wrong.status_code == 422
    assert "H15.1-1-1" in wrong.content.decode()
    codes = f"{two.code.lower()}\n{printed.code}\n"
    made = counter.post(f"{LISTS}moi/", {"to": to, "file": str(one.pk), "codes": codes})
    given = HandOver.objects.get()
    assert made["Location"] == f"{LISTS}{given.pk}/"
    assert given.items.count() == 3

    assert one.code in officer.get(LISTS).content.decode()
    scanned = officer.post(f"{LISTS}quet/", {"code": one.code, "list": str(given.pk)}, follow=True).content.decode()
    assert f"Đã nhận hồ sơ {one.code}" in scanned
    ticked = given.items.get(dossier=two)
    officer.post(f"{LISTS}{given.pk}/", {"item": str(ticked.pk)})
    assert (holder(one), holder(two), holder(printed)) == ("tuphap", "tuphap", "motcua")
    stranger = officer.post(f"{LISTS}quet/", {"code": one.code}, follow=True).content.decode()
    assert "Không có danh sách nào giao hồ sơ" in stranger
    code = hand_overs.code_of(given)
    assert officer.post(f"{LISTS}quet/", {"code": code.lower()})["Location"] == f"{LISTS}{given.pk}/"
    assert desk("tuphap2").get(f"{LISTS}{given.pk}/").status_code == 404
    counter.post(f"{LISTS}{given.pk}/{given.items.get(dossier=printed).pk}/lay-lai/")
    assert "đã lấy lại" in counter.get(f"{LISTS}{given.pk}/").content.decode()


def test_the_list_and_the_labels_are_printed_with_their_codes():
    one = at_counter()
    given = send([one], "tuphap")
    client = desk()
    sheet = text(client.get(f"{LISTS}{given.pk}/danh-sach.pdf"))
    assert one.code in sheet[0]
    assert "Nguyễn Thị Hoa" in sheet[0]
    assert hand_overs.code_of(given) in sheet[0]
    labels = client.get(f"{LISTS}{given.pk}/nhan.pdf?kho=50x30")
    assert one.code in text(labels)[0]
    width, height = pypdfium2.PdfDocument(labels.content)[0].get_size()
    assert (round(width / 72 * 25.4), round(height / 72 * 25.4)) == (50, 30)
    single = client.get(f"/ban-lam-viec/quay/ho-so-giay/{one.pk}/nhan.pdf")
    assert len(text(single)) == 1


def text(answer: Any) -> list[str]:
    assert answer["Content-Type"] == "application/pdf"
    document = pypdfium2.PdfDocument(io.BytesIO(answer.content))
    return [page.get_textpage().get_text_range() for page in document]


def test_the_dossiers_page_says_who_holds_the_paper_when_asked():
    one = at_counter()
    client = desk()
    assert f"/ban-lam-viec/quay/ho-so-giay/{one.pk}/" in client.get(f"/ban-lam-viec/ho-so/{one.pk}/").content.decode()
    part = client.get(f"/ban-lam-viec/quay/ho-so-giay/{one.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert official("motcua").account.display_name in part
    assert "<html" not in part
    given = send([one], "tuphap")
    whole = client.get(f"/ban-lam-viec/quay/ho-so-giay/{one.pk}/").content.decode()
    assert f"{LISTS}{given.pk}/" in whole
    assert desk("motcua2").get(f"/ban-lam-viec/quay/ho-so-giay/{one.pk}/").status_code == 404
