"""When people are left in peace, and when the summary of the day goes out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path

from django.utils import timezone

from .models import Notice, Preference


@dataclass(frozen=True)
class Manners:
    """What holds where a recipient has not chosen otherwise, from a day on (`data/manners.json`)."""

    since: date
    quiet_from: time
    quiet_to: time
    digest_at: time


@cache
def _all() -> list[Manners]:
    rows = json.loads((Path(__file__).parent / "data" / "manners.json").read_text())
    return sorted(
        (
            Manners(
                date.fromisoformat(row["from"]),
                *(time.fromisoformat(row[name]) for name in ("quiet_from", "quiet_to", "digest_at")),
            )
            for row in rows
        ),
        key=lambda one: one.since,
    )


def manners(day: date) -> Manners:
    """Those in force on a day; before the first, the first."""
    return next((one for one in reversed(_all()) if one.since <= day), _all()[0])


def preference_of(notice: Notice) -> Preference | None:
    """The choice of a notice's recipient; None where they never chose."""
    person = notice.person_id or (notice.account.person_id if notice.account else None)
    found = Preference.objects.filter(person=person) if person else Preference.objects.filter(account=notice.account_id)
    return found.first()


def quiet_until(at: datetime, choice: Preference | None) -> datetime | None:
    """The end of the quiet hours that `at` lies in; None outside them. In the province's time."""
    here = timezone.localtime(at)  # a conversion; the clock is the caller's
    default = manners(here.date())
    start, end = default.quiet_from, default.quiet_to
    if choice and choice.quiet_from is not None and choice.quiet_to is not None:
        start, end = choice.quiet_from, choice.quiet_to
    now = here.time().replace(tzinfo=None)
    within = start <= now < end if start <= end else (now >= start or now < end)
    if not within:
        return None
    day = here.date() if now < end else here.date() + timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, end))
