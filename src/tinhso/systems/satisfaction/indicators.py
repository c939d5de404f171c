"""The figures of satisfaction. All of them lie on the first day of the month in which the dossier ended: so asked and
answered are of the same dossiers, and no cell says on which day somebody answered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Count, DateField
from django.db.models.functions import TruncMonth
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tinhso.core.indicators.declare import Delta, Indicator, Key, Kind, Recounted
from tinhso.core.ledger.consumers import Placed
from tinhso.systems.dossiers.models import Dossier

from .actions import ASKED
from .models import Answer

asked = Indicator("satisfaction.asked", title=_("Applicants asked how it went"), unit=_("dossiers"), kind=Kind.COUNT)
answered = Indicator(
    "satisfaction.answered", title=_("Applicants who answered"), unit=_("answers"), kind=Kind.COUNT, dims=("way",)
)
marks = Indicator(
    "satisfaction.marks", title=_("Marks given"), unit=_("marks"), kind=Kind.COUNT, dims=("question", "mark")
)


def _ended(entry: Placed) -> Delta:
    return Delta(day=timezone.localtime(entry.at).date().replace(day=1))


for _event in ("dossiers.returned", "dossiers.refused", "dossiers.stopped"):
    asked.on(_event)(_ended)


@answered.on("satisfaction.answered")
def _is_answered(entry: Placed) -> Iterable[Delta]:
    month = date.fromisoformat(entry.data["month"])
    if entry.data["before_way"]:
        yield Delta(entry.data["before_way"], amount=-1, day=month)
    yield Delta(entry.data["way"], day=month)


@marks.on("satisfaction.answered")
def _is_marked(entry: Placed) -> Iterable[Delta]:
    month = date.fromisoformat(entry.data["month"])
    for codes, change in ((entry.data["before"], -1), (entry.data["marks"], 1)):
        for code in codes:
            question, _colon, mark = code.partition(":")
            yield Delta(question, mark, change, month)


# The same from the rows.


@asked.recounted
def _count_asked() -> Iterable[Recounted]:
    zone = timezone.get_default_timezone()
    for state, field in ASKED.items():
        month = TruncMonth(field, tzinfo=zone, output_field=DateField())
        rows = Dossier.objects.filter(state=state).annotate(month=month).values("month", "agency_id")
        for row in rows.annotate(n=Count("pk")).order_by():
            yield Recounted(Key(row["month"], row["agency_id"]), row["n"])


@answered.recounted
def _count_answered() -> Iterable[Recounted]:
    for row in Answer.objects.values("month", "agency_id", "way").annotate(n=Count("pk")).order_by():
        yield Recounted(Key(row["month"], row["agency_id"], row["way"]), row["n"])


@marks.recounted
def _count_marks() -> Iterable[Recounted]:
    for month, agency, given in Answer.objects.values_list("month", "agency_id", "marks"):
        for question, mark in given.items():
            yield Recounted(Key(month, agency, question, str(mark)), 1)
