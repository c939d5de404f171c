from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from cryptography.exceptions import InvalidTag

from tinhso.core.accounts import crypto, identity
from tinhso.core.ledger.actions import Refused


@pytest.mark.parametrize(
    ("number", "year", "sex"),
    [
        ("066085000002", 1985, "male"),
        ("066190000001", 1990, "female"),
        ("066203000006", 2003, "male"),
        ("066307000007", 2007, "female"),
    ],
)
def test_a_national_id_carries_year_of_birth_and_sex(number, year, sex):
    assert identity.national_id(number, birth_date=date(year, 5, 1), sex=sex) == number
    with pytest.raises(Refused) as born:
        identity.national_id(number, birth_date=date(year + 1, 1, 1))
    with pytest.raises(Refused) as whose:
        identity.national_id(number, sex="male" if sex == "female" else "female")
    assert {born.value.field, whose.value.field} == {"national_id"}


@pytest.mark.parametrize(
    "number", ["", "06608500000", "0660850000021", "06608500000a", "000085000002", "066985000002", "٠٦٦٠٨٥٠٠٠٠٠٢"]
)
def test_what_is_no_national_id_is_refused(number):
    with pytest.raises(Refused):
        identity.national_id(number)


def test_a_number_may_be_typed_with_spaces():
    assert identity.national_id("066 085 000 002") == "066085000002"


@pytest.mark.parametrize("number", ["0100233488", "0314409058-002"])
def test_tax_codes_have_a_check_digit(number):
    assert identity.tax_code(number) == number.replace("-", "")
    with pytest.raises(Refused):
        identity.tax_code(number[:9] + str((int(number[9]) + 1) % 10) + number[10:])


def test_since_2025_the_national_id_is_the_tax_code_of_a_person():
    assert identity.tax_code("066085000002") == "066085000002"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("0905 111 222", "0905111222"), ("+84905111222", "0905111222"), ("", ""), ("024.3825.1234", "02438251234")],
)
def test_telephone_numbers_are_kept_from_their_zero(typed, kept):
    assert identity.phone(typed) == kept


@pytest.mark.parametrize("typed", ["12", "905111222", "0905-abc-222", "+1 202 555 0101"])
def test_what_is_no_telephone_number_is_refused(typed):
    with pytest.raises(Refused):
        identity.phone(typed)


def test_a_sealed_number_opens_only_for_its_owner():
    owner, stranger = uuid4(), uuid4()
    sealed = crypto.seal("066085000002", owner)
    assert b"066085000002" not in sealed
    assert sealed != crypto.seal("066085000002", owner)
    assert crypto.unseal(sealed, owner) == "066085000002"
    with pytest.raises(InvalidTag):
        crypto.unseal(sealed, stranger)


def test_a_masked_number_shows_its_owner_enough():
    assert crypto.mask("066012345123") == "0660•••••123"
    assert crypto.mask("1234567") == "•••••••"
    assert crypto.mask("") == ""
