"""The catalogue editor: two officials, differences one can read, a checklist that decides."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.privacy.walk import settle
from tests.systems.dossiers.builders import MONDAY
from tests.systems.procedures.national.test_reading import there
from tests.systems.procedures.test_national import ROWS, read

from tinhso.core.accounts.models import Account
from tinhso.core.ledger.actions import Actor, Refused
from tinhso.core.ledger.models import Entry
from tinhso.systems.procedures import actions, differences, queries, rules
from tinhso.systems.procedures.editor_forms import RevisionForm
from tinhso.systems.procedures.models import Flag, ProcedureVersion, Revision
from tinhso.systems.procedures.queries import Share

pytestmark = pytest.mark.usefixtures("province")
BY = Actor.system("test")
DESK = "/ban-lam-viec/danh-muc/"


def someone(username: str) -> Account:
    return Account.objects.get(username=username)


def in_force(code: str = "1.004873") -> ProcedureVersion:
    version = queries.version_in_force(code)
    assert version is not None
    return version


def a_draft(**changed: Any) -> Revision:
    data = differences.data_of(in_force())
    data["version"] |= changed
    author = someone("quantri.tinh")
    revision = actions.draft(differences.data_of(in_force()), author=author, by=BY, at=MONDAY)
    met = {one["key"]: True for one in rules.criteria(date(2026, 11, 23))}
    return actions.revise(revision, data, checklist=met, remark="Luật mới", by=BY, at=MONDAY)


def desk(username: str) -> Client:
    web = Client(headers={"host": "localhost", "accept-language": "vi"})
    web.force_login(someone(username), "tinhso.core.accounts.backends.AccountBackend")
    return web


def filled(form: RevisionForm, **changed: str) -> dict[str, Any]:
    """What a browser sends back of the editor's page, with what was changed, by the names on the page."""
    sent: dict[str, Any] = {}
    for one in [form, *form.cases, *(paper for case in form.cases for paper in case.papers)]:
        for field in one:
            value = field.value()
            if value is not None and value is not False:
                sent[field.html_name] = "on" if value is True else value
    return sent | changed


def test_what_is_in_force_would_publish_itself_again() -> None:
    version = in_force()
    data = differences.data_of(version)
    assert differences.between(data, data) == []
    again = actions.publish(data, by=BY, at=MONDAY)
    assert differences.between(data, differences.data_of(again)) == []


def test_a_change_goes_from_draft_over_review_into_force_by_two_officials() -> None:
    revision = a_draft(summary="Nhanh hơn trước")
    revision = actions.send_to_review(revision, by=BY, at=MONDAY)
    with pytest.raises(Refused, match="chức khác"):
        actions.publish_revision(revision, reviewer=someone("quantri.tinh"), by=BY, at=MONDAY)
    version = actions.publish_revision(revision, reviewer=someone("lanhdao.tinh"), by=BY, at=MONDAY)
    assert (version.summary, version.origin, version.number) == ("Nhanh hơn trước", "editor", 2)
    assert in_force() == version
    revision.refresh_from_db()
    assert revision.state == Revision.State.PUBLISHED


def test_what_was_published_meanwhile_is_not_overwritten() -> None:
    revision = actions.send_to_review(a_draft(summary="Một"), by=BY, at=MONDAY)
    data = differences.data_of(in_force())
    data["version"]["summary"] = "Hai"
    actions.publish(data, by=BY, at=MONDAY)
    with pytest.raises(Refused):
        actions.publish_revision(revision, reviewer=someone("lanhdao.tinh"), by=BY, at=MONDAY)
    assert in_force().summary == "Hai"


def test_one_change_of_a_procedure_is_open_at_a_time_and_may_be_given_up() -> None:
    revision = a_draft()
    with pytest.raises(Refused):
        a_draft()
    actions.discard(revision, by=BY, at=MONDAY)
    back = actions.send_to_review(a_draft(summary="Khác"), by=BY, at=MONDAY)
    back = actions.send_back(back, remark="Sửa lại phí", reviewer=someone("lanhdao.tinh"), by=BY, at=MONDAY)
    assert (back.state, back.remark) == ("draft", "Sửa lại phí")


def test_an_unchanged_draft_is_nothing_to_review() -> None:
    version = in_force()
    revision = actions.draft(differences.data_of(version), author=someone("quantri.tinh"), by=BY, at=MONDAY)
    with pytest.raises(Refused):
        actions.send_to_review(revision, by=BY, at=MONDAY)


def test_differences_are_named_field_by_field() -> None:
    before = differences.data_of(in_force())
    after = differences.data_of(in_force())
    after["version"]["steps"] = [*before["version"]["steps"][:-1], "Bước mới"]
    after["variants"][0]["duration"]["amount"] = 2
    changes = differences.between(before, after)
    assert len(changes) == 2
    assert ("+", "Bước mới") in changes[0].lines
    assert [sign for sign, _text in changes[1].lines] == ["-", "+"]


@pytest.mark.parametrize(
    ("missing", "level"),
    [("", "full"), ("no_visit", "partial"), ("paid_online", "partial"), ("filed_online", "information")],
)
def test_the_checklist_decides_full_or_partial(missing: str, level: str) -> None:
    day = date(2026, 11, 23)
    met = {one["key"]: one["key"] != missing for one in rules.criteria(day)}
    assert rules.service_level(met, day) == level


