"""What an application costs, to the đồng."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from tinhso.systems.procedures.fees import compute_fee, describe_fee, fee_of_copy

CERTIFIED = {
    "kind": "per_page",
    "pages": "pages",
    "copies": "copies",
    "tiers": [{"from": 1, "amount": 2000}, {"from": 3, "amount": 1000}],
    "most": 200_000,
}
STATUS = {"kind": "flat", "amount": 15_000, "free_when": {"field": "exemption", "in": ["poor"]}}


@pytest.mark.parametrize(
    ("pages", "fee"), [(1, 2000), (2, 4000), (3, 5000), (10, 12_000), (198, 200_000), (199, 200_000), (500, 200_000)]
)
def test_a_certified_copy_costs_2000_a_page_1000_from_page_3_and_at_most_200000(pages: int, fee: int) -> None:
    assert compute_fee(CERTIFIED, {"pages": pages, "copies": 1}) == fee


def test_the_limit_is_for_each_copy_not_for_all() -> None:
    assert compute_fee(CERTIFIED, {"pages": 500, "copies": 3}) == 600_000


def test_an_extract_costs_8000_a_copy() -> None:
    assert compute_fee({"kind": "per_copy", "amount": 8000, "copies": "copies"}, {"copies": 3}) == 24_000


def test_who_is_exempt_pays_nothing() -> None:
    assert compute_fee(STATUS, {"exemption": "none"}) == 15_000
    assert compute_fee(STATUS, {"exemption": "poor"}) == 0
    assert compute_fee({"kind": "free"}, {}) == 0


@pytest.mark.parametrize("unfinished", [{}, {"pages": "hai"}, {"pages": None, "copies": "x"}])
def test_an_unfinished_application_costs_as_one_page_and_one_copy(unfinished: dict[str, Any]) -> None:
    assert compute_fee(CERTIFIED, unfinished) == 2000


@given(st.integers(1, 3000))
def test_the_tiers_add_up_page_by_page(pages: int) -> None:
    each = sum(2000 if page < 3 else 1000 for page in range(1, pages + 1))
    assert fee_of_copy(CERTIFIED, pages) == min(each, 200_000)


def test_a_fee_is_told_in_a_sentence() -> None:
    with override("vi"):
        assert describe_fee(CERTIFIED) == "2.000 đ một trang, từ trang thứ 3 là 1.000 đ, tối đa 200.000 đ một bản"
        assert describe_fee({"kind": "free"}) == "Miễn phí"
    with override("en"):
        assert describe_fee(STATUS) == "15.000 đ"
