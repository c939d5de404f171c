"""What the reader is not sure of. A doubt that `blocks` keeps a procedure from being applied for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MOST = 300  # characters of an excerpt


class Why(StrEnum):
    """Why a person has to look; the value is stored, so it stays for ever."""

    ROW = "row_unread"  # the table cannot be cut into rows
    TIME_NUMBER = "time_number"  # `7`: of what?
    TIME_MISSING = "time_missing"  # `Không có thông tin`
    TIME_WORDS = "time_words"  # words that are no known limit
    FEE_JOINED = "fee_joined"  # `310,000 VNĐ`: 310.000, or a limit of 3 and 10.000
    FEE_SEVERAL = "fee_several"  # two amounts for one way: both, or one of them?
    FEE_SMALL = "fee_small"  # `20 VNĐ`: thousands were left out
    FEE_WORDS = "fee_words"  # `50 nghìn đồng`, `0,1 %`: an amount in words or parts of one
    FEE_NOTED = "fee_noted"  # `800,000 VNĐ`, and the note says 400.000 until the end of the year
    FEE_FOREIGN = "fee_foreign"  # USD
    FEE_MISSING = "fee_missing"
    FEE_COUNCIL = "fee_council"  # `Miễn phí`, and the note says the province's council sets the amount
    COUNT = "component_count"  # `20241 bản chính`: of 2024, one; or of 202, forty-one
    PAPERS = "components_unread"
    RESULT = "result_unread"
    LEVEL = "level_presumed"  # filed online and free, and the steps say that somebody appears: taken as partly online


BLOCKING = frozenset(
    {Why.ROW, Why.TIME_NUMBER, Why.TIME_MISSING, Why.TIME_WORDS}
    | {Why.FEE_JOINED, Why.FEE_SEVERAL, Why.FEE_SMALL, Why.FEE_WORDS, Why.FEE_NOTED}
    | {Why.FEE_MISSING, Why.FEE_COUNCIL}  # free would be a guess, and money that nobody collects
)


@dataclass(frozen=True)
class Doubt:
    """Something for a person: `where` names the value (`ways.0.time`), `excerpt` is what the row says."""

    why: Why
    where: str
    excerpt: str

    @property
    def blocks(self) -> bool:
        return self.why in BLOCKING


def excerpt(text: str) -> str:
    """A piece of the source, short enough to show beside a value."""
    return text if len(text) <= MOST else text[: MOST - 1] + "…"
