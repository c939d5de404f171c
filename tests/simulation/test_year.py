"""A small simulated year, made by the real actions, and everything that must hold of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection

from tests.house.databases import Database
from tinhso.core.process.models import Task
from tinhso.core.worktime.calendar import ZONE
from tinhso.simulation import profile, run
from tinhso.simulation.check import check
from tinhso.simulation.world import World
from tinhso.systems.dossiers.models import Consultation, Dossier
from tinhso.systems.dossiers.simulation import roads
from tinhso.systems.linked import demo as linked
from tinhso.systems.procedures.queries import variant_in_force

UNTIL = datetime(2026, 11, 20, 12, tzinfo=ZONE)


def a_world(count: int = 24, *, seed: int = 1, communes: int = 3) -> World:
    return World(profile.load("dak_lak"), seed, UNTIL - timedelta(days=60), UNTIL, count, communes)


def lived(world: World) -> World:
    run.prepare(world, lambda line: None)
    run.run(world, processes=1, progress=lambda line: None)
    return world


def test_a_year_of_dossiers_lives_through_the_actions_and_everything_holds(province: Database) -> None:
    world = lived(a_world())
    assert Dossier.objects.count() == world.count
    assert list(check(UNTIL)) == []
    states = set(Dossier.objects.values_list("state", flat=True))
    assert 10 in states, "some are returned"
    assert not Task.objects.filter(closed_at__gte=world.until).exists(), "nothing happens after the end"
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE queue_name = 'letters'")
        assert cursor.fetchone() == (0,), "no letter waits to be made"


def often(**figures: Mapping[str, object] | float) -> profile.Profile:
    """Đắk Lắk, where what is rare comes often; parts of a figure are put in its place."""
    usual = profile.load("dak_lak")
    told = dict(usual.figures)
    for name, value in figures.items():
        told[name] = replace(told[name], value=usual[name] | value if isinstance(value, Mapping) else value)
    return replace(usual, figures=told)


def a_hard_year(count: int, *, communes: int) -> World:
    """Joint applications, incomplete ones, more time, mistakes in results, and everybody says how it went."""
    hard = often(
        procedures={"2.000986": 0.2, "2.002622": 0.1},
        outcomes={
            "receive.supplement": 0.3,
            "appraise.supplement": 0.3,
            "supplement.never": 0.4,
            "elsewhere.refuse": 0.2,
        },
        supplement={"days": 2},
        more_time=1.0,
        afterwards={"corrected": 0.5, "cancelled": 0.2, "days": 1},
        satisfaction={"answers": 0.8},
    )
    linked.publish_procedures()
    return replace(a_world(count, seed=2, communes=communes), profile=hard)  # one in which all of it happens


# What must have happened in a hard year.
ROADS = {
    "dossiers.supplement_requested", "dossiers.supplement_received", "dossiers.stopped", "dossiers.extended",
    "dossiers.correction_asked", "dossiers.correction_granted", "dossiers.correction_declined",
    "dossiers.correction_issued", "dossiers.correction_returned", "dossiers.result_cancelled",
    "linked.part_opened", "linked.decided_elsewhere", "satisfaction.answered",
}  # fmt: skip


def test_births_are_registered_and_the_commune_of_the_marriage_is_asked(
    province: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    linked.publish_procedures()
    birth = variant_in_force("1.001193")
    monkeypatch.setattr(roads, "choose", lambda world, arrival: birth)
    world = lived(replace(a_world(10, communes=2), profile=often(outcomes={"appraise.consult": 0.6})))
    assert list(check(UNTIL)) == []
    asked = Consultation.objects.select_related("task", "dossier")
    assert asked.filter(task__closed_at__isnull=False).exists()
    assert all(one.task.agency_id != one.dossier.agency_id for one in asked)
    assert world.count == Dossier.objects.filter(procedure_code="1.001193").count()