@pytest.mark.parametrize(
    ("name", "day", "level"),
    [
        ("4", date(2021, 6, 1), "full"),
        ("3", date(2021, 6, 1), "partial"),
        ("2", date(2021, 6, 1), "information"),
        ("full", date(2023, 6, 1), "full"),
    ],
)
def test_a_service_level_means_what_it_meant_on_its_day(name: str, day: date, level: str) -> None:
    assert rules.of_old_level(name, day) == level


def test_level_four_is_no_longer_a_level() -> None:
    with pytest.raises(LookupError):
        rules.of_old_level("4", date(2023, 1, 1))


@pytest.mark.parametrize(("full", "all_", "percent"), [(1027, 1814, "56.62"), (712, 1543, "46.14")])
def test_the_share_of_full_services_as_provinces_report_it(full: int, all_: int, percent: str) -> None:
    assert f"{Share(full, 0, all_ - full).percent:.2f}" == percent


def test_the_figures_of_a_day_are_named_as_the_rule_of_that_day_names_them() -> None:
    data = differences.data_of(in_force())
    data["procedure"] |= {"code": "9.000001"}
    actions.publish(data, by=BY, at=datetime(2021, 12, 30, 2, tzinfo=UTC))
    settle()
    web = desk("quantri.tinh")
    then = web.get(DESK, {"ngay": "2021-12-31"})
    assert then.context["figures"]["share"] == Share(1, 0, 0)
    assert [name for _key, name, _n in then.context["figures"]["levels"]] == [
        *("Mức độ 4", "Mức độ 3", "Mức độ 1, Mức độ 2")
    ]
    assert "Mức độ 4" in then.content.decode()
    assert web.get(DESK, {"ngay": "2021-12-29"}).context["figures"]["share"].all == 0
    now = web.get(DESK)
    assert now.context["figures"]["share"] == queries.share_on(timezone.localdate())
    assert "Toàn trình" in now.content.decode()
    assert "Mức độ 4" not in now.content.decode()
    assert "share" not in web.get(DESK, {"ngay": "2010-01-01"}).context["figures"]
    assert web.get(DESK, {"ngay": "hôm qua"}).status_code == 422


def test_the_whole_way_over_the_pages() -> None:
    admin, leader = desk("quantri.tinh"), desk("lanhdao.tinh")
    assert admin.get(DESK).status_code == 200
    page = admin.post(f"{DESK}thu-tuc/1.004873/sua/", follow=True)
    revision = Revision.objects.get()
    sent = filled(page.context["form"]) | {"summary": "Tóm tắt mới"}
    url = f"{DESK}thay-doi/{revision.pk}/"
    saved = admin.post(url, sent, follow=True)
    assert "Tóm tắt mới" in saved.content.decode()
    admin.post(f"{url}gui-duyet/")
    assert admin.post(f"{url}cong-bo/").status_code == 403
    assert leader.get(url).status_code == 200
    leader.post(f"{url}cong-bo/")
    assert (in_force().summary, in_force().online) == ("Tóm tắt mới", "full"), "the level stays what it was"
    assert "Tóm tắt mới" in admin.get(f"{DESK}thu-tuc/1.004873/").content.decode()
    admin.post(f"{DESK}thu-tuc/1.004873/rut/", {"reason": "Bãi bỏ theo luật"})
    assert queries.version_in_force("1.004873") is None


def test_officials_of_a_commune_read_and_do_not_change() -> None:
    commune = desk("quantri")
    assert commune.get(DESK).status_code == 200
    assert commune.post(f"{DESK}thu-tuc/1.004873/sua/").status_code == 403
    assert not Revision.objects.exists()


@there
def test_one_click_answers_a_question_and_publishes() -> None:
    read(ROWS["1.001193"], at=timezone.now())
    flag = Flag.objects.filter(why="time_number").first()
    assert flag is not None
    web = desk("quantri.tinh")
    assert "1.001193" in web.get(DESK).content.decode()
    web.post(f"{DESK}cau-hoi/{flag.pk}/", {"amount": "1", "unit": "working_days"})
    assert queries.variant_in_force("1.001193") is not None
    assert "1.001193" not in web.get(DESK).content.decode()


@there
def test_what_needs_no_amount_is_shown_until_somebody_has_seen_it() -> None:
    read(ROWS["1.000894"], at=timezone.now())
    flag = Flag.objects.get(row_id="1.000894", why="level_presumed")
    web = desk("quantri.tinh")
    assert "phải có mặt" in web.get(DESK).content.decode()
    with pytest.raises(Refused):
        actions.answer(flag, amount=0, by=BY, at=MONDAY)
    web.post(f"{DESK}cau-hoi/{flag.pk}/")
    assert "phải có mặt" not in web.get(DESK).content.decode()
    assert Entry.objects.filter(event="procedures.seen").count() == 1
    with pytest.raises(Refused):
        actions.see(flag, by=BY, at=MONDAY)
    read(ROWS["1.000894"], at=timezone.now())
    assert not Flag.objects.filter(row_id="1.000894", why="level_presumed", answered_at=None).exists()
