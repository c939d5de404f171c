"""The three facts on top of a procedure, in words: how long, how much, where."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import time
from typing import Any, Protocol

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tinhso.core.forms.text import localized
from tinhso.core.worktime.calendar import Unit

from .fees import describe_fee
from .models import Variant


class Limit(Protocol):
    """A time limit: of a variant, or of a procedure in a list."""

    @property
    def amount(self) -> int: ...
    @property
    def unit(self) -> str: ...
    @property
    def cutoff(self) -> time | None: ...


def how_long(limit: Limit) -> str:
    """`3 ngày làm việc`, or the same day with its cut-off."""
    n, unit = limit.amount, limit.unit
    if unit == Unit.WORKING_DAYS and n == 0:
        if limit.cutoff is None:
            return _("The same day")
        return _("The same day; handed in after %(time)s, the next working day") % {
            "time": limit.cutoff.strftime("%H:%M")
        }
    if unit == Unit.WORKING_HOURS:
        words = ngettext("%(n)d working hour", "%(n)d working hours", n)
    elif unit == Unit.WORKING_DAYS:
        words = ngettext("%(n)d working day", "%(n)d working days", n)
    elif unit == Unit.CALENDAR_DAYS:
        words = ngettext("%(n)d day", "%(n)d days", n)
    else:
        words = ngettext("%(n)d month", "%(n)d months", n)
    return words % {"n": n}


def how_much(variant: Variant) -> str:
    """The fee in a sentence."""
    return describe_fee(variant.fee_rule)


def fee_notes(variant: Variant) -> list[str]:
    """Who pays nothing, and what else there is to know about the fee."""
    return [localized(variant.fee_rule[key]) for key in ("free_for", "note") if key in variant.fee_rule]


def told(notice: Mapping[str, Any] | None) -> dict[str, Any]:
    """What a page says where one cannot apply, by language: `why` and `place`; the rest of a notice is for counting."""
    return {key: words for key, words in (notice or {}).items() if key in ("why", "place")}


def where(variant: Variant) -> str:
    """The ways of handing in."""
    return channels_in_words(variant.channels)


def channels_in_words(channels: Collection[str]) -> str:
    """`Online, at the counter or by post`."""
    names = {"online": _("online"), "counter": _("at the counter"), "post": _("by post")}
    words = [names[channel] for channel in names if channel in channels]
    text = (
        words[0]
        if len(words) == 1
        else _("%(first)s or %(last)s")
        % {
            "first": ", ".join(words[:-1]),
            "last": words[-1],
        }
    )
    return text[0].upper() + text[1:]
