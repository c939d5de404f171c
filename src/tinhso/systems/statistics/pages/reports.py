"""The periodic table: as it stands now, sent and frozen, and as it was sent beside what it would be today."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tinhso.core.agencies.models import Agency, Role
from tinhso.core.files.content import XLSX
from tinhso.core.ledger.actions import Refused
from tinhso.core.ledger.queries import timeline
from tinhso.core.ui.access import may
from tinhso.core.ui.request import Request
from tinhso.core.ui.templatetags.ui import number
from tinhso.systems.dossiers.queries import READERS

from .. import actions
from ..cases import LISTS as OPENS
from ..form import COLUMNS, FIRST, GROUPS, LISTS, TITLE, Compared, Form, Official, Row, compared, of_content, official
from ..models import Report
from ..periods import LABELS, MONTHS, Kind, Period, period, reporting
from ..queries import reach, scope
from ..sheet import workbook
from .asked import agency_of, day_of

SENDERS = (Role.UNIT_HEAD, Role.LEADER)
LISTED = 20  # reports on a page


def _asked(request: Request, at: datetime) -> tuple[Agency, Form, Period, Period]:
    """Agency, form, the calendar's period, and the days that are reported of it; the last that is over unless said."""
    given = request.POST if request.method == "POST" else request.GET
    kind = Kind(given["kind"]) if given.get("kind") in [k.value for k in MONTHS] else Kind.QUARTER
    calendar = period(kind, day_of(given.get("day"), at))
    if not given.get("day"):
        calendar = calendar.before
    form = Form(given["form"]) if given.get("form") in list(Form) else Form.BY_FIELD
    return agency_of(request), form, calendar, reporting(calendar, settings.TINHSO.report_first_day)


def in_words(calendar: Period, when: Period) -> str:
    """As the form's head says it."""
    return f"Kỳ báo cáo: {calendar.label} (từ ngày {when.since:%d/%m/%Y} đến ngày {when.until:%d/%m/%Y})"


@may(*READERS)
@require_GET
@never_cache
def table(request: Request) -> HttpResponse:
    """The table of a period as the indicators have it now, and what was sent before."""
    now = timezone.now()
    agency, form, calendar, when = _asked(request, now)
    with override("vi"):
        shown = official(form, scope(agency), when, at=now)
    query = f"?agency={agency.pk}&kind={calendar.kind}&form={form}&day="
    context = {
        **_table(shown, agency, when),
        "agency": agency,
        "form": form,
        "calendar": calendar,
        "when": when,
        "forms": [
            {"label": _("By field (II.06a)"), "url": _url(query, calendar, form="06a"), "current": form == "06a"},
            {"label": _("By agency (II.06b)"), "url": _url(query, calendar, form="06b"), "current": form == "06b"},
        ],
        "kinds": [
            {
                "label": LABELS[kind],
                "url": f"?agency={agency.pk}&form={form}&kind={kind}&day={calendar.since}",
                "current": kind is calendar.kind,
            }
            for kind in MONTHS
        ],
        "earlier": f"{query}{calendar.before.since}",
        "later": f"{query}{calendar.after.since}" if when.until < timezone.localdate(now) else "",
        "here": f"{query}{calendar.since}",
        "over": when.until < timezone.localdate(now),
        "sends": request.staff is not None and request.staff.has_role(*SENDERS),
        "sent": Report.objects.filter(agency=agency).select_related("sent_by").order_by("-sent_at")[:LISTED],
        "not_known": shown.total.figures[-1] is None,
    }
    return render(request, "statistics/table.html", context)


def _url(query: str, calendar: Period, *, form: str) -> str:
    before, _form, after = query.partition("&form=")
    return f"{before}&form={form}{after[3:]}{calendar.since}"


def _table(shown: Official, agency: Agency, when: Period) -> dict[str, Any]:
    """Heads and rows; a figure opens to its dossiers where one list stands for it."""
    link = f"{reverse('statistics:cases')}?kind={when.kind}&since={when.since}&until={when.until}"

    def cells(row: Row) -> list[tuple[str, str]]:
        opens = f"{link}&agency={agency.pk}"
        if shown.form == Form.BY_FIELD:
            opens += f"&field={row.key}" if row.key else ""
        elif row.key:
            opens = f"{link}&agency={row.key}" + ("&own=1" if row.key == str(agency.pk) else "")
        known = row.key or row is shown.total
        return [
            ("–" if n is None else number(n), f"{opens}&what={what}" if n and what in OPENS and known else "")
            for n, what in zip(row.figures, LISTS, strict=True)
        ]

    return {
        "title": TITLE,
        "first": FIRST[shown.form],
        "groups": [(head, len(columns)) for head, columns in GROUPS],
        "columns": [(f"{above}: {label.lower()}" if above else label, number_) for above, label, number_ in COLUMNS],
        "rows": [(row.label, cells(row)) for row in shown.rows],
        "total": cells(shown.total),
        "as_of": shown.as_of,
    }


