"""The catalogue editor: questions, changes on their way, synchronisation. Everyone who administers or leads
may read; the officials of the province change."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tinhso.core.agencies.models import Kind, Role
from tinhso.core.forms.text import localized
from tinhso.core.ledger.actions import NotAllowed, Refused
from tinhso.core.ui.access import may
from tinhso.core.ui.navigation import nav
from tinhso.core.ui.request import Request

from .. import actions, differences, merging, queries, rules
from ..case_form import UNITS
from ..editor_forms import RevisionForm, StartForm
from ..generate import begin_case
from ..models import Flag, ImportRun, NationalRow, ProcedureVersion, Revision

EDITORS = Role.ADMINISTRATOR, Role.LEADER
PAGE = 20
RUNS = 5
OPEN = NationalRow.State.USABLE, NationalRow.State.WAITING


def edits(request: Request) -> bool:
    return request.staff is not None and request.staff.agency.kind == Kind.PROVINCE


def editor_only(request: Request) -> None:
    """The catalogue is the province's: others read it. Raises `NotAllowed`."""
    if not edits(request):
        raise NotAllowed(_("Only officials of the province's committee change the catalogue."), "not_the_province")


@may(*EDITORS)
@require_GET
def overview(request: Request) -> HttpResponse:
    """What waits for an official: questions first, then changes, then what was last read."""
    on = _day(request)
    return render(
        request,
        "procedures/editor.html",
        {
            "questions": _waiting(request.GET.get("sau", "")[:40], blocks=True),
            "looks": _waiting(request.GET.get("xem", "")[:40], blocks=False),
            "revisions": Revision.objects.filter(state__in=["draft", "review"])
            .select_related("author")
            .order_by("-changed_at")[:50],
            "runs": ImportRun.objects.order_by("-at")[:RUNS],
            "on": on,
            "figures": _figures(on),
            "units": UNITS,
            "edits": edits(request),
        },
    )


def _day(request: Request) -> date | None:
    """The day whose figures are asked for; None: now's. Raises `Refused`."""
    if not (said := request.GET.get("ngay", "")):
        return None
    try:
        return date.fromisoformat(said)
    except ValueError as wrong:
        raise Refused("day_invalid", _("Enter a day."), field="ngay", status=422) from wrong


def _figures(on: date | None) -> dict[str, Any]:
    """How many services go how far online, each level as it was called on that day."""
    share = queries.share_on(on) if on else queries.share(queries.facets())
    try:
        called = rules.labels(on or timezone.localdate())
    except LookupError:
        return {"unknown": True}
    named = {key: ", ".join(localized(one) for one in words) for key, words in called.items()}
    return {"share": share, "levels": [(key, named[key], getattr(share, key)) for key in named]}


def _waiting(after: str, *, blocks: bool) -> dict[str, Any]:
    """A page of what waits for an official, by procedure, and the code after which the next begins."""
    rows = list(
        NationalRow.objects.filter(
            Exists(Flag.objects.filter(row=OuterRef("pk"), answered_at=None, blocks=blocks)),
            state__in=OPEN,
            code__gt=after,
        )
        .order_by("code")
        .only("code", "state")[: PAGE + 1]
    )
    shown = rows[:PAGE]
    flags = Flag.objects.filter(row__in=shown, answered_at=None, blocks=blocks).order_by("row_id", "where")
    names = queries.names([row.code for row in shown])
    return {
        "rows": [(row.code, names.get(row.code, ""), _asked(flags, row.code)) for row in shown],
        "more": shown[-1].code if len(rows) > PAGE else "",
    }


def _asked(flags: Any, code: str) -> list[Flag]:
    """One question for the same words, however many channels have them."""
    found: dict[tuple[str, str], Flag] = {}
    for flag in flags:
        if flag.row_id == code:
            found.setdefault((flag.why, flag.excerpt), flag)
    return list(found.values())


