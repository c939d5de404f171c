"""Changes of office hours. Due times already given to people stay as they were promised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from tinhso.core.ledger.actions import Actor, Refused, action, new_id, record
from tinhso.core.ledger.events import Event

from .events import DayOverridden, OfficeHoursSet, OfficeHoursWithdrawn, OverrideWithdrawn
from .hours import WEEKDAYS, parse_spans, parse_weekly, show_spans
from .models import DayOverride, OfficeHours, Version
from .queries import forget


@action
def set_hours(
    agency: UUID, weekly: Mapping[str, Sequence[str]], *, valid_from: date, by: Actor, at: datetime
) -> OfficeHours:
    """Give an agency, and those below it without their own, weekly hours from a day on.

    Hours given for the same day before are replaced. Raises `Refused` for hours that overlap,
    are out of order, or leave the whole week free.
    """
    try:
        parsed = parse_weekly(weekly)
    except ValueError as error:
        raise Refused(
            "hours_invalid",
            _("Give each working day its hours in order, such as 07:00-11:30, 13:30-17:00."),
            field="weekly",
            status=422,
        ) from error
    week = {day: show_spans(spans) for day, spans in zip(WEEKDAYS, parsed, strict=True) if spans}
    hours, _made = OfficeHours.objects.update_or_create(
        agency_id=agency, valid_from=valid_from, defaults={"weekly": week}
    )
    spans = tuple(f"{day}/{span}" for day, texts in week.items() for span in texts)
    _changed(agency, OfficeHoursSet(valid_from=valid_from, spans=spans), by=by, at=at)
    return hours


@action
def withdraw_hours(hours: OfficeHours, *, by: Actor, at: datetime) -> None:
    """Let the agency follow again what applied before, or what applies above it."""
    OfficeHours.objects.filter(pk=hours.pk).delete()
    _changed(hours.agency_id, OfficeHoursWithdrawn(valid_from=hours.valid_from), by=by, at=at)


@action
def override_day(
    agency: UUID, day: date, *, kind: str, reason: str, by: Actor, at: datetime, hours: Sequence[str] = ()
) -> DayOverride:
    """Close an agency, and those below it, on a day, or open it on a day off (a swap).

    `hours` of an open day may differ from the usual. Raises `Refused` without a reason, or for
    hours that are not in order.
    """
    if not (reason := reason.strip()):
        raise Refused("reason_missing", _("Say why this day differs."), field="reason", status=422)
    try:
        kind = DayOverride.Kind(kind).value
        spans = show_spans(parse_spans(hours)) if kind == DayOverride.Kind.OPEN else []
    except ValueError as error:
        raise Refused(
            "hours_invalid", _("Give the hours in order, such as 07:00-11:30, 13:30-17:00."), field="hours", status=422
        ) from error
    override, _made = DayOverride.objects.update_or_create(
        agency_id=agency, day=day, defaults={"kind": kind, "hours": spans, "reason": reason[:200]}
    )
    _changed(agency, DayOverridden(day=day, kind=kind, hours=tuple(spans)), by=by, at=at, words=reason)
    return override


@action
def withdraw_override(override: DayOverride, *, by: Actor, at: datetime) -> None:
    """Let the day follow the week and the holidays again."""
    DayOverride.objects.filter(pk=override.pk).delete()
    _changed(override.agency_id, OverrideWithdrawn(day=override.day), by=by, at=at)


def _changed(agency: UUID, event: Event, *, by: Actor, at: datetime, words: str = "") -> None:
    Version.objects.update_or_create(pk=1, defaults={"version": new_id()})
    record(event, subject=("worktime.calendar", agency), by=by, at=at, agency=agency, words=words)
    transaction.on_commit(forget)
