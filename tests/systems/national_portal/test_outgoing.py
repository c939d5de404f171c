"""What the portal is told of a dossier: everything, in order, once, and truthfully."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from tests.house.databases import Database
from tests.systems.dossiers.builders import MONDAY, a_dossier, by

from tinhso.core.agencies.models import Role
from tinhso.systems.dossiers import actions as dossiers
from tinhso.systems.national_portal.models import Item, Link, State

from .portal import Beside, begun, beside, read, sent


@pytest.fixture
def portal(province: Database, settings: Any) -> Iterator[Beside]:
    with beside(settings) as one:
        yield one


def services(heard: list[tuple[str, dict[str, Any]]]) -> str:
    """`D1 S1 D2 S2`: dossier and steps with the state each names."""
    return " ".join(
        f"D{record['TrangThaiHoSo']}" if service == "DongBoHoSoMC" else f"S{record['TrangThai']}"
        for service, record in heard
    )


def test_a_whole_life_is_told_in_order_and_every_field_passes(portal: Beside) -> None:
    begun()
    one = a_dossier().submitted().accepted().with_letters().assigned().proposed().signed().issued().returned()
    sent()
    assert portal.portal.refused == []
    assert Item.objects.exclude(state=State.SENT).count() == 0
    heard = portal.heard(one.row.code)
    assert services(heard) == "D1 S1 D2 S2 D4 S4 S4 S4 S4 D9 S9 D10 S10"
