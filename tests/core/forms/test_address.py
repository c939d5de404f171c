"""Province, then commune, from the real units; with no JavaScript at all."""

from __future__ import annotations

from tinhso.core.agencies import units
from tinhso.core.forms import flow

from .builders import TODAY, a_form, answers, posted

FORM = a_form()
PROVINCE, COMMUNE = "requester.address.province", "requester.address.commune"


def options(shown: str, path: str) -> set[str]:
    import re

    found = re.search(rf'<select name="{re.escape(path)}".*?</select>', shown, re.DOTALL)
    assert found
    return set(re.findall(r'value="(\d+)"', found[0]))


def test_the_communes_of_the_installs_own_province_are_there_at_once() -> None:
    shown = flow.bind(FORM, "who", None, answers={}, on=TODAY).render()
    assert len(options(shown, PROVINCE)) == 34
    assert options(shown, COMMUNE) == {one.code for one in units.communes("66")}


def test_asking_again_shows_the_communes_of_the_chosen_province_and_keeps_what_was_typed() -> None:
    asked = posted({"_refresh": COMMUNE, PROVINCE: "01", "requester.full_name": "Nguyễn Thị Hoa"})
    page = flow.bind(FORM, "who", asked, answers={}, on=TODAY)
    shown = page.render()
    assert options(shown, COMMUNE) == {one.code for one in units.communes("01")}
    assert "Nguyễn Thị Hoa" in shown
    assert "error-summary" not in shown


def test_going_on_without_asking_again_shows_the_communes_beside_the_error() -> None:
    page = flow.bind(FORM, "who", posted({PROVINCE: "01", COMMUNE: "24133"}), answers={}, on=TODAY)
    assert page.errors.keys() >= {COMMUNE}
    assert PROVINCE not in page.errors
    assert options(page.render(), COMMUNE) == {one.code for one in units.communes("01")}


def test_a_wrong_province_is_the_only_fault() -> None:
    wrong = answers()
    wrong["requester"]["address"] = {"province": "99", "commune": "24133"}
    errors = FORM.check(wrong, on=TODAY).errors
    assert errors.keys() == {PROVINCE, COMMUNE} or errors.keys() == {PROVINCE}


def test_an_address_is_read_in_one_line_from_house_to_province() -> None:
    assert FORM.read("requester.address", answers()) == "12 Lê Duẩn, Phường Buôn Ma Thuột, Tỉnh Đắk Lắk"


def test_the_button_for_browsers_without_javascript_is_part_of_the_form() -> None:
    shown = flow.bind(FORM, "who", None, answers={}, on=TODAY).render()
    assert f'name="_refresh" value="{COMMUNE}" formnovalidate' in shown
