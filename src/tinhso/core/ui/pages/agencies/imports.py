"""Agencies and staff from a spreadsheet: template, upload, preview with every error, then all of it or nothing.

Between preview and confirmation the rows travel in the page, signed and compressed: nothing is kept here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from tinhso.core.accounts import imports as staff_imports
from tinhso.core.agencies import imports as agency_imports
from tinhso.core.agencies.models import Capacity, Kind, Role, Staff
from tinhso.core.agencies.tables import BYTES, Column, Row, read
from tinhso.core.agencies.tables import template as sheet
from tinhso.core.ledger.actions import Refused

from ...access import may
from ...navigation import nav
from ...request import Request
from ..accounts.forms import tried

SALT, GOOD_FOR = "agencies.import", 3600  # seconds one may look at a preview
SHOWN = 200  # rows of a preview; rows with errors come first
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Table:
    """One kind of table."""

    title: Any
    columns: Sequence[Column]
    plan: Callable[[list[Row], Staff, datetime], list[tuple[Row, str]]]
    do: Callable[..., dict[str, int]]
    notes: Callable[[], list[tuple[str, str]]]


def _choices(choices: Any) -> str:
    return "; ".join(str(label) for label in choices)


TABLES = {
    "co-quan": Table(
        gettext_lazy("Agencies from a table"),
        agency_imports.COLUMNS,
        agency_imports.plan,
        agency_imports.import_agencies,
        lambda: [(_("Kind"), _choices(Kind.labels)), (_("Agency code"), _("For example H15.50.05."))],
    ),
    "nguoi": Table(
        gettext_lazy("Staff from a table"),
        staff_imports.COLUMNS,
        staff_imports.plan,
        staff_imports.import_staff,
        lambda: [
            (_("Roles"), _choices(Role.labels)),
            (_("Signing capacity"), ", ".join(f"{c}." for c in Capacity.values if c)),
            (_("Several posts"), _("One row for each agency; name, telephone and e-mail the same in each.")),
        ],
    ),
}


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Table"),
        help_text=gettext_lazy("Excel (.xlsx) or CSV in UTF-8, at most 5,000 rows."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
    )


@may(Role.ADMINISTRATOR)
@require_GET
def start(request: Request) -> HttpResponse:
    """Which table, and its template."""
    return render(request, "agencies/import.html", {"tables": [(key, table.title) for key, table in TABLES.items()]})


@may(Role.ADMINISTRATOR)
@require_GET
def template(request: Request, what: str) -> HttpResponse:
    """An empty table to fill in."""
    table = _table(what)
    response = HttpResponse(sheet(table.columns, table.notes()), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="mau-{what}.xlsx"'
    return response


@may(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def table(request: Request, what: str) -> HttpResponse:
    """Upload and look; then, with what was looked at, do."""
    assert request.staff is not None
    kind, now = _table(what), timezone.now()
    context: dict[str, Any] = {"what": what, "title": kind.title}
    if "rows" in request.POST:
        rows = _again(request.POST["rows"], what)
        try:
            counts = kind.do(rows, request.staff, by=request.actor, at=now)
        except Refused as refused:
            if refused.code != "table_errors":
                raise
            return _preview(request, kind, _again(request.POST["rows"], what), context)
        said = _("Done: %(new)d new, %(changed)d changed, %(same)d as they were.")
        messages.success(request, said % counts)
        return redirect("ui:import_table", what)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data["file"].read(BYTES + 1)
        found = tried(form, lambda: read(data, kind.columns))
        if found is not None:
            return _preview(request, kind, found, context)
    return render(request, "agencies/import_table.html", {**context, "form": form}, status=422 if form.errors else 200)


def _preview(request: Request, kind: Table, rows: list[Row], context: dict[str, Any]) -> HttpResponse:
    assert request.staff is not None
    token = signing.dumps([[row.number, row.values] for row in rows], salt=SALT + context["what"], compress=True)
    planned = kind.plan(rows, request.staff, timezone.now())
    wrong = [one for one in planned if one[0].errors]
    shown = (wrong + [one for one in planned if not one[0].errors])[:SHOWN]
    context |= {
        "heads": [column.heads[0] for column in kind.columns],
        "lines": [(row.number, what, _cells(row, kind.columns)) for row, what in shown],
        "errors": len(wrong),
        "counts": {name: sum(what == name and not row.errors for row, what in planned) for name in _WORDS},
        "words": _WORDS,
        "left": len(planned) - len(shown),
        "token": token,
    }
    return render(request, "agencies/import_preview.html", context, status=422 if wrong else 200)


def _cells(row: Row, columns: Sequence[Column]) -> list[tuple[str, str]]:
    values: dict[str, Any] = row.values
    return [(_shown(values[column.name]), row.errors.get(column.name, "")) for column in columns]


def _shown(value: Any) -> str:
    return "; ".join(str(Role(role).label) for role in value) if isinstance(value, list) else str(value)


_WORDS = {"new": gettext_lazy("new"), "changed": gettext_lazy("changed"), "same": gettext_lazy("as it is")}


def _again(token: str, what: str) -> list[Row]:
    try:
        return [Row(number, values) for number, values in signing.loads(token, salt=SALT + what, max_age=GOOD_FOR)]
    except signing.BadSignature as wrong:
        raise Refused("preview_over", _("This preview is older than an hour. Upload the table again.")) from wrong


def _table(what: str) -> Table:
    if what not in TABLES:
        raise Http404
    return TABLES[what]


nav("admin", gettext_lazy("Import"), "ui:import", icon="file-spreadsheet", order=15, roles=[Role.ADMINISTRATOR])
