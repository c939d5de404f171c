"""Procedures made of national rows are lived and printed: what they demand is one marked page, who decides may be the
province."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from tests.house.databases import Database
from tests.simulation.test_year import UNTIL, a_world, lived, often
from tinhso.core.agencies.demo import home
from tinhso.core.files.models import FileLink
from tinhso.core.ledger.actions import Actor
from tinhso.core.numbering.models import Book, Number
from tinhso.simulation import volume
from tinhso.simulation.check import check
from tinhso.simulation.world import World
from tinhso.systems.dossiers.models import Component, Dossier, Result
from tinhso.systems.dossiers.simulation.handing_in import application
from tinhso.systems.dossiers.simulation.roads import mix
from tinhso.systems.procedures import actions, generate

PAPERS = ("Bản chính giấy tờ nhà đất", "Ảnh chân dung")
RARE = {"2.000815": 0.10, "2.000635": 0.05, "1.004873": 0.05, "2.000986": 0.0, "2.002622": 0.0}


def published(code: str, level: str, *papers: str, amount: int = 5, unit: str = "working_days") -> None:
    """A procedure as the import makes it of a row that asks everybody for these papers."""
    at = UNTIL - timedelta(days=90)
    about = {"code": code, "name": f"Thủ tục {code}", "field": {"key": "dat-dai", "name": "Đất đai"}, "level": level}
    data = generate.begin(about, on=at.date())
    asked = [{"name": name, "originals": 1, "copies": 0} for name in papers]
    data["version"]["stated"] = {"ways": [], "papers": [{"case": "", "papers": asked}]}
    limit = {"amount": amount, "unit": unit}
    steps = generate.usual_process(level, limit)
    data["variants"] = [{**generate.begin_case(data), "duration": limit, "process": steps}]
    actions.publish(data, origin="national", by=Actor.system("test"), at=at)


def a_mixed_world(count: int) -> World:
    published("1.010101", "commune", *PAPERS)
    published("1.010102", "province", PAPERS[0], amount=8)
    published("1.010103", "both")
    return replace(a_world(count, communes=2), profile=often(procedures=RARE))


def papers_are_right() -> None:
    """Each paper is a page of its own dossier, and what the answers name."""
    for one in Component.objects.select_related("dossier", "file"):
        assert (one.file.owner_kind, one.file.owner_id) == ("dossiers.dossier", one.dossier_id)
        assert str(one.file_id) in one.dossier.answers[one.key]
        assert not one.file.personal
    assert not FileLink.objects.filter(owner_kind="").exists(), "no page is left over"
    given = Counter(Component.objects.values_list("dossier__procedure_code", "name"))
    asked = Counter(Dossier.objects.values_list("procedure_code", flat=True))
    assert given == {("1.010101", name): asked["1.010101"] for name in PAPERS} | {
        ("1.010102", PAPERS[0]): asked["1.010102"]
    }
    assert min(given.values()) > 0


def test_what_demands_papers_and_what_the_province_decides_are_printed_and_everything_holds(
    province: Database,
) -> None:
    world = a_mixed_world(60)
    made = volume.volume(world, processes=1, progress=lambda line: None, sample=30)
    assert (made.copies, Dossier.objects.count()) == (1, 60)
    assert list(check(UNTIL)) == []
    papers_are_right()
    committee, counters = home()[0], {place.agency.pk for place in world.places}
    decided = Dossier.objects.filter(procedure_code="1.010102")
    assert {one.agency_id for one in decided} == {committee.pk}
    assert {one.receiving_agency_id for one in decided} == counters, "handed in where people live"
    numbers = Number.objects.filter(book__agency=committee).order_by("book", "value")
    results = Result.objects.filter(dossier__in=decided, number__isnull=False)
    assert {one.number_id for one in results} == {one.pk for one in numbers}, "the province's numbers are its own"
    assert len(numbers) > 2
    assert not Book.objects.filter(kind="result:1.010102").exclude(agency=committee).exists()


def test_named_procedures_keep_their_shares_and_the_others_share_the_rest(province: Database) -> None:
    world = a_mixed_world(100)
    variants, weights = mix(world)
    shares = Counter[str]()
    for one, weight in zip(variants, weights, strict=True):
        shares[one.version.procedure.code] += weight  # type: ignore[assignment]
    for code in ("2.000815", "2.000635", "1.004873"):
        assert round(shares.pop(code), 9) == RARE[code]
    first, second, third = sorted(shares.values(), reverse=True)
    assert (round(first / second, 9), round(first / third, 9)) == (2, 3), "falling as 1/rank"
    assert round(sum(shares.values()), 9) == 0.8
    again = [(one.version.procedure.code, weight) for one, weight in zip(*mix(world), strict=True)]
    assert again == [(one.version.procedure.code, weight) for one, weight in zip(variants, weights, strict=True)]
    fewer = dict(world.profile.figures)
    fewer["services"] = replace(fewer["services"], value=4)
    few, _weights = mix(replace(world, profile=replace(world.profile, figures=fewer)))
    assert {one.version.procedure.code for one in few} > {"2.000815", "2.000635", "1.004873"}, "first those named"
    assert len({one.version.procedure.code for one in few}) == 4


def test_the_post_hands_in_what_needs_no_paper(province: Database) -> None:
    world = lived(a_mixed_world(6))
    codes = {application(world, world.arrival(n))["procedure"] for n in range(6)}
    assert codes.isdisjoint({"1.010101", "1.010102"})
