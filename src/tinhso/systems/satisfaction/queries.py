"""What heads, leaders and auditors read: shares with how many they rest on, and words without anybody's name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from tinhso.core.agencies.models import Agency, Role, Staff
from tinhso.core.agencies.queries import agencies_of
from tinhso.core.indicators.queries import AsOf, Figure, figure

from .models import Answer, Reply, Way
from .sheets import Sheet, sheet

READERS = (Role.UNIT_HEAD, Role.LEADER, Role.AUDITOR)
MONTHS = 12  # that one may choose from
GOOD = 2  # of the marks, the best two


@dataclass(frozen=True)
class Period:
    """Whole months that are over, `since` and `until` included."""

    key: str
    label: str
    since: date
    until: date


def month_of(day: date, later: int = 0) -> date:
    """The first day of the month that is `later` months after that of a day."""
    number = day.year * 12 + day.month - 1 + later
    return date(number // 12, number % 12 + 1, 1)


def periods(at: datetime) -> list[Period]:
    """What can be read at that moment, the last month first. The running month never: see the package's head."""
    this = month_of(timezone.localtime(at).date())
    eve = this - timedelta(days=1)
    firsts = [month_of(this, -n) for n in range(1, MONTHS + 1)]
    months = [
        Period(f"{m:%Y-%m}", _("Month %(month)s") % {"month": f"{m:%m/%Y}"}, m, month_of(m, 1) - timedelta(days=1))
        for m in firsts
    ]
    years = [(date(year, 1, 1), min(date(year, 12, 31), eve)) for year in (this.year, this.year - 1)]
    return months + [
        Period(f"{since:%Y}", _("Year %(year)d, the months that are over") % {"year": since.year}, since, until)
        for since, until in years
        if since < until
    ]


@dataclass(frozen=True)
class Asked:
    """A question, how many answered it, and per cent of each mark, the best first; empty where too few answered, as
    are the points that the marks come to."""

    key: str
    label: str
    answers: int
    shares: list[int]
    points: float | None


@dataclass(frozen=True)
class Place:
    """An agency itself: how many were asked, how many answered, per cent good or better; None where too few."""

    agency: Agency
    asked: int
    answers: int
    good: int | None


@dataclass(frozen=True)
class Shown:
    """The whole page: of one agency with everything below it, in one period."""

    sheet: Sheet
    asked: int
    answers: int
    by_slip: int
    questions: list[Asked]
    places: list[Place]
    as_of: AsOf


def shown(agency: Agency, period: Period) -> Shown:
    """Figures of an agency and everything below. Who asks must reach the agency."""
    read = partial(figure, since=period.since, until=period.until, agency=agency.pk)
    rules = sheet(period.until)
    asked = read("satisfaction.asked", by="agency")
    answers = read("satisfaction.answered", by="agency")
    slips = read("satisfaction.answered", where={"way": Way.SLIP})
    by_mark = []  # for each mark: question → how many
    for mark in rules.marks:
        cut = read("satisfaction.marks", by="question", where={"mark": mark.mark})
        by_mark.append({row.of: row.count for row in cut.rows})
    questions = []
    for question in rules.questions:
        counts = [of.get(question.key, 0) for of in by_mark]
        total = sum(counts)
        enough = total >= rules.enough
        shares = [round(100 * n / total) for n in counts] if enough else []
        points = sum(m.points * n for m, n in zip(rules.marks, counts, strict=True)) / total if enough else None
        questions.append(Asked(question.key, question.label, total, shares, points))
    places = _places(read, rules, asked, answers)
    return Shown(rules, asked.value, answers.value, slips.value, questions, places, asked.as_of)


def _places(read: Callable[..., Figure], rules: Sheet, asked: Figure, answers: Figure) -> list[Place]:
    good: dict[UUID, int] = {}
    for mark in rules.marks[:GOOD]:
        where = {"question": rules.questions[0].key, "mark": mark.mark}
        for row in read("satisfaction.marks", by="agency", where=where).rows:
            good[row.of] = good.get(row.of, 0) + row.count
    of_all = {row.of: row.count for row in asked.rows}
    given = {row.of: row.count for row in answers.rows}
    places = []
    for one in Agency.objects.filter(pk__in=of_all.keys() | given.keys()).order_by("code"):
        n = given.get(one.pk, 0)
        share = round(100 * good.get(one.pk, 0) / n) if n >= rules.enough else None
        places.append(Place(one, of_all.get(one.pk, 0), n, share))
    return places


def words(agency: Agency, period: Period) -> QuerySet[Reply]:
    """Words to an agency and those below, from months of an agency in which enough answered.

    To be read in the order of `answer_id`, which is random and tells nothing of when they came.
    """
    same = Answer.objects.filter(agency=OuterRef("answer__agency"), month=OuterRef("answer__month"))
    crowd = same.order_by().values("agency").annotate(n=Count("pk")).values("n")
    below = Agency.objects.filter(path__contains=[agency.pk]).values("pk")
    found = Reply.objects.filter(
        answer__agency__in=below, answer__month__gte=period.since, answer__month__lte=period.until
    )
    found = found.exclude(words="").alias(crowd=Subquery(crowd)).filter(crowd__gte=sheet(period.until).enough)
    return found.select_related("answer__agency").only("words", "answer__marks", "answer__agency__short_name")


def traceable(staff: Staff | None) -> QuerySet[Answer]:
    """Answers that an auditor may trace; none for any other role."""
    return Answer.objects.filter(agency__in=agencies_of(staff, (Role.AUDITOR,)).values("pk"))
