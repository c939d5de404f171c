"""The desk: the queue on the left, the dossier in the middle, what surrounds it on the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from tinhso.core.agencies.models import Role, Staff
from tinhso.core.api.pagination import page
from tinhso.core.files.content import JPEG, PNG
from tinhso.core.files.models import FileLink
from tinhso.core.forms.definition import FormDefinition
from tinhso.core.forms.flow import summary
from tinhso.core.forms.layout import Question
from tinhso.core.forms.page import PageForm
from tinhso.core.ledger.actions import record_access
from tinhso.core.ledger.queries import timeline
from tinhso.core.process.graph import graph_of
from tinhso.core.process.models import Task
from tinhso.core.process.queries import done_by, first_for
from tinhso.core.signing.queries import seal_fault
from tinhso.core.ui.access import may
from tinhso.core.ui.pages.files.picture import page_count
from tinhso.core.ui.pages.processes.road import road
from tinhso.core.ui.request import Request

from .. import actions, figures, queries
from ..actions.consultation import ASKING, may_go_on
from ..events import DossierSeen
from ..filters.look import Look, found, read
from ..letter_data import result_form
from ..many import AT_ONCE, MANY
from ..models import Component, Consultation, Dossier, Extension
from ..verbs import at_its_counter, verbs_of
from ..words import lines
from .filters import begins_with
from .typed import kept

PICTURES = (JPEG.mime, PNG.mime)  # what a browser shows as it is
QUEUE = 60  # rows of the queue at once; the rest by "more"
BESIDE = 25  # and beside an open dossier


def find(request: Request, dossier_id: UUID) -> Dossier:
    """A dossier in the official's reach; 404 for any other, as if it did not exist."""
    dossier = (
        queries.in_reach(request.staff)
        .select_related("agency", "receiving_agency", "variant", "applicant")
        .filter(pk=dossier_id)
        .first()
    )
    if dossier is None:
        raise Http404
    return dossier


@may("staff")
def desk(request: Request) -> HttpResponse:
    """The queue alone. A page that shows it already asks by htmx for the list; `mo` is what it has open."""
    assert request.staff is not None
    if not request.GET and (look := begins_with(request, request.staff)):
        return HttpResponseRedirect(f"{reverse('dossiers:desk')}?{look}")
    open_id = request.GET.get("mo", "")
    context = queue_context(request, request.staff, timezone.now(), BESIDE if open_id else QUEUE)
    if not open_id and not context["look"].query:
        context["completing"] = queries.waiting_for_applicants(request.staff)
    if request.headers.get("HX-Request") == "true":
        return render(request, "dossiers/queue_list.html", {**context, "open_id": uuid_of(open_id)})
    return render(request, "dossiers/desk.html", context)


def queue_context(request: Request, staff: Staff, at: datetime, limit: int = BESIDE) -> dict[str, Any]:
    """The queue as the left pane shows it; the address filters it, `after` goes on."""
    look = read(request.GET)
    tasks = found(staff, look, at, after=_after(request.GET.get("after", "")), limit=limit + 1)
    last = tasks[limit - 1] if len(tasks) > limit else None
    kinds = {task.kind for task in tasks}
    after = f"{last.due_at:%Y%m%d%H%M%S%f}{last.pk.hex}" if last and last.due_at else ""
    return {
        "groups": queries.grouped(tasks[:limit], at),
        "more": f"?{look.query}&after={after}" if after else "",
        "query": look.words,
        "look": look,
        "many": [verb for verb in MANY if kinds.intersection(verb.kinds)],
        "most": AT_ONCE,
        "waiting": [(one, one.late_at(at)) for one in _asked_of_others(staff, look)],
        "now": at,
        "staff": staff,
    }


def _asked_of_others(staff: Staff, look: Look) -> list[Consultation]:
    return queries.asked_of_others(staff) if staff.has_role(*ASKING) and not look.query else []


def _after(text: str) -> tuple[datetime, UUID] | None:
    try:
        due = datetime.strptime(text[:20], "%Y%m%d%H%M%S%f").replace(tzinfo=timezone.get_fixed_timezone(0))
        return due, UUID(text[20:])
    except ValueError:
        return None


