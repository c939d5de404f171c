"""Administrators of the province bring in open dossiers of another system: choose, look through, confirm."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
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

from ..models import Takeover
from ..takeover import jobs
from ..takeover.reading import read

SHOWN = 200  # faults on one page; whoever has more mends the file first


class FileForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File of open dossiers (CSV or JSON)"),
        help_text=gettext_lazy("Nothing is taken over in this step: you see first what would come and what is wrong."),
        widget=forms.FileInput(attrs={"accept": ".csv,.json"}),
    )


@may(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
@never_cache
def choose(request: Request) -> HttpResponse:
    """Step one: a file; and the files that came before."""
    _of_the_province(request)
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            if getattr(file, "too_large", False):
                raise Refused("takeover_file", _("This file is too large."), field="file", status=422)
            run = jobs.look_through(file.name, read(file.name, file.read()), by=request.actor, at=timezone.now())
            return redirect("dossiers:takeover_run", run.pk)
        except Refused as refused:
            form.add_error("file", str(refused))
    earlier = Takeover.objects.defer("rows", "faults", "remarks").order_by("-at")[:20]
    context = {"form": form, "runs": earlier}
    return render(request, "dossiers/takeover.html", context, status=422 if form.errors else 200)


@may(Role.ADMINISTRATOR)
@require_GET
@never_cache
def run(request: Request, run_id: UUID) -> HttpResponse:
    """Step two: what would come; after it was confirmed, how far it is."""
    one = _run(request, run_id)
    context: dict[str, Any] = {
        "run": one,
        "faults": _table(one.faults),
        "remarks": _table(one.remarks) if one.begun_at is None else [],
        "hidden": max(0, len(one.faults) - SHOWN),
        "columns": [(_("Row"), "num"), (_("Column"), ""), (_("What is said"), "")],
    }
    return render(request, "dossiers/takeover_run.html", context)


@may(Role.ADMINISTRATOR)
@require_POST
def confirm(request: Request, run_id: UUID) -> HttpResponse:
    """Step three: a job takes over every dossier that nothing is wrong with."""
    one = _run(request, run_id)
    jobs.confirm(one, at=timezone.now())
    return redirect("dossiers:takeover_run", one.pk)


@may(Role.ADMINISTRATOR)
@require_POST
def discard(request: Request, run_id: UUID) -> HttpResponse:
    """The file is mended first; what was read of it is forgotten."""
    jobs.discard(_run(request, run_id))
    messages.success(request, _("The file is forgotten; nothing was taken over."))
    return redirect("dossiers:takeover")


def _table(lines: list[list[Any]]) -> list[list[tuple[Any, str, str]]]:
    return [[(row, "", "num"), (column, "", ""), (words, "", "")] for row, column, words in lines[:SHOWN]]


def _run(request: Request, run_id: UUID) -> Takeover:
    _of_the_province(request)
    return get_object_or_404(Takeover.objects.defer("rows"), pk=run_id)


def _of_the_province(request: Request) -> None:
    if request.staff is None or request.staff.agency.depth > 0:
        raise NotAllowed(_("Only administrators of the province bring in dossiers: they go to many agencies."))