@may(*EDITORS)
@require_POST
def answer(request: Request, flag_id: UUID) -> HttpResponse:
    """Say what the national database left open; of what no amount answers, that one has seen it."""
    editor_only(request)
    flag = get_object_or_404(Flag, pk=flag_id)
    if not flag.asks:
        actions.see(flag, by=request.actor, at=timezone.now())
        messages.success(request, _("Done."))
        return redirect("procedures:editor")
    said = request.POST.get("amount", "").replace(".", "").strip()
    if not said.isdecimal() or len(said) > 12:
        raise Refused("amount_missing", _("Enter a whole number."), field="amount", status=422)
    actions.answer(flag, amount=int(said), unit=request.POST.get("unit", ""), by=request.actor, at=timezone.now())
    messages.success(request, _("Answered. What has become certain is published."))
    return redirect("procedures:editor")


@may(*EDITORS)
@require_GET
def history(request: Request, code: str) -> HttpResponse:
    """All versions of a procedure, and what differs between two of them."""
    versions = list(
        ProcedureVersion.objects.filter(procedure__code=code).select_related("procedure__field").order_by("-number")
    )
    if not versions:
        raise Http404
    by_number = {str(one.number): one for one in versions}
    new = by_number.get(request.GET.get("moi", ""), versions[0])
    old = by_number.get(request.GET.get("cu", ""), next((v for v in versions if v.number < new.number), None))
    changes = differences.between(differences.data_of(old), differences.data_of(new)) if old else []
    open_one = Revision.objects.filter(code=code, state__in=["draft", "review"]).first()
    context = {"versions": versions, "new": new, "old": old, "changes": changes, "procedure": new.procedure}
    return render(request, "procedures/history.html", {**context, "revision": open_one, "edits": edits(request)})


@may(*EDITORS)
@require_POST
def begin(request: Request, code: str) -> HttpResponse:
    """Begin a change from the newest version; that of a withdrawn procedure brings it back."""
    editor_only(request)
    versions = ProcedureVersion.objects.filter(procedure__code=code).select_related("procedure__field")
    version = versions.order_by("-number").first()
    if version is None:
        raise Http404
    made = actions.draft(differences.data_of(version), author=request.user, by=request.actor, at=timezone.now())
    return redirect("procedures:revision", made.pk)


@may(*EDITORS)
@require_http_methods(["GET", "POST"])
def revision(request: Request, revision_id: UUID) -> HttpResponse:
    """A change: what differs, and the fields while it is a draft."""
    one = get_object_or_404(Revision.objects.select_related("author", "base__procedure__field"), pk=revision_id)
    editable = edits(request) and one.state == Revision.State.DRAFT
    form = RevisionForm(None, one, on=timezone.localdate()) if editable else None
    both: list[tuple[str, str]] = []
    status = 200
    if request.method == "POST":
        editor_only(request)
        if form is None:
            raise NotAllowed(_("This change is no longer a draft."), "not_a_draft")
        sent, both = _sent(request, one)
        form = RevisionForm(sent, one, on=timezone.localdate())
        if form.is_valid() and not both:
            data = form.changed()
            if "add" in request.POST:
                data["variants"].append(_another(data))
            who: Any = {"edition": one.edition, "by": request.actor, "at": timezone.now()}
            actions.revise(one, data, checklist=form.checklist(), remark=form.cleaned_data["remark"], **who)
            messages.success(request, _("Saved."))
            return redirect("procedures:revision", one.pk)
        status = 422
    before = differences.data_of(one.base) if one.base else None
    touched = request.user.pk == one.author_id or request.user.pk in one.editors
    context = {
        "revision": one,
        "form": form,
        "both": both,
        "changes": differences.between(before, one.data),
        "own": one.author_id == request.user.pk and edits(request),
        "reviews": edits(request) and not touched and one.state == Revision.State.REVIEW,
        "undoable": editable and one.earlier.exists(),
    }
    return render(request, "procedures/revision.html", context, status=status)


