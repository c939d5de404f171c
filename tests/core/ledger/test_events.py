"""No personal data gets into the ledger by accident, and what once was recorded can be read for ever."""

from __future__ import annotations

import string
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tinhso.core.ledger import events
from tinhso.core.ledger.events import Event, canonical, is_code, read, upcaster


@dataclass(frozen=True)
class Named(Event, name="tests.named", version=1):
    value: Any


SYLLABLES = ["Nguyễn", "Trần", "Lê", "Phạm", "Thị", "Văn", "Bưởi", "Hùng", "An", "Nam", "Lan", "Đức", "Ánh"]
CODES = [
    "",
    "15/QĐ-UBND",
    "123/UBND-KT",
    "15/UBND-XNTTHN",
    "08/TTr-SNN&MT",
    "H15.50.05.13-261008-0975",
    "H15.50.05.13-261008-0975-KQ2",
    "000.01.02.H47",
    "1.010708.000.00.00.H56",
    "1.004873",
    "2026-11-22",
    "20261122093000",
    "G22.12,2026/11/22,15/QĐ-UBND",
    "account:550e8400-e29b-41d4-a716-446655440000",
    "dossiers.result:550e8400-e29b-71d4-a716-446655440000",
    "550e8400-e29b-41d4-a716-446655440000",
    "a" * 64,
    "receptionist",
    "application/pdf",
    "%PDF-1.7",
]


@pytest.mark.parametrize("code", CODES)
def test_codes_and_notations_of_the_field_are_let_in(code: str) -> None:
    assert Named(code).data() == {"value": code}


digits = st.text(string.digits, min_size=9, max_size=13)
separator = st.sampled_from(["", ".", "-", "/"])


def refused(text: str) -> None:
    assert not is_code(text)
    with pytest.raises(ValueError, match=r"tests\.named\.value is not a code"):
        Named(text).data()
    with pytest.raises(ValueError, match="not a code"):
        Named([["ok", text]]).data()


@given(digits, st.sampled_from(["", "CCCD:", "cccd", "id=", "+"]))
@example("066190001234", "")
def test_numbers_of_persons_and_telephones_are_refused_also_inside_a_string(number: str, before: str) -> None:
    refused(before + number)


@given(st.text(string.digits, min_size=9, max_size=9), separator, st.sampled_from(["0", "+84", "84"]))
def test_telephone_numbers_in_groups_are_refused(rest: str, between: str, prefix: str) -> None:
    refused(prefix + rest[:2] + between + rest[2:5] + between + rest[5:])


@given(st.lists(st.sampled_from(SYLLABLES), min_size=2, max_size=4), st.sampled_from([" ", "\u00a0", "\t"]))
def test_names_are_refused(syllables: list[str], space: str) -> None:
    refused(space.join(syllables))


@given(st.sampled_from(["Nguyễn", "Trần", "Phạm", "Thị", "Bưởi", "Hùng", "Ánh"]), separator)
@example("Trần", "_")
def test_words_with_tone_marks_are_refused_whatever_joins_them(syllable: str, joint: str) -> None:
    refused(f"{syllable}{joint}An")
    refused(unicodedata.normalize("NFD", syllable))


@given(st.emails())
def test_addresses_are_refused(address: str) -> None:
    refused(address)


@given(st.one_of(st.floats(), st.binary(), st.dictionaries(st.text(), st.integers(), min_size=1), st.decimals()))
def test_what_is_no_id_code_number_date_or_state_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="no place in the ledger"):
        Named(value).data()


def test_canonical_bytes_do_not_depend_on_order_or_time_zone() -> None:
    at = datetime(2026, 11, 22, 9, 30, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    one = canonical({"b": at, "a": [UUID(int=1), date(2026, 11, 22), "Đ", None, True]})
    other = canonical({"a": [UUID(int=1), date(2026, 11, 22), "Đ", None, True], "b": at.astimezone(UTC)})
    assert one == other
    assert one == (
        '{"a":["00000000-0000-0000-0000-000000000001","2026-11-22","Đ",null,true],"b":"2026-11-22T02:30:00.000000Z"}'
    )


def test_old_data_are_read_as_the_newest_version_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "UPCASTERS", {})

    @upcaster("tests.moved", 1)
    def split(data: dict[str, Any]) -> dict[str, Any]:
        return {"from_": data["where"], "to": None}

    @upcaster("tests.moved", 2)
    def rename(data: dict[str, Any]) -> dict[str, Any]:
        return {"origin": data["from_"], "to": data["to"]}

    assert read("tests.moved", 1, {"where": "H15"}) == {"origin": "H15", "to": None}
    assert read("tests.moved", 2, {"from_": "H15", "to": "H16"}) == {"origin": "H15", "to": "H16"}
    assert read("tests.moved", 3, {"origin": "H15", "to": "H16"}) == {"origin": "H15", "to": "H16"}


def test_a_name_and_version_belong_to_one_event() -> None:
    with pytest.raises(TypeError, match="declared twice"):

        @dataclass(frozen=True)
        class Another(Event, name="tests.named", version=1):
            pass