def _file(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=XLSX.mime)
    response["Content-Disposition"] = f'attachment; filename="{name}{XLSX.endings[0]}"'
    return response


def _name(form: str, agency: Agency, when: Period) -> str:
    return f"bieu-{form}-{agency.code}-{when.since:%Y%m%d}-{when.until:%Y%m%d}"


@may(*READERS)
@require_GET
def table_xlsx(request: Request) -> HttpResponse:
    """The same as Excel; it says that it was not sent."""
    now = timezone.now()
    agency, form, calendar, when = _asked(request, now)
    with override("vi"):
        shown = official(form, scope(agency), when, at=now)
        below = [f"Bản xem trước, lập lúc {timezone.localtime(now):%H:%M %d/%m/%Y}, chưa gửi."]
        content = workbook(shown, agency=agency.name, period=in_words(calendar, when), below=below)
    return _file(content, _name(form, agency, when))


@may(*SENDERS)
@require_POST
def send(request: Request) -> HttpResponseRedirect:
    """Freeze it."""
    now = timezone.now()
    agency, form, _calendar, when = _asked(request, now)
    try:
        sent = actions.send(agency, form, when, sender=request.user, by=request.actor, at=now)
    except Refused as refused:
        messages.error(request, refused.message)
        query = f"?agency={agency.pk}&kind={when.kind}&form={form}&day={when.until}"
        return redirect(reverse("statistics:table") + query)
    messages.success(request, _("The report is sent. Its figures are kept as they are now."))
    return redirect("statistics:report", sent.pk)


def _report(request: Request, report_id: UUID) -> Report:
    mine = Report.objects.filter(agency__in=reach(request.staff).values("pk"))
    return get_object_or_404(mine.select_related("agency", "sent_by"), pk=report_id)


def _as_sent(one: Report) -> Official:
    as_of = one.content["as_of"]
    return of_content(one.form, one.content, datetime.fromisoformat(as_of) if as_of else None)


@may(*READERS)
@require_GET
@never_cache
def report(request: Request, report_id: UUID) -> HttpResponse:
    """A report as it was sent, and beside each figure how it would differ today."""
    one, now = _report(request, report_id), timezone.now()
    sent = _as_sent(one)
    with override("vi"):
        today = official(Form(one.form), scope(one.agency), one.period, at=now)
    rows = compared(sent, today)
    context = {
        **_table(sent, one.agency, one.period),
        "one": one,
        "rows": [(each.row.label, _beside(each)) for each in rows[:-1]],
        "total": _beside(rows[-1]),
        "changed": sum(1 for each in rows if any(each.differences)),
        "told": one.intact and any(entry.data.get("digest") == one.digest for entry in timeline(one)),
        "calendar": period(one.period.kind, one.until),
        "others": Report.objects.filter(agency=one.agency, form=one.form, since=one.since, until=one.until)
        .exclude(pk=one.pk)
        .order_by("revision"),
        "now": now,
    }
    return render(request, "statistics/report.html", context)


def _beside(each: Compared) -> list[tuple[str, str]]:
    """Each figure as sent, and the difference with its sign."""
    pairs = zip(each.row.figures, each.differences, strict=True)
    return [("–" if n is None else number(n), f"{'+' if d > 0 else ''}{number(d)}" if d else "") for n, d in pairs]


@may(*READERS)
@require_GET
def report_xlsx(request: Request, report_id: UUID) -> HttpResponse:
    """The figures as they were sent, with who sent them and their digest."""
    one = _report(request, report_id)
    with override("vi"):
        calendar = period(one.period.kind, one.until)
        below = [
            f"Gửi lúc {timezone.localtime(one.sent_at):%H:%M %d/%m/%Y}, lần {one.revision}.",
            f"Người gửi: {one.sent_by.display_name}",
            f"Mã băm SHA-256 của số liệu: {one.digest}",
        ]
        content = workbook(_as_sent(one), agency=one.agency.name, period=in_words(calendar, one.period), below=below)
    return _file(content, f"{_name(one.form, one.agency, one.period)}-lan-{one.revision}")