def uuid_of(text: str) -> UUID:
    """An id from a form or an address; nobody has the nil id."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


@may("staff")
def dossier(request: Request, dossier_id: UUID) -> HttpResponse:
    """One dossier at work. That it was opened goes to the access log."""
    one = find(request, dossier_id)
    return render(request, "dossiers/work.html", work_context(request, one, timezone.now()))


def work_context(request: Request, one: Dossier, at: datetime, **more: Any) -> dict[str, Any]:
    """Everything the three panes show of a dossier; `more` carries what was typed and refused."""
    assert request.staff is not None
    every = done_by(one)
    tasks = [task for task in every if task.closed_at is None]
    task = first_for(tasks, request.staff)
    if request.method == "GET":
        record_access(
            DossierSeen(one.code, task.kind if task else "reading"),
            subject=one.applicant or one,
            by=request.actor,
            at=at,
        )
    results = queries.results_of(one)
    result = results[-1] if results else None
    letters = queries.letters_of(one)
    verbs = verbs_of(one, tasks, task, letters, result, request.staff, at)
    asked = opinions(one, request.staff, at)
    tried = more.get("tried")
    has_form = {verb.name for verb in verbs if verb.asks} | {str(each.task_id) for each, _late, may in asked if may}
    handed_in = timezone.localtime(one.submitted_at).date()
    happened = lines(one, for_applicant=False)
    in_sealing = bool(result and result.number_id and not result.issued_id)
    return {
        **queue_context(request, request.staff, at),
        "dossier": one,
        "task": task,
        "open_id": one.pk,
        "elsewhere": [] if task else tasks,
        "row": queries.row_of(task, at) if task else None,
        "verbs": [(v, reverse(f"dossiers:{v.name}", args=[one.pk])) for v in verbs],
        "extension": Extension.objects.filter(task=task).first() if task and task.kind == "extend" else None,
        "can_take_back": not task and actions.undoable(every, request.actor, at),
        "form": _stated(one, request, tried, at) if task and task.kind == "appraise" else None,
        "kept": kept(request, _questions(one, tried)) if tried and tried not in has_form else (),
        "signers": queries.signers(request.staff, at) if task and task.kind == "appraise" else [],
        "sections": summary(FormDefinition.of(one.form_id), one.answers, on=handed_in),
        "papers": [paper(component) for component in queries.papers_of(one)],
        "letters": letters,
        "receipt": queries.receipt_of(one),
        "result": result,
        "earlier_results": results[:-1],
        "result_pages": _pages(result.file) if result and result.file else (),
        "pending": bool(result and (not result.file or in_sealing)),
        "seal_fault": seal_fault(one.agency_id, at=at) if in_sealing else "",
        "road": road(every),
        "timeline": happened,
        "apologised_late": any(line.apologised_late for line in happened),
        "wrong": _found_wrong(one) if one.correct_by else "",
        "asks": consulted(task) if task else [],
        "shown": request.POST.getlist("papers"),
        "consultations": asked,
        "others": queries.others_of(one, request.staff),
        "officers": queries.officers(request.staff, at) if task and task.kind == "assign" else [],
        "can_take_fee": _can_take_fee(one, request.staff),
        **more,
    }


def _questions(one: Dossier, tried: str) -> Mapping[str, Question]:
    """What a form of the verb that was tried asks beside its own words."""
    return FormDefinition.of(one.variant.result_form_id).questions if tried == "propose" else {}


def _stated(one: Dossier, request: Request, tried: str | None, at: datetime) -> PageForm:
    """What the officer states in the result, as typed where that was refused."""
    return result_form(one, request.POST if tried == "propose" else None, at=at)


def _found_wrong(one: Dossier) -> str:
    """What is to be corrected, in the words of who found it."""
    asked = [happening for happening in timeline(one) if happening.event == "dossiers.correction_asked"]
    return asked[-1].words


@dataclass(frozen=True)
class Paper:
    """One paper of a dossier as the desk shows it: numbers of the pages drawn, or a picture itself."""

    name: str
    file: FileLink
    pages: Sequence[int]
    image: bool


def paper(component: Component) -> Paper:
    """What can be seen of a component without opening it."""
    return Paper(component.name, component.file, _pages(component.file), component.file.file.mime in PICTURES)


def consulted(task: Task) -> list[str]:
    """Names of the steps that asking for opinions opens."""
    nodes = graph_of(task.definition_id).nodes
    return [nodes[key].name for key in task.node.outcomes.get("consult", ())]


def opinions(one: Dossier, staff: Staff, at: datetime) -> list[tuple[Consultation, bool, bool]]:
    """What was asked of other agencies: each with whether it is late, and whether this official may go on without."""
    if not any(step.kind == "consult" for step in graph_of(one.variant.process_id).steps):
        return []
    asked = one.consultations.select_related("task__agency", "asked_by", "answered_by", "file").order_by("pk")
    return [(each, late := each.late_at(at), late and may_go_on(one, staff)) for each in asked]


def _pages(file: FileLink) -> Sequence[int]:
    return range(1, page_count(file) + 1)


def _can_take_fee(one: Dossier, staff: Staff) -> bool:
    return one.fee > 0 and one.accepted_at is not None and at_its_counter(one, staff)


@may(Role.LEADER, Role.UNIT_HEAD, Role.AUDITOR)
def figure(request: Request, name: str) -> HttpResponse:
    """The dossiers behind a figure of the wall, newest first."""
    if name not in figures.NAMES or request.staff is None:
        raise Http404
    rows = figures.rows_of(name, request.staff, timezone.now()).select_related("agency")
    part = page(rows, ("-submitted_at", "-id"), after=request.GET.get("after", ""))
    context = {"label": figures.NAMES[name], "rows": part.items, "after": part.after}
    return render(request, "dossiers/figure.html", context)
