"""What people type is never lost without a word: not to a quicker colleague, not by being too long."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.systems.dossiers.builders import a_dossier, by, citizen, staff
from tests.systems.dossiers.test_many import desk_of
from tinhso.core.agencies import demo as agencies
from tinhso.core.agencies.models import Role
from tinhso.core.ledger.models import Entry
from tinhso.systems.dossiers import actions
from tinhso.systems.dossiers.models import Dossier

pytestmark = pytest.mark.usefixtures("province")

LOST = "Nội dung anh/chị đã nhập"
WORDS = "Thiếu bản sao giấy khai sinh.\nThiếu chữ ký của người yêu cầu."
UNTIL = (timezone.now() + timedelta(days=20)).date().isoformat()


def a_new() -> a_dossier:
    return a_dossier(timezone.now() - timedelta(hours=8)).submitted()


def address(one: a_dossier, verb: str) -> str:
    return f"/ban-lam-viec/ho-so/{one.pk}/{verb}/"


def read(answer: Any) -> str:
    return unescape(answer.content.decode()).replace("\r\n", "\n")


@pytest.mark.parametrize("verb", ["tu-choi", "yeu-cau-bo-sung", "chuyen"])
def test_the_second_of_two_receptionists_reads_what_they_had_typed(verb: str) -> None:
    one, first, second = a_new(), desk_of(Role.RECEPTIONIST), desk_of(Role.RECEPTIONIST)
    assert verb in read(second.get(f"/ban-lam-viec/ho-so/{one.pk}/"))
    assert first.post(address(one, "tiep-nhan")).status_code == 302
    refused = second.post(address(one, verb), {"reason": WORDS, "until": UNTIL})
    page = read(refused)
    assert refused.status_code == 409
    assert LOST in page
    assert WORDS in page


def test_the_second_of_two_officers_reads_the_result_and_the_opinion_they_had_typed() -> None:
    one = a_new().accepted().assigned()
    second = desk_of(Role.OFFICER)
    one.proposed()
    typed = {"subject.full_name": "Nguyễn Thị Hoa", "opinion": "Đủ điều kiện, đề nghị ký.", "signer": str(one.pk)}
    refused = second.post(address(one, "trinh-ky"), typed)
    page = read(refused)
    assert refused.status_code == 409
    assert LOST in page
    assert "Đủ điều kiện, đề nghị ký." in page
    assert page.count("Nguyễn Thị Hoa</textarea>") == 1
    assert f"{one.pk}</textarea>" not in page


def test_a_passphrase_is_never_shown_again() -> None:
    one = a_new().accepted().assigned().proposed().signed()
    page = read(desk_of(Role.LEADER).post(address(one, "ky"), {"passphrase": "bi-mat-cua-toi"}))
    assert "bi-mat-cua-toi" not in page


def test_who_typed_on_what_passed_out_of_reach_reads_their_words_and_nothing_of_the_dossier() -> None:
    one, second = a_new(), desk_of(Role.RECEPTIONIST)
    _province, _commune, other = agencies.home()
    dossier = Dossier.objects.select_related("agency").get(pk=one.pk)
    reason = "Người yêu cầu thường trú ở phường kia."
    actions.transfer(dossier, to=other, reason=reason, by=by(Role.RECEPTIONIST), at=timezone.now())
    for verb in ("tu-choi", "chuyen"):
        gone = second.post(address(one, verb), {"reason": WORDS})
        page = read(gone)
        assert gone.status_code == 404
        assert WORDS in page
        assert one.row.code not in page
        assert one.row.applicant_name not in page
    note = second.post(address(one, "ghi-chu"), {"text": WORDS}, headers={"HX-Request": "true"})
    assert (note.status_code, WORDS in read(note)) == (404, True)
    assert WORDS not in read(second.post(address(one, "tiep-nhan")))
    assert second.get(f"/ban-lam-viec/ho-so/{one.pk}/").status_code == 404


LONG = "Quá dài. " * 1112  # 10,008 letters


@pytest.mark.parametrize(
    ("role", "verb", "name"),
    [
        (Role.RECEPTIONIST, "tu-choi", "reason"),
        (Role.RECEPTIONIST, "yeu-cau-bo-sung", "reason"),
        (Role.RECEPTIONIST, "ghi-chu", "text"),
        (Role.OFFICER, "dung", "reason"),
        (Role.OFFICER, "trinh-ky", "opinion"),
        (Role.LEADER, "tra-lai", "reason"),
    ],
)
def test_what_is_too_long_is_said_and_neither_kept_nor_lost(role: str, verb: str, name: str) -> None:
    one = a_new()
    if role != Role.RECEPTIONIST:
        one.accepted().assigned()
    if role == Role.LEADER:
        one.proposed()
    before, state = Entry.objects.count(), one.row.state
    typed = {name: LONG, "until": UNTIL, "signer": str(staff(Role.LEADER).pk), **stated(one, verb)}
    refused = desk_of(role).post(address(one, verb), typed)
    page = read(refused)
    assert refused.status_code == 422
    assert "4.000" in page
    assert LONG.strip() in page
    assert (Entry.objects.count(), one.row.state) == (before, state)


def stated(one: a_dossier, verb: str) -> dict[str, Any]:
    """The result as the officer's form sends it."""
    if verb != "trinh-ky":
        return {}
    from tinhso.systems.dossiers.letter_data import result_form

    form = result_form(one.row, None, at=one.at)
    return {bound.name: bound.value() or "" for bound in form}


def test_what_an_applicant_types_is_not_lost_either() -> None:
    one, browser = a_new(), Client()
    actions.ask_supplement(
        one.row, reason=WORDS, until=timezone.localdate() + timedelta(days=20), by=by(Role.RECEPTIONIST), at=one.later()
    )
    browser.force_login(citizen())
    mine = f"/ho-so/{one.pk}/"
    long = browser.post(f"{mine}bo-sung/", {"note": LONG})
    assert (long.status_code, LONG.strip() in read(long)) == (422, True)
    withdrawn = browser.post(f"{mine}rut/", {"reason": LONG})
    assert (withdrawn.status_code, LONG.strip() in read(withdrawn)) == (422, True)
    assert browser.post(f"{mine}bo-sung/", {"note": "Tôi gửi đủ rồi."}).status_code == 302
    again = browser.post(f"{mine}bo-sung/", {"note": "Tôi gửi thêm lần nữa."})
    assert again.status_code == 409
    assert LOST in read(again)
    assert "Tôi gửi thêm lần nữa." in read(again)


def test_a_line_s_end_counts_as_one_letter() -> None:
    one = a_new()
    lines = "\r\n".join(["Thiếu giấy."] * 333)  # 3,995 letters as a browser counts them, 4,327 as they are sent
    assert desk_of(Role.RECEPTIONIST).post(address(one, "tu-choi"), {"reason": lines}).status_code == 302
