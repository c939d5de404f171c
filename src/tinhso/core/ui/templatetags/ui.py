"""Dates, money and time left as people say them; icons; panes. `{% load ui %}`."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.template import Engine
from django.template.base import NodeList, Parser, Token
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

register = template.Library()

WORKING_DAY = timedelta(hours=8)
# Without styles too: an <svg> that says no size is drawn as 300 × 150.
SMALL = SafeString('class="icon" width="20" height="20"')
NARROW = "\N{NO-BREAK SPACE}"


def weekday(day: date) -> str:
    """The name of the day as it stands inside a sentence."""
    return (
        pgettext("weekday", "Monday"),
        pgettext("weekday", "Tuesday"),
        pgettext("weekday", "Wednesday"),
        pgettext("weekday", "Thursday"),
        pgettext("weekday", "Friday"),
        pgettext("weekday", "Saturday"),
        pgettext("weekday", "Sunday"),
    )[day.weekday()]


def local(value: date | datetime) -> date | datetime:
    return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value


@register.filter
def day(value: date | datetime | None) -> str:
    """`22/11/2026`."""
    return local(value).strftime("%d/%m/%Y") if value else ""


@register.filter
def clock(value: datetime | None) -> str:
    """`14:02`."""
    return local(value).strftime("%H:%M") if value else ""


@register.filter
def moment(value: datetime | None) -> str:
    """`16:00 thứ Năm 26/11`, with the year where it is not this one."""
    if not value:
        return ""
    here = local(value)
    pattern = "%d/%m" if here.year == timezone.localdate().year else "%d/%m/%Y"
    return f"{here:%H:%M} {weekday(here)} {here.strftime(pattern)}"


@register.filter
def iso(value: date | datetime | None) -> str:
    """For the `datetime` attribute of `<time>`."""
    return local(value).isoformat() if value else ""


@register.filter
def number(value: int | float | None, places: int = 0) -> str:
    """`12.345` or `12,5`, as Vietnamese write numbers in both our languages."""
    if value is None:
        return ""
    return f"{value:,.{places}f}".translate(str.maketrans(",.", ".,"))


@register.filter
def money(value: int | None) -> str:
    """Whole đồng: `15.000 đ`; nothing to pay is said in words."""
    if value is None:
        return ""
    return f"{number(value)}{NARROW}đ" if value else _("Free of charge")


@register.filter
def filesize(value: int) -> str:
    """Bytes as `320 KB` or `1,4 MB`."""
    if value < 1_000_000:
        return f"{number(max(1, round(value / 1000)))}{NARROW}KB"
    return f"{number(value / 1_000_000, 1)}{NARROW}MB"


@register.filter
def left(value: timedelta | None) -> str:
    """Working time left, rounded so that nobody is promised too much; negative: how late.

    A working day counts eight hours here; under one day it is said in hours, under one hour in minutes.
    """
    if value is None:
        return ""
    late = value < timedelta()
    span = -value if late else value
    if span >= WORKING_DAY:
        days = math.floor(span / WORKING_DAY)
        return _late_days(days) if late else _left_days(days)
    if span >= timedelta(hours=1):
        hours = math.floor(span / timedelta(hours=1))
        return _late_hours(hours) if late else _left_hours(hours)
    minutes = max(1, math.floor(span / timedelta(minutes=1)))
    return _late_minutes(minutes) if late else _left_minutes(minutes)


def _left_days(n: int) -> str:
    return ngettext("%(n)d working day left", "%(n)d working days left", n) % {"n": n}


def _left_hours(n: int) -> str:
    return ngettext("%(n)d working hour left", "%(n)d working hours left", n) % {"n": n}


def _left_minutes(n: int) -> str:
    return ngettext("%(n)d minute left", "%(n)d minutes left", n) % {"n": n}


def _late_days(n: int) -> str:
    return ngettext("%(n)d day late", "%(n)d days late", n) % {"n": n}


def _late_hours(n: int) -> str:
    return ngettext("%(n)d hour late", "%(n)d hours late", n) % {"n": n}


def _late_minutes(n: int) -> str:
    return ngettext("%(n)d minute late", "%(n)d minutes late", n) % {"n": n}


@register.filter
def urgency(value: timedelta | None) -> str:
    """Tone of working time left: "late", "soon" (under a working day) or ""."""
    if value is None:
        return ""
    return "late" if value < timedelta() else "soon" if value < WORKING_DAY else ""


@register.filter
def share(value: timedelta, total: timedelta | None) -> int:
    """How much of `total` is left, 0 to 100, for the bar that empties."""
    if not total:
        return 100 if value > timedelta() else 0
    return round(100 * min(1.0, max(0.0, value / total)))


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of the sprite; with a label where no word stands beside it."""
    href = f"{static('tinhso/icons.svg')}#{name}"
    if label:
        return format_html('<svg {} role="img" aria-label="{}"><use href="{}"></use></svg>', SMALL, label, href)
    return format_html('<svg {} aria-hidden="true"><use href="{}"></use></svg>', SMALL, href)


@register.simple_tag(takes_context=True)
def part(context: template.Context, part_name: str, **values: Any) -> SafeString:
    """`{% part "button" label=_("Apply") href=url %}`: a component of `ui/parts/`.

    It sees only what it is given, so no name of the page leaks into it.
    """
    shared = {key: context[key] for key in ("csrf_token", "request") if key in context}
    engine = context.template.engine if context.template else Engine.get_default()
    return engine.get_template(f"ui/parts/{part_name}.html").render(context.new({**shared, **values}))


class PaneNode(template.Node):
    child_nodelists = ("nodelist",)

    def __init__(self, nodelist: NodeList, name: str, label: Any) -> None:
        self.nodelist, self.name, self.label = nodelist, name, label

    def render(self, context: template.Context) -> SafeString:
        content = self.nodelist.render(context)
        if not content.strip():
            return SafeString("")
        return format_html(
            '<aside class="pane {}" aria-label="{}">{}</aside>', self.name, self.label.resolve(context), content
        )


@register.tag
def pane(parser: Parser, token: Token) -> PaneNode:
    """`{% pane queue label %}…{% endpane %}`: a side pane, absent where the page puts nothing into it."""
    _tag, name, label = token.split_contents()
    nodelist = parser.parse(("endpane",))
    parser.delete_first_token()
    return PaneNode(nodelist, name, parser.compile_filter(label))
