"""A receptionist brings a file of applications: fill in, look through, confirm, read what became of each row."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tinhso.core.agencies.models import Role
from tinhso.core.ledger.actions import NotAllowed, Refused
from tinhso.core.ui.access import may
from tinhso.core.ui.request import Request
from tinhso.systems.dossiers.models import Channel
from tinhso.systems.procedures.models import Variant
from tinhso.systems.procedures.queries import variant_in_force, variants_by_channel

from . import jobs, sheets
from .handing_in import Status
from .models import Sending

CHANNELS = {"counter": Channel.COUNTER, "post": Channel.POST}
SHOWN = 200  # rows on one page; the workbook has all
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class FileForm(forms.Form):
    channel = forms.TypedChoiceField(label=gettext_lazy("They came in"), coerce=int, widget=forms.RadioSelect)
    file = forms.FileField(
        label=gettext_lazy("File of applications (Excel or CSV)"),
        help_text=gettext_lazy("Nothing is handed in yet: you see first what would come in and what is wrong."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )

    def __init__(self, *given: Any, variant: Variant) -> None:
        super().__init__(*given)
        offered = [one for name, one in CHANNELS.items() if name in variant.channels]
        channel = self.fields["channel"]
        assert isinstance(channel, forms.TypedChoiceField)
        channel.choices = [(one.value, one.label) for one in offered]
        channel.initial = offered[0].value


@may(Role.RECEPTIONIST)
@require_GET
@never_cache
def choose(request: Request) -> HttpResponse:
    """For which procedure; and the files that came before."""
    words = request.GET.get("q", "").strip()[:200]
    found = variants_by_channel("counter", words, limit=30)
    earlier = _files(request).defer("rows", "outcomes").select_related("variant__version__procedure")[:20]
    return render(request, "senders/choose.html", {"variants": found, "words": words, "files": earlier})


@may(Role.RECEPTIONIST)
@require_http_methods(["GET", "POST"])
@never_cache
def bring(request: Request, code: str, variant: str) -> HttpResponse:
    """The table to fill in, and the place for the filled one."""
    one = _variant(code, variant)
    assert request.staff is not None
    context: dict[str, Any] = {"variant": one}
    try:
        context["columns"] = len(sheets.columns(one))
    except Refused as refusal:
        return render(request, "senders/bring.html", {**context, "refusal": refusal})
    form = FileForm(request.POST or None, request.FILES or None, variant=one)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        channel, now = Channel(form.cleaned_data["channel"]), timezone.now()
        try:
            if getattr(file, "too_large", False):
                raise Refused("table_too_large", _("This file is too large."), field="file", status=422)
            rows = sheets.rows(one, file.read())
            made = jobs.look_through(file.name, rows, one, request.staff.agency, channel, by=request.actor, at=now)
            return redirect("senders:sending", made.pk)
        except Refused as refusal:
            form.add_error("file", str(refusal))
    return render(request, "senders/bring.html", {**context, "form": form}, status=422 if form.errors else 200)


@may(Role.RECEPTIONIST)
@require_GET
def blank(request: Request, code: str, variant: str) -> HttpResponse:
    """The table to fill in."""
    one = _variant(code, variant)
    return _workbook(sheets.blank(one), f"{code}.xlsx")


@may(Role.RECEPTIONIST)
@require_GET
@never_cache
def sending(request: Request, sending_id: UUID) -> HttpResponse:
    """What would become of each row; confirmed, how far it is, and what became of it."""
    one = _file(request, sending_id)
    counts = Counter(outcome[2] for outcome in one.outcomes)
    wrong = [outcome for outcome in one.outcomes if outcome[2] == Status.REFUSED]
    context = {
        "sending": one,
        "right": counts[Status.RIGHT],
        "taken": counts[Status.TAKEN],
        "known": counts[Status.KNOWN],
        "refused": counts[Status.REFUSED],
        "wrong": _table((row, ref, _said(one, errors)) for row, ref, _status, _code, errors in wrong[:SHOWN]),
        "wrong_columns": [(_("Row"), "num"), (_("Reference"), ""), (_("What is to be mended"), "")],
        "codes": _table((row, ref, code) for row, ref, _status, code, _e in one.outcomes[:SHOWN] if code),
        "code_columns": [(_("Row"), "num"), (_("Reference"), ""), (_("Dossier"), "")],
        "hidden": max(0, len(one.outcomes) - SHOWN),
    }
    return render(request, "senders/sending.html", context)


@may(Role.RECEPTIONIST)
@require_GET
def outcomes(request: Request, sending_id: UUID) -> HttpResponse:
    """The same as a workbook, for the sender."""
    one = _file(request, sending_id)
    heads = [_("Row"), _("Reference"), _("Outcome"), _("Dossier"), _("What is to be mended")]
    words = {
        Status.RIGHT: _("Would come in"),
        Status.TAKEN: _("Handed in"),
        Status.KNOWN: _("Was here already"),
        Status.REFUSED: _("To be mended"),
    }
    lines = ((row, ref, words[Status(s)], code, _said(one, errors)) for row, ref, s, code, errors in one.outcomes)
    return _workbook(sheets.outcomes(heads, lines), "ket-qua.xlsx")


@may(Role.RECEPTIONIST)
@require_POST
def confirm(request: Request, sending_id: UUID) -> HttpResponse:
    """A job hands in every row that nothing is wrong with."""
    one = _file(request, sending_id)
    jobs.confirm(one, at=timezone.now())
    return redirect("senders:sending", one.pk)


@may(Role.RECEPTIONIST)
@require_POST
def discard(request: Request, sending_id: UUID) -> HttpResponse:
    """The file is mended first; what was read of it is forgotten."""
    one = _file(request, sending_id)
    jobs.discard(one)
    messages.success(request, _("The file is forgotten; nothing was handed in."))
    return redirect("senders:choose")


def _said(one: Sending, errors: list[list[str]]) -> str:
    """What to mend, by the heads of the columns."""
    heads = {column.name: column.heads[0] for column in sheets.columns(one.variant)}
    return " ".join(f"{heads.get(where, where)}: {words}" for where, words in errors)


def _table(lines: Any) -> list[list[tuple[Any, str, str]]]:
    return [[(row, "", "num"), (first, "", ""), (second, "", "")] for row, first, second in lines]


def _variant(code: str, key: str) -> Variant:
    one = variant_in_force(code, key)
    if one is None or "counter" not in one.channels:
        raise Http404
    return one


def _files(request: Request) -> Any:
    if request.staff is None:
        raise NotAllowed(_("Only the counter brings files."))
    return Sending.objects.filter(agency=request.staff.agency).order_by("-at")


def _file(request: Request, sending_id: UUID) -> Sending:
    found: Sending = get_object_or_404(_files(request).select_related("variant__form"), pk=sending_id)
    return found


def _workbook(data: bytes, name: str) -> HttpResponse:
    return HttpResponse(data, XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})