def _sent(request: Request, one: Revision) -> tuple[QueryDict, list[tuple[str, str]]]:
    """What was sent, brought up to the last edition, and what another editor changed in the same fields."""
    edition = request.POST.get("edition", "")
    if edition in ("", str(one.edition)):
        return request.POST, []
    was = merging.since(one, edition)
    if was is None or not merging.same_cases(was, one):
        words = _("Cases were added or taken out, or much was changed, since you opened this. "
                  "Copy what you entered, then load the page again.")  # fmt: skip
        return request.POST, [(_("This draft"), words)]
    sent, both = merging.merged(request.POST, was, one, on=timezone.localdate())
    if not both:
        messages.info(request, _("Somebody else changed this draft meanwhile: their changes are kept with yours."))
    return sent, both


def _another(data: dict[str, Any]) -> dict[str, Any]:
    """One case more: like the last, or the usual one."""
    variants = data["variants"]
    if not variants:
        return begin_case(data)
    taken = {variant["key"] for variant in variants}
    key = next(key for number in range(2, len(taken) + 3) if (key := f"case-{number}") not in taken)
    return {
        **copy.deepcopy(variants[-1]),
        "key": key,
        "name": _("%(name)s (new case)") % {"name": variants[-1]["name"]},
    }


@may(*EDITORS)
@require_http_methods(["GET", "POST"])
def start(request: Request) -> HttpResponse:
    """A draft of a procedure that the national database does not have."""
    editor_only(request)
    form = StartForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.begun(timezone.localdate())
        made = actions.draft(data, author=request.user, by=request.actor, at=timezone.now())
        return redirect("procedures:revision", made.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "procedures/start.html", {"form": form}, status=status)


@may(*EDITORS)
@require_POST
def move(request: Request, revision_id: UUID, verb: str) -> HttpResponse:
    """Send to review, send back, publish, discard."""
    editor_only(request)
    one = get_object_or_404(Revision, pk=revision_id)
    who: Any = {"by": request.actor, "at": timezone.now()}
    if verb in ("gui-duyet", "bo") and one.author_id != request.user.pk:
        raise NotAllowed(_("Only who began this change goes on with it."), "not_the_author")
    verbs: dict[str, Callable[[], Any]] = {
        "gui-duyet": lambda: actions.send_to_review(one, **who),
        "tra-lai": lambda: actions.send_back(one, remark=request.POST.get("remark", ""), reviewer=request.user, **who),
        "cong-bo": lambda: actions.publish_revision(one, reviewer=request.user, **who),
        "bo": lambda: actions.discard(one, **who),
        "hoan-tac": lambda: actions.undo(one, **who),
    }
    if verb not in verbs:
        raise Http404
    verbs[verb]()
    messages.success(request, _("Done."))
    if verb in ("bo", "cong-bo"):
        return redirect("procedures:history", one.code)
    return redirect("procedures:revision", one.pk)


@may(*EDITORS)
@require_POST
def bring_back(request: Request, code: str, number: int) -> HttpResponse:
    """Ask for an earlier version to be published anew."""
    editor_only(request)
    version = get_object_or_404(
        ProcedureVersion.objects.select_related("procedure__field"), procedure__code=code, number=number
    )
    who: Any = {"by": request.actor, "at": timezone.now()}
    made = actions.bring_back(version, reason=request.POST.get("reason", ""), author=request.user, **who)
    messages.success(request, _("Another official looks at it and publishes it."))
    return redirect("procedures:revision", made.pk)


@may(*EDITORS)
@require_POST
def withdraw(request: Request, code: str) -> HttpResponse:
    """Take a procedure out of the catalogue."""
    editor_only(request)
    actions.withdraw_procedure(code, reason=request.POST.get("reason", ""), by=request.actor, at=timezone.now())
    messages.success(request, _("The procedure is no longer offered."))
    return redirect("procedures:history", code)


nav("admin", gettext_lazy("Catalogue of procedures"), "procedures:editor", icon="list", order=20)
