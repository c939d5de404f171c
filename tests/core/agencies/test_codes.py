from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinhso.core.agencies import codes

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
group = lambda size: st.text(ALPHABET, min_size=size, max_size=size)  # noqa: E731
top = st.builds(lambda letter, number: f"{letter}{number:02}", st.sampled_from("GH"), st.integers(0, 99))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("000.00.00.H15", "H15"),
        ("000.01.02.H47", "H47.02.01"),
        ("000.00.07.G22", "G22.07"),
        ("013.05.50.H15", "H15.50.05.013"),
    ],
)
def test_an_old_code_is_the_new_one_reversed_without_empty_levels(old: str, new: str) -> None:
    assert codes.from_old(old) == new
    assert codes.to_old(new) == old
    assert codes.parse(old) == new


@pytest.mark.parametrize("text", ["H15.50.05.13", " h15.50.05.13 ", "G22", "H15.24133"])
def test_a_new_code_is_kept_as_it_is(text: str) -> None:
    assert codes.parse(text) == text.strip().upper()


@pytest.mark.parametrize("code", ["H15.24133", "H15.50.05.13", "H15.50.05.013.01", "ABC.01"])
def test_a_code_that_does_not_fit_the_old_form_has_none(code: str) -> None:
    assert codes.to_old(code) == ""


@pytest.mark.parametrize("text", ["", "H15..01", "H15-01", "Đ15", "H15 01", ".H15", "A" * 36, "H15\n"[:-1] + ".é"])
def test_anything_else_is_no_code(text: str) -> None:
    with pytest.raises(ValueError):
        codes.parse(text)


@given(top, group(2), group(2), group(3))
def test_every_old_code_survives_the_way_there_and_back(first: str, second: str, third: str, fourth: str) -> None:
    old = f"{fourth}.{third}.{second}.{first}"
    if codes.is_old(old):
        assert codes.to_old(codes.from_old(old)) == old
