"""Text with gaps is filled as the operator `%` would."""

from __future__ import annotations

import pytest

from tinhso.simulation.gaps import Text

FILLS = {"name": "Nguyễn Văn An %(no)s", "book form-01 2026": "7"}


@pytest.mark.parametrize(
    "text",
    ["", "100%% of it\n", "%(name)s", "%(name)s%(name)s", "a %(name)s (b) %(book form-01 2026)s 5%%\n", "%%(name)s"],
)
def test_a_text_is_filled_as_formatting_would(text: str) -> None:
    kept = Text(text)
    assert kept.fill(FILLS) == kept.fill(FILLS) == text % FILLS


def test_a_gap_that_nothing_fills_is_said() -> None:
    with pytest.raises(KeyError):
        Text("%(name)s %(age)s").fill(FILLS)
