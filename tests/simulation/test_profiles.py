"""What a profile says is what is made."""

from __future__ import annotations

import argparse
from itertools import combinations

import pytest

from tests.house.databases import Database
from tests.simulation.test_generated import published
from tinhso.cli.simulate import add_arguments, world_of
from tinhso.core.agencies import units
from tinhso.simulation import profile
from tinhso.simulation.world import World
from tinhso.systems.dossiers.simulation.roads import mix


def asked(*words: str, province: str = "66") -> World:
    command = argparse.ArgumentParser()
    add_arguments(command)
    return world_of(province, command.parse_args(words))


def test_as_many_come_as_the_profile_says_unless_somebody_says_otherwise() -> None:
    ca_mau, hau_giang = asked("--profile", "ca_mau"), asked("--profile", "hau_giang")
    assert (ca_mau.count, ca_mau.communes) == (500_000, 64)
    assert (hau_giang.count, hau_giang.communes) == (300_000, 33)
    assert asked(province="91").count == 1_500_000, "of the province of the install"
    assert asked("--profile", "ca_mau", "--days", "73").count == 100_000
    told = asked("--profile", "ca_mau", "--dossiers", "2000", "--communes", "0")
    assert (told.count, told.communes) == (2000, 0)


def test_no_two_provinces_make_the_same(province: Database) -> None:
    for number in range(6):
        published(f"1.01010{number}", "commune")
    worlds = [asked("--profile", key) for key in profile.names()]
    assert len(worlds) == 5
    for one, other in combinations(worlds, 2):
        assert (one.count, one.communes) != (other.count, other.communes)
        assert odds(one) != odds(other), "what is common in one is rare in the other"
    few = next(world for world in worlds if world.profile.key == "hau_giang")
    assert len(few.places) == 33
    many = next(world for world in worlds if world.profile.key == "quang_nam")
    assert len(many.places) == 102, "no more than the install has"


def odds(world: World) -> dict[str, float]:
    variants, weights = mix(world)
    return {one.version.procedure.code: weight for one, weight in zip(variants, weights, strict=True)}


@pytest.mark.parametrize("key", ["an_giang", "ca_mau", "dak_lak"])
def test_communes_are_those_of_the_list_of_units(key: str) -> None:
    one = profile.load(key)
    assert one["communes"] == len(units.communes(one.unit))
    assert one.figures["communes"].tag == "C"
