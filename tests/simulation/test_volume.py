"""A world printed many times over is as right as the one made by actions, and of the same shape."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from tests.house.databases import Database
from tests.simulation.test_year import ROADS, UNTIL, a_hard_year, a_world
from tinhso.core.accounts.models import Person
from tinhso.core.ledger.actions import Refused
from tinhso.core.ledger.events import canonical
from tinhso.core.ledger.models import Cursor, Entry
from tinhso.simulation import volume
from tinhso.simulation.check import check
from tinhso.systems.dossiers.models import HANDED_OVER, Dossier, Letter, Result
from tinhso.systems.linked.models import Part
from tinhso.systems.satisfaction.models import Reply
from tinhso.systems.vault.models import Paper


def shares(*fields: str, sample: set[object] | None = None) -> dict[object, float]:
    """Parts of all dossiers (or of a sample) by these fields."""
    rows = Dossier.objects.filter(pk__in=sample) if sample is not None else Dossier.objects.all()
    counted = Counter(rows.values_list(*fields))
    return {key: n / counted.total() for key, n in counted.items()}


def broken_off_at(group: int) -> Any:
    """Printing that stops at a group, as when somebody presses Ctrl-C."""
    printed, real = [], volume.Printer.group

    def one(self: volume.Printer, *about: Any) -> Any:
        printed.append(about)
        if len(printed) == group:
            raise KeyboardInterrupt
        return real(self, *about)

    return one


def built() -> set[tuple[str, ...]]:
    """Every index, and every foreign key, of every table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexdef, '' FROM pg_indexes WHERE schemaname = 'public' UNION ALL SELECT conrelid::regclass::text,"
            " conname || pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND convalidated"
        )
        return set(cursor.fetchall())


def test_copies_are_right_and_have_the_shape_of_the_sample(province: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    world, before = a_world(150), built()
    with monkeypatch.context() as patched:
        patched.setattr(volume.Printer, "group", broken_off_at(4))
        with pytest.raises(KeyboardInterrupt):
            volume.volume(world, processes=1, progress=lambda line: None, sample=15)
    assert Dossier.objects.count() == 15 * 4, "what was committed stays; the next run goes on from there"
    assert len(before - built()) > 30, "while it loads, nothing is checked and kept up row by row"
    made = volume.volume(world, processes=1, progress=lambda line: None, sample=15)
    assert (made.cases, made.copies) == (150, 9)
    assert built() == before
    assert list(check(UNTIL)) == []
    sample = set(Dossier.objects.order_by("-id").values_list("pk", flat=True)[:15])  # ids of copies are older
    for fields in (("state",), ("procedure_code", "channel"), ("state", "fee")):
        assert shares(*fields) == shares(*fields, sample=sample)
    assert Dossier.objects.values("code").distinct().count() == 150
    lost = Dossier.objects.exclude(applicant__full_name=F("applicant_name"))
    assert not lost.exists(), "a dossier bears its applicant's name"
    one = Dossier.objects.order_by("id").select_related("applicant")[0]
    assert one.applicant is not None
    assert one.applicant.national_id == one.answers["requester"]["national_id"]
    assert Person.objects.filter(pk=one.applicant.pk).count() == 1
    entry = Entry.objects.get(subject_id=one.pk, event="dossiers.submitted")
    assert entry.data["answers"] == one.digest(canonical(one.answers).encode())
    assert entry.data["code"] == one.code
    again = volume.volume(world, processes=1, progress=lambda line: None, sample=15)
    assert again.cases == 150
    assert Dossier.objects.count() == 150
    assert list(check(UNTIL)) == []


def test_all_roads_of_the_law_are_walked_and_printed_and_everything_holds(province: Database) -> None:
    Cursor.objects.create(consumer="vault.papers")  # a worker has run here before
    world = a_hard_year(44, communes=2)
    made = volume.volume(world, processes=1, progress=lambda line: None, sample=22)
    assert made.copies == 1
    assert list(check(UNTIL)) == []
    often = Counter(Entry.objects.filter(event__in=ROADS).values_list("event", flat=True))
    assert ROADS - often.keys() == set()
    assert {name: n for name, n in often.items() if n % 2} == {}, "each in the sample and in its copy"
    assert not Entry.objects.filter(at__gte=world.until, event__startswith="dossiers").exists()
    assert not Letter.objects.filter(file=None).exists(), "no letter waits to be made"
    parts = Part.objects.select_related("joint", "dossier")
    for part in parts:
        assert part.joint.applicant_name == part.dossier.applicant_name
    ended = parts.filter(joint__returned_at__isnull=False)
    assert ended.exists(), "a joint application comes to its end"
    assert not ended.filter(dossier__finished_at__gt=F("joint__finished_at")).exists(), "but not before its parts"
    for part in parts.filter(dossier__answers__has_key="certificate_number"):
        birth = Result.objects.get(dossier__in=parts.filter(joint=part.joint).values("dossier"), version=1)
        assert part.dossier.answers["certificate_number"] == birth.notation, "of the copy's own certificate"
        entry = Entry.objects.get(event="dossiers.submitted", subject_id=part.dossier_id)
        assert entry.data["answers"] == part.dossier.digest(canonical(part.dossier.answers).encode())
    papers = Paper.objects.select_related("result__dossier__variant", "result__number")
    handed = Result.objects.filter(HANDED_OVER, issued__isnull=False)
    assert len(papers) == handed.count() > 0, "what was handed over is in the vault"
    assert {paper.number for paper in papers if paper.result and paper.number != paper.result.notation} == set()
    assert not Reply.objects.exclude(dossier__agency=F("answer__agency")).exists(), "an answer goes with its dossier"


def test_it_refuses_where_somebody_else_works(province: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(volume, "LEAVING", 0.0)
    with province.connect("tinhso_app"), pytest.raises(Refused) as refusal:
        volume.volume(a_world(), processes=1, progress=lambda line: None)
    assert refusal.value.code == "not_alone"
