"""Who hands a dossier in for its applicant: a parent, a guardian, a relative, somebody authorised."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from tests.systems.counter.builders import actor, at_counter, desk, official, refused
from tests.systems.dossiers.builders import citizen
from tinhso.core.accounts.actions import erase_person
from tinhso.core.accounts.holdings import export
from tinhso.core.ledger.models import Entry
from tinhso.systems.counter import representatives
from tinhso.systems.counter.models import Representative
from tinhso.systems.dossiers.models import Dossier

pytestmark = pytest.mark.usefixtures("province")
FATHER = "066085000002||Trần Văn Minh|20111985|Nam|Thôn 3, Xã Lạ Lùng, Đắk Lắk|01072024"


def named(dossier: Dossier, who: str, full_name: str = "", **given: Any) -> Representative:
    at, one = timezone.now(), official("motcua")
    return representatives.name(dossier, who, full_name, **{"relation": "relative", **given}, by=actor(one), at=at)


def test_a_father_is_named_by_his_card_and_stands_on_the_dossiers_page():
    dossier = at_counter()
    address = f"/ban-lam-viec/quay/ho-so-giay/{dossier.pk}/"
    page = desk().post(f"{address}nguoi-nop-thay/", {"who": FATHER, "relation": "parent"}, follow=True).content.decode()
    assert "Trần Văn Minh" in page
    assert "066085000002" not in page, "his number stays masked"
    assert Representative.objects.get().person == citizen("minh").person
    entry = Entry.objects.get(event="counter.represented")
    assert (entry.subject_id, entry.data) == (dossier.pk, {"relation": "parent"})
    refused = desk().post(f"{address}nguoi-nop-thay/", {"who": "12", "relation": "parent"}, follow=True)
    assert "12 số" in refused.content.decode() or "12 chữ số" in refused.content.decode()


def test_who_is_authorised_shows_the_paper_and_it_holds():
    dossier = at_counter()
    with refused("authorisation_missing"):
        named(dossier, FATHER, relation="authorised")
    with refused("authorisation_over"):
        named(dossier, FATHER, relation="authorised", authorisation="Số 12 ngày 01/01/2020", until=date(2020, 6, 1))
    made = named(dossier, FATHER, relation="authorised", authorisation="Số 12/2026, UBND phường chứng thực")
    assert made.authorisation.startswith("Số 12")
    named(dossier, "066085000002", "tran van minh")
    assert Representative.objects.get().relation == "relative", "named anew, the one before is replaced"


def test_nobody_learns_whose_a_number_is_and_children_and_applicants_act_for_nobody():
    dossier = at_counter()
    with refused("name_differs"):
        named(dossier, "066085000002", "Lê Văn Khác")
    with refused("the_applicant"):
        named(dossier, "066190000001", "Nguyễn Thị Hoa")
    with refused("under_age"):
        named(dossier, "066215000777", "Trần Bé Con")
    with refused("relation_missing"):
        named(dossier, FATHER, relation="friend")
    assert not Representative.objects.exists()


def test_who_acted_finds_it_in_what_the_state_holds_and_it_goes_with_them():
    dossier = at_counter()
    named(dossier, FATHER)
    minh = citizen("minh").person
    assert minh is not None
    assert dossier.code in str(export(minh)["counter"])
    erase_person(minh, by=actor(official("quantri")), at=timezone.now())
    assert not Representative.objects.exists()
    assert Dossier.objects.filter(pk=dossier.pk).exists()
