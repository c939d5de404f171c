import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinhso.core.search.text import fold, tsquery


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Đăng ký Kết hôn", "dang ky ket hon"),
        ("12/QĐ-UBND", "12qdubnd 12 qd ubnd"),
        ("H15.50.05.13-261008-0975", "h155005132610080975 h15 50 05 13 261008 0975"),
        ("  Trích lục,  khai sinh. ", "trich luc khai sinh"),
        ("Ỷ ỡ Ặ", "y o a"),
        ("…", ""),
    ],
)
def test_words_are_kept_without_diacritics_and_numbers_whole_and_in_parts(text, folded):
    assert fold(text) == folded


def test_composed_and_decomposed_letters_are_the_same_word():
    composed, apart = (unicodedata.normalize(form, "Tiếng Việt") for form in ("NFC", "NFD"))
    assert composed != apart
    assert fold(composed) == fold(apart) == "tieng viet"


@settings(deadline=None)
@given(st.text())
def test_folding_twice_changes_nothing_and_leaves_only_letters_digits_and_spaces(text):
    once = fold(text)
    assert fold(once) == once
    assert all(c.isalnum() or c == " " for c in once)


@settings(deadline=None)
@given(st.text(alphabet="ab1:*&|!()'\\<> -/đ"))
def test_nothing_typed_becomes_an_operator(text):
    for sign in ("!", "<", ">", "'", "\\"):
        assert sign not in tsquery(text)
