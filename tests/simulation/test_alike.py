"""A large year printed from few cases is statistically the same as one made by the actions.

With 1,000 lived and 200 to print from, chi-square at one false alarm in 10,000 sees a share that is off by a sixth of
all dossiers every other time, by a fifth in six of seven, by a quarter always; what is smaller may be chance.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from statistics import NormalDist
from typing import Any

import pytest

from tests.house.databases import Copies
from tests.house.province import Province, province_in
from tests.simulation.test_generated import published
from tests.simulation.test_year import UNTIL, a_world
from tinhso.core.worktime.calendar import ZONE
from tinhso.core.worktime.queries import calendar_for
from tinhso.simulation import run, volume
from tinhso.simulation.check import check
from tinhso.simulation.world import World
from tinhso.systems.dossiers.models import Dossier

LIVED, PATTERNS, PRINTED = 1_000, 200, 10_000
FALSE_ALARM = 1e-4  # of each comparison; seeds are fixed, so what passes once passes always
FEWEST = 5  # expected in each cell of the smaller sample, for chi-square to hold; rarer ones are taken together
HOURS = (1, 2, 4, 8, 16, 40)  # of working time


def worked(one: Dossier) -> Hashable:
    if one.finished_at is None:
        return "open"
    hours = calendar_for(one.agency_id).between(one.submitted_at, one.finished_at) / timedelta(hours=1)
    return sum(hours > limit for limit in HOURS)


def late(one: Dossier) -> Hashable:
    return None if one.due_at is None else (one.finished_at or UNTIL) > one.due_at


COMPARED: dict[str, Callable[[Dossier], Hashable]] = {
    "state": lambda one: one.state,
    "procedure": lambda one: one.procedure_code,
    "channel": lambda one: one.channel,
    "late": late,
    "working time": worked,
    "month": lambda one: one.submitted_at.astimezone(ZONE).month,
    "hour": lambda one: one.submitted_at.astimezone(ZONE).hour,
}


def counted() -> dict[str, Counter[Hashable]]:
    them = list(Dossier.objects.all())
    return {name: Counter(map(of, them)) for name, of in COMPARED.items()}


def unlike(many: Counter[Hashable], few: Counter[Hashable], size: int) -> tuple[float, float]:
    """Chi-square of two samples being of one distribution, and what it stays below but for one time in 10,000.

    What was printed is worth no more than the `size` cases it was printed from: they count, not their copies.
    """
    scale, cells = size / few.total(), dict[Hashable, list[float]]()
    for key in many | few:
        expected = (many[key] + few[key] * scale) * size / (many.total() + size)
        cell = cells.setdefault(key if expected >= FEWEST else "rare", [0.0, 0.0])
        cell[0] += many[key]
        cell[1] += few[key] * scale
    ratio = (size / many.total()) ** 0.5
    found = sum((a * ratio - b / ratio) ** 2 / (a + b) for a, b in cells.values())
    free = max(1, len(cells) - 1)
    far = NormalDist().inv_cdf(1 - FALSE_ALARM)
    return found, free * (1 - 2 / (9 * free) + far * (2 / (9 * free)) ** 0.5) ** 3  # Wilson and Hilferty


def a_year(seed: int, count: int) -> World:
    """With procedures of every unit, some with papers, one decided by the province."""
    published("1.010101", "commune", "Ảnh chân dung")
    published("1.010102", "province", "Bản chính giấy tờ", amount=12, unit="calendar_days")
    published("1.010103", "both", amount=1, unit="months")
    published("1.010104", "commune", amount=6, unit="working_hours")
    return replace(a_world(count, seed=seed), since=UNTIL - timedelta(days=365))


@pytest.mark.soak
def test_what_is_printed_is_like_what_is_lived(
    _province: Province,  # noqa: PT019  # of which two are made
    copies: Copies,
    django_db_blocker: Any,
    tmp_path: Path,
) -> None:
    by_mode = []
    for mode, seed, count in (("lived", 1, LIVED), ("printed", 2, PRINTED)):
        (folder := tmp_path / mode).mkdir()
        with province_in(folder, _province, copies, django_db_blocker):
            world = a_year(seed, count)
            if mode == "lived":
                run.prepare(world, print)
                run.run(world, processes=2, progress=print)
            else:
                volume.volume(world, processes=2, progress=print, sample=PATTERNS)
            assert Dossier.objects.count() == count
            by_mode.append(counted())
            assert list(check(UNTIL)) == []
    lived, printed = by_mode
    for name in COMPARED:
        found, most = unlike(lived[name], printed[name], PATTERNS)
        print(f"{name}: {found:.1f} of at most {most:.1f}")
        assert found <= most, (name, lived[name], printed[name])


def test_the_comparison_sees_what_is_unlike() -> None:
    lived = Counter[Hashable]({"a": 550, "b": 400, "c": 50})
    assert passes(lived, Counter({"a": 5_400, "b": 4_050, "c": 550})), "as chance has it"
    assert not passes(lived, Counter({"a": 3_400, "b": 6_050, "c": 550})), "another channel is usual"
    assert not passes(lived, Counter({"a": 6_500, "b": 2_000, "d": 1_500})), "something new"
    assert not passes(Counter(dict.fromkeys(range(10), 100)), Counter(dict.fromkeys(range(8), 1250)))


def passes(lived: Counter[Hashable], printed: Counter[Hashable]) -> bool:
    found, most = unlike(lived, printed, PATTERNS)
    return found <= most
