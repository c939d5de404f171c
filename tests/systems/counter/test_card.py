"""What a scanner types for an ID card, and what is said when it typed it wrong."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest

from tests.systems.counter.builders import CARD, refused
from tinhso.core.accounts.models import Sex
from tinhso.core.ledger.actions import Refused
from tinhso.systems.counter.card import place_of, read, seems


def test_a_card_is_read_whole():
    card = read(CARD)
    assert (card.number, card.old_number, card.name) == ("066190000001", "240123456", "Nguyễn Thị Hoa")
    assert (card.born, card.sex, card.issued) == (date(1990, 3, 8), Sex.FEMALE, date(2021, 4, 15))
    assert card.address.endswith("Đắk Lắk")


@pytest.mark.parametrize(
    "text",
    [
        CARD.replace("240123456", ""),  # never had an old one
        CARD + "||Nguyễn Văn Bình|Trần Thị Cúc|",  # a later card, which names the parents
        "  " + CARD.replace("|", " | ") + "\t",
        unicodedata.normalize("NFD", CARD),
        CARD.replace("08031990", "08/03/1990"),
        CARD.replace("|15042021", "|"),
    ],
)
def test_cards_of_other_years_and_scanners_say_the_same(text: str):
    card = read(text)
    assert (card.number, card.name, card.born) == ("066190000001", "Nguyễn Thị Hoa", date(1990, 3, 8))


def test_letters_that_came_as_bytes_of_another_alphabet_are_mended():
    sent = CARD.replace("Nguyễn Thị Hoa", "H'Yên Byă").encode()
    text = "".join(bytes([one]).decode("latin-1" if one in b"\x81\x8d\x8f\x90\x9d" else "cp1252") for one in sent)
    assert "Byă" not in text
    assert read(text).name == "H'Yên Byă"


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        (CARD.replace("066190000001", "o66190000001"), "các con số"),
        (CARD.replace("066190000001", "0661900001"), "các con số"),
        (CARD.replace("|Nữ|", "|Nux|"), "giới tính"),
        (CARD.replace("Nguyễn", "Nguy?n"), "họ tên"),
        (CARD.replace("08031990", "8o31990"), "ngày sinh"),
        ("066190000001|240123456|Nguyen Thi Hoa|08031990|Nữ|12 Tan Loi, Dak Lak|15042021", "dấu tiếng Việt"),
    ],
)
def test_what_a_typing_program_does_to_it_is_said_with_what_to_do(text: str, broken: str):
    with pytest.raises(Refused) as refused:
        read(text)
    assert refused.value.code == "card_garbled"
    assert broken in str(refused.value)
    assert "UniKey" in str(refused.value)


def test_half_a_card_and_one_that_contradicts_itself_are_refused():
    with refused("card_short"):
        read("|".join(CARD.split("|")[:4]))
    with refused("national_id_sex"):
        read(CARD.replace("|Nữ|", "|Nam|"))
    with refused("national_id_birth_year"):
        read(CARD.replace("08031990", "08031991"))
    assert not seems("066190000001")


def test_an_address_of_today_and_of_before_becomes_provinces_and_communes_of_today():
    today = place_of("12 Nơ Trang Lơng, phường Buôn Ma Thuột, Đắk Lắk")
    assert (today.province, today.commune, today.detail) == ("66", "24133", "12 Nơ Trang Lơng")
    before = place_of("12 Nơ Trang Lơng, Tân Lợi, Buôn Ma Thuột, Đắk Lắk")
    assert (before.province, before.commune, before.detail) == ("66", "24133", "12 Nơ Trang Lơng")
    other = place_of("Thôn 1, Ea Kao, Buôn Ma Thuột, Đắk Lắk")
    assert other.commune != "24133", "a ward of today bears the name of the city that was"
    elsewhere = place_of("Số 1, Khóm 2, Thị trấn Xa Lạ, Nơi Không Có")
    assert (elsewhere.province, elsewhere.commune, elsewhere.detail) == (
        "",
        "",
        "Số 1, Khóm 2, Thị trấn Xa Lạ, Nơi Không Có",
    )
