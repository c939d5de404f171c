"""Reads of joint dossiers: their parts, what is promised, what the applicant must do, the one timeline."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from time import monotonic
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from tinhso.core.agencies.models import Staff
from tinhso.core.worktime.queries import calendar_for
from tinhso.systems.dossiers.listing import Beneath
from tinhso.systems.dossiers.models import Dossier, State, Supplement
from tinhso.systems.dossiers.queries import in_reach, whereabouts
from tinhso.systems.dossiers.words import Line, lines
from tinhso.systems.procedures.models import Variant
from tinhso.systems.procedures.queries import KEPT, variant_in_force

from .bundles import Bundle, Planned, Standing, bundle_of, bundles, standings
from .models import Decision, Part

MOST = 100  # joint dossiers on a list


def opened(joint: Dossier) -> dict[str, Dossier]:
    """The dossiers opened from a joint one, by key."""
    rows = Part.objects.filter(joint=joint).select_related("dossier__variant", "dossier__agency")
    return {row.key: row.dossier for row in rows}


def joint_of(dossier: Dossier) -> Dossier | None:
    """The joint dossier that this one is a part of."""
    row = Part.objects.filter(dossier=dossier).select_related("joint").first()
    return row.joint if row else None


def told_as_parts(dossiers: Collection[UUID]) -> set[UUID]:
    """Those of some dossiers that are parts: their applicants are told in the thread of the joint one."""
    return set(Part.objects.filter(dossier__in=dossiers).values_list("dossier_id", flat=True))


@dataclass(frozen=True)
class Row:
    """One part as pages show it. Before it is opened `dossier` is None and `due` a forecast."""

    planned: Planned
    standing: Standing
    title: str
    sentence: str
    dossier: Dossier | None = None
    due: datetime | None = None
    decision: Decision | None = None
    asked: Supplement | None = None

    @property
    def decider(self) -> str:
        return self.planned.decider or (self.dossier.agency.name if self.dossier else "")


@dataclass(frozen=True)
class Joint:
    """A joint dossier with all its parts. `last` is when all of it is promised: promises given, else forecast from
    the limits of what is still to be opened (`sure` says which); None before the counter has accepted it."""

    dossier: Dossier
    bundle: Bundle
    rows: list[Row]
    last: datetime | None
    sure: bool

    @property
    def asked(self) -> list[Row]:
        """Parts that wait for the applicant."""
        return [row for row in self.rows if row.asked]


def joint(dossier: Dossier) -> Joint | None:
    """All that pages show of a joint dossier; None where it is none."""
    bundle = bundle_of(dossier)
    if bundle is None:
        return None
    parts = opened(dossier)
    now = standings(bundle, parts)
    of_parts = [one.pk for one in parts.values()]
    decisions = {d.dossier_id: d for d in Decision.objects.filter(dossier__in=of_parts).select_related("file")}
    waiting = Supplement.objects.filter(dossier__in=of_parts, received_at=None, dossier__state=State.SUPPLEMENT)
    asked = {one.dossier_id: one for one in waiting.select_related("letter")}
    rows: list[Row] = []
    for planned in bundle.parts:
        part = parts.get(planned.key)
        before = next((row.due for row in rows if row.planned.key == planned.after), dossier.accepted_at)
        rows.append(_row(planned, now[planned.key], part, rows, before))
        if part:
            rows[-1] = replace(rows[-1], decision=decisions.get(part.pk), asked=asked.get(part.pk))
    ahead = [row.due for row in rows if row.due and row.standing in (Standing.OPEN, Standing.READY, Standing.WAITING)]
    last = max([*ahead, *([dossier.due_at] if dossier.due_at else [])], default=None)
    sure = all(row.dossier or row.standing == Standing.DROPPED for row in rows)
    return Joint(dossier, bundle, rows, last, sure)


def _row(planned: Planned, standing: Standing, part: Dossier | None, rows: list[Row], before: datetime | None) -> Row:
    if part:
        sentence = _with(planned, standing, part) or whereabouts(part).sentence
        return Row(planned, standing, part.variant.title, sentence, part, part.due_at)
    variant = variant_in_force(planned.procedure, planned.variant)
    title = variant.title if variant else planned.procedure
    needed = next((row.title for row in rows if row.planned.key == planned.after), "")
    sentence, due = _unopened(standing, needed), None
    if variant and before and standing in (Standing.WAITING, Standing.READY) and rows:
        agency = rows[0].dossier.agency_id if rows[0].dossier else None
        due = calendar_for(agency).add(before, variant.duration) if agency else None
    return Row(planned, standing, title, sentence, None, due)


def _with(planned: Planned, standing: Standing, part: Dossier) -> str:
    """Which agency outside this house has an open part; empty: its own steps say where it is."""
    if standing != Standing.OPEN or not planned.decider or part.state == State.SUPPLEMENT:
        return ""
    return _("With: %(who)s. The counter records their answer here.") % {"who": planned.decider}


def _unopened(standing: Standing, needed: str) -> str:
    """Why a part has no dossier; `needed` is the part it comes after."""
    if standing == Standing.DROPPED:
        return _("Not opened, because this ended without a result: %(needed)s.") % {"needed": needed}
    if standing == Standing.WAITING:
        return _("Is opened as soon as this is done: %(needed)s. You need not do anything.") % {"needed": needed}
    return _("Is being opened.")


def parts_among(followed: QuerySet[Dossier]) -> QuerySet[Part, Any]:
    """Keys of the dossiers that are parts of some joint ones, for a list that shows them beneath these."""
    return Part.objects.filter(joint__in=followed.values("pk")).values("dossier")


def beneath(dossiers: Collection[Dossier]) -> dict[UUID, list[Beneath]]:
    """The parts of those that are joint, opened or not, in the order of their bundle. One question for all of them."""
    joint = {one.pk: bundle for one in dossiers if (bundle := bundle_of(one))}
    if not joint:
        return {}
    parts: dict[UUID, dict[str, Dossier]] = {pk: {} for pk in joint}
    found = Part.objects.filter(joint__in=joint).select_related("dossier__variant", "dossier__agency")
    for row in found.defer("dossier__answers"):
        parts[row.joint_id][row.key] = row.dossier
    return {pk: _beneath(bundle, parts[pk]) for pk, bundle in joint.items()}


def _beneath(bundle: Bundle, parts: dict[str, Dossier]) -> list[Beneath]:
    now = standings(bundle, parts)
    titles: dict[str, str] = {}
    out = []
    for planned in bundle.parts:
        part, standing = parts.get(planned.key), now[planned.key]
        titles[planned.key] = part.variant.title if part else _title(planned)
        sentence = _with(planned, standing, part) if part else _unopened(standing, titles.get(planned.after, ""))
        out.append(Beneath(titles[planned.key], part, sentence))
    return out


def _title(planned: Planned) -> str:
    """What a part will be called; which case is in force is asked at most once in `KEPT` seconds."""
    variant = _in_force(planned.procedure, planned.variant, int(monotonic() // KEPT))
    return variant.title if variant else planned.procedure


@lru_cache(maxsize=64)
def _in_force(code: str, key: str, while_: int) -> Variant | None:
    return variant_in_force(code, key)


def timeline(shown: Joint, inside: Collection[UUID] = ()) -> list[Line]:
    """What happened to the joint dossier and to all its parts, in one order; each line of a part says of which. Of the
    dossiers `inside` as their officials read it, of the others as the applicant does."""
    found = lines(shown.dossier, for_applicant=shown.dossier.pk not in inside)
    for row in shown.rows:
        if row.dossier:
            of_part = lines(row.dossier, for_applicant=row.dossier.pk not in inside)
            found += [replace(line, title=f"{row.title}: {line.title}") for line in of_part]
    return sorted(found, key=lambda line: (line.at, line.id))


def seen_by(staff: Staff | None, dossier_id: UUID) -> tuple[Dossier | None, set[UUID]]:
    """A joint dossier that an official reaches, or of which they reach a part; and which of all these they reach."""
    reach = in_reach(staff)
    dossier = Dossier.objects.select_related("agency", "variant").filter(pk=dossier_id).first()
    parts = Part.objects.filter(joint=dossier_id).values_list("dossier_id", flat=True)
    inside = set(reach.filter(pk__in=[dossier_id, *parts]).values_list("pk", flat=True))
    return (dossier if inside else None), inside


@dataclass(frozen=True)
class Listed:
    """A joint dossier in a line: how many of its parts are done, which are open, and when the last of these is due."""

    dossier: Dossier
    done: int
    all: int
    open: list[Dossier]
    last: datetime | None


def in_work(staff: Staff) -> list[Listed]:
    """Joint dossiers in an official's reach that are not processed yet, what is due first on top; at most `MOST`."""
    mine = in_reach(staff).filter(procedure_code__in=bundles(), finished_at=None)
    dossiers = list(mine.order_by("due_at", "submitted_at", "pk")[:MOST])
    parts: dict[UUID, dict[str, Dossier]] = {}
    for row in Part.objects.filter(joint__in=dossiers).select_related("dossier__variant").defer("dossier__answers"):
        parts.setdefault(row.joint_id, {})[row.key] = row.dossier
    return [_listed(one, bundle, parts.get(one.pk, {})) for one in dossiers if (bundle := bundle_of(one))]


def _listed(dossier: Dossier, bundle: Bundle, parts: dict[str, Dossier]) -> Listed:
    now = standings(bundle, parts)
    open_ones = [parts[key] for key, one in now.items() if one == Standing.OPEN]
    last = max((one.due_at for one in (dossier, *open_ones) if one.due_at), default=None)
    return Listed(dossier, list(now.values()).count(Standing.DONE), len(now), open_ones, last)
