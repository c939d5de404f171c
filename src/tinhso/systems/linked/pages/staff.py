"""Officials: joint dossiers in work, one with all its parts, and what an agency outside this house decided."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from tinhso.core.agencies.models import Role
from tinhso.core.files import actions as files
from tinhso.core.files.models import FileLink
from tinhso.core.ledger.actions import Refused, record_access
from tinhso.core.process.queries import task_for
from tinhso.core.ui.access import may
from tinhso.core.ui.request import Request
from tinhso.systems.dossiers.events import DossierSeen
from tinhso.systems.dossiers.models import Dossier
from tinhso.systems.dossiers.pages.desk import find
from tinhso.systems.dossiers.queries import READERS

from .. import actions, queries
from ..bundles import decider_of


class DecisionForm(forms.Form):
    """What the paper of the other agency says."""

    number = forms.CharField(label=gettext_lazy("Number of their paper or card"), max_length=60)
    day = forms.DateField(
        label=gettext_lazy("Decided on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    file = forms.FileField(
        label=gettext_lazy("Their paper"),
        required=False,
        help_text=gettext_lazy("PDF or a scan; the applicant downloads it here."),
        widget=forms.FileInput(attrs={"accept": ".pdf,image/*"}),
    )
    words = forms.CharField(
        label=gettext_lazy("What the applicant should know"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@may(*READERS)
@require_GET
def in_work(request: Request) -> HttpResponse:
    """Joint dossiers in reach that still wait for a part, what is due first on top."""
    assert request.staff is not None
    return render(request, "linked/in_work.html", {"rows": queries.in_work(request.staff)})


@may(*READERS)
@require_GET
def one(request: Request, dossier_id: UUID) -> HttpResponse:
    """A joint dossier with its parts, those in reach linked, and the one timeline."""
    dossier, inside = queries.seen_by(request.staff, dossier_id)
    shown = queries.joint(dossier) if dossier else None
    if dossier is None or shown is None:
        raise Http404
    event = DossierSeen(dossier.code, "reading")
    record_access(event, subject=dossier.applicant or dossier, by=request.actor, at=timezone.now())
    context = {"joint": shown, "inside": inside, "timeline": queries.timeline(shown, inside)}
    return render(request, "linked/one.html", context)


@may(Role.RECEPTIONIST)
@require_http_methods(["GET", "POST"])
def decide(request: Request, dossier_id: UUID) -> HttpResponse:
    """Record what an agency granted whose system is not connected here."""
    dossier = find(request, dossier_id)
    if request.staff is None or task_for(dossier, request.staff, "elsewhere") is None:
        raise Http404
    agency = decider_of(dossier)
    posted = request.method == "POST"
    today = {"day": timezone.localdate()}
    form = DecisionForm(request.POST if posted else None, request.FILES if posted else None, initial=today)
    if form.is_valid() and _kept(request, dossier, agency, form):
        messages.success(request, _("Recorded. Now return the result."))
        return redirect("dossiers:work", dossier.pk)
    context = {"dossier": dossier, "agency": agency, "form": form}
    return render(request, "linked/decide.html", context, status=422 if form.errors else 200)


def _kept(request: Request, dossier: Dossier, agency: str, form: DecisionForm) -> bool:
    """Whether it was recorded; a refusal stands beside its field, and the file is let go of."""
    now, sent, link = timezone.now(), request.FILES.get("file"), None
    given = {key: form.cleaned_data[key] for key in ("number", "day", "words")}
    try:
        if isinstance(sent, UploadedFile):
            link = files.store(sent, name=sent.name or "", by=request.actor, at=now)
        actions.decide(dossier, agency=agency, **given, file=link, by=request.actor, at=now)
    except Refused as refusal:
        if isinstance(link, FileLink):
            files.release(link, by=request.actor, at=now)
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    return not form.errors
