"""The page on which a consulted agency reads what it is asked, and answers; and going on without it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tinhso.core.files import actions as files
from tinhso.core.forms.definition import FormDefinition
from tinhso.core.forms.flow import summary
from tinhso.core.ledger.actions import NotAllowed, Refused, record_access
from tinhso.core.process.queries import task_for
from tinhso.core.ui.access import may
from tinhso.core.ui.request import Request

from .. import actions, queries
from ..actions.consultation import ANSWERS
from ..events import DossierSeen
from ..models import Consultation
from .desk import find, paper, queue_context
from .typed import keeping, kept, words
from .work import again

OPINION = 10_000  # letters of what a consulted agency writes


@may("staff")
@require_http_methods(["GET", "POST"])
@keeping
def consultation(request: Request, task_id: UUID) -> HttpResponse:
    """While it is open: the question, and of the dossier what the asking agency shows. Afterwards only the
    question and one's own answer. Who may not see it gets 404, whatever else they reach."""
    one = get_object_or_404(queries.consultations_of(request.staff), task=task_id)
    refusal = None
    if request.method == "POST":
        try:
            _answer(request, one)
        except Refused as refused:
            refusal = refused
            one = get_object_or_404(queries.consultations_of(request.staff), task=task_id)
        else:
            messages.success(request, _("Your agency's opinion has been sent."))
            return redirect("dossiers:consultation", task_id)
    status = refusal.status if refusal else 200
    return render(request, "dossiers/consultation.html", _shown(request, one, refusal), status=status)


def _shown(request: Request, one: Consultation, refusal: Refused | None) -> dict[str, Any]:
    assert request.staff is not None
    now, dossier, is_open = timezone.now(), one.dossier, one.task.closed_at is None
    if request.method == "GET":
        subject = dossier.applicant or dossier
        record_access(DossierSeen(dossier.code, "consult"), subject=subject, by=request.actor, at=now)
    context = {
        **queue_context(request, request.staff, now),
        "consultation": one,
        "task": one.task,
        "open_task": one.task_id,
        "row": queries.row_of(one.task, now),
        "refusal": refusal,
        "typed": request.POST,
        "answers": [(value.value, value.label) for value in ANSWERS],
        "mine": is_open and task_for(dossier, request.staff, "consult") == one.task,
    }
    if not context["mine"]:  # a colleague was quicker
        context["kept"] = kept(request)
    if is_open:
        on = timezone.localtime(dossier.submitted_at).date()
        sections = summary(FormDefinition.of(dossier.form_id), dossier.answers, on=on) if one.form else []
        shown = dossier.components.filter(pk__in=one.papers).select_related("file__file").order_by("pk")
        context |= {"sections": sections, "papers": [paper(component) for component in shown]}
    return context


def _answer(request: Request, one: Consultation) -> None:
    """Of the two who answer at once one wins; the other is told who, and no file of theirs is kept."""
    assert request.staff is not None
    if one.task.closed_at is None and task_for(one.dossier, request.staff, "consult") != one.task:
        raise NotAllowed(_("Your post does not include this step."))
    now, file = timezone.now(), request.FILES.get("file")
    link = files.store(file, name=file.name or "", by=request.actor, at=now) if isinstance(file, UploadedFile) else None
    try:
        actions.answer(
            one,
            outcome=request.POST.get("answer", ""),
            opinion=words(request, "opinion", OPINION),
            file=link,
            by=request.actor,
            at=now,
        )
    except Refused:
        if link:
            files.release(link, by=request.actor, at=now)
        raise


@may("staff")
@require_POST
@keeping
def go_on_without(request: Request, task_id: UUID) -> HttpResponse:
    """The asking agency no longer waits for an answer that is late."""
    assert request.staff is not None
    asked = get_object_or_404(Consultation.objects.select_related("task"), task=task_id)
    dossier = find(request, asked.dossier_id)
    try:
        actions.go_on_without(asked, staff=request.staff, reason=words(request), by=request.actor, at=timezone.now())
    except Refused as refusal:
        return again(request, dossier.pk, refusal, tried=str(task_id))
    messages.success(request, _("The work goes on without this opinion."))
    return redirect("dossiers:work", dossier.pk)
