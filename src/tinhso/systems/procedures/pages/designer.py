"""The form builder: the outline of a form, the settings of the piece that is chosen, and what people will see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.forms import BoundField
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tinhso.core.forms.definition import FormDefinition
from tinhso.core.forms.design import NEW, Design, called, kind_of
from tinhso.core.forms.findings import findings
from tinhso.core.forms.page import REFRESH
from tinhso.core.forms.when import When
from tinhso.core.ledger.actions import NotAllowed, Refused
from tinhso.core.ui.access import may
from tinhso.core.ui.request import Request

from .. import actions, queries
from ..builder import words
from ..builder.parts import FORM, RESULT, asked_before, designing
from ..builder.piece_form import PieceForm
from ..checks import faults_of
from .editor import EDITORS, editor_only
from .opened import Opened, opened
from .trial import TRY, tried

CHOSEN = "chon"  # in the address: the place of the piece that is chosen
Change = Callable[[Design, dict[str, Any]], str]  # returns the place to show next


@dataclass
class Shown:
    """What differs from the plain page after a POST that was not taken, or only asked something."""

    refusal: str = ""
    piece: PieceForm | None = None
    when: When | None = None
    theirs: list[tuple[str, str]] | None = None
    seen: str | None = None  # what the condition was when it was opened; None: as it is now


@may(*EDITORS)
@require_http_methods(["GET", "POST"])
def designer(request: Request, revision_id: UUID, case: str, part: str) -> HttpResponse:
    """One form of a draft. A POST changes a piece of it, or tries the page that is shown."""
    one = opened(request, revision_id, case, part)
    place = _chosen(one, request.GET.get(CHOSEN, ""))
    if request.method == "GET" or {TRY, REFRESH} & request.POST.keys():
        return _page(request, one, place, Shown())
    editor_only(request)
    if not one.editable:
        raise NotAllowed(_("This change is no longer a draft."), "not_a_draft")
    verb, _space, place_sent = request.POST.get("do", "").partition(" ")
    place = place_sent or request.POST.get("place") or place
    shown = Shown()
    try:
        if verb in ("when", "when-add"):
            shown.when, shown.seen = _when_sent(one, place, request.POST), request.POST.get("seen", "")
        if verb == "when-add" and shown.when:
            shown.when.add(request.POST.get("new", ""), request.POST.get("new-join", "and"))
            return _page(request, one, place, shown)
        after = _done(request, one, verb, place, shown)
    except Refused as refused:
        shown.refusal = str(refused)
        fresh = opened(request, revision_id, case, part)
        if _chosen(fresh, place) != place:  # the piece itself is gone
            shown = Shown(refusal=shown.refusal)
        _with_theirs(request, fresh, place, shown, changed=refused.code == "changed_meanwhile")
        return _page(request, fresh, _chosen(fresh, place), shown, status=422)
    if after is None:
        return _page(request, one, place, shown, status=422)
    address = reverse("procedures:designer", args=[revision_id, case, part])
    button = {"button": verb} if verb in ("up", "down") else {}
    return redirect(f"{address}?{urlencode({CHOSEN: after, **button})}")


def _done(request: Request, one: Opened, verb: str, place: str, shown: Shown) -> str | None:
    """Do what a button says; the place to show next. None where the fields have to be corrected first."""
    who: Any = {"by": request.actor, "at": timezone.now()}
    if verb == "undo":
        actions.undo(one.revision, **who)
        messages.success(request, _("The last change is taken back."))
        return place
    if verb == "set":
        shown.piece = _piece(one, place, request.POST)
        if not shown.piece.is_valid():
            return None
        change = _set(shown.piece, place)
    else:
        change = _change(one, verb, place, request.POST, shown.when)
    landed: list[str] = []

    def edit(design: Design, case: dict[str, Any]) -> None:
        landed.append(change(design, case))

    actions.redesign(one.revision, designing(one.case["key"], one.part, edit), **who)
    if verb in ("set", "when"):
        messages.success(request, _("Saved."))
    return landed[-1]


def _change(one: Opened, verb: str, place: str, sent: QueryDict, when: When | None) -> Change:
    if verb == "add":
        return _added(sent, place)
    if verb == "remove":
        return lambda design, case: _removed(design, case, place, one.part)
    if verb in ("up", "down"):
        return lambda design, _case: design.move(place, -1 if verb == "up" else 1)
    if verb == "move":
        return lambda design, _case: design.move_to(place, sent.get("to", ""))
    if when:
        when.check()

        def change(design: Design, _case: dict[str, Any]) -> str:
            _unchanged(design, place, sent.get("seen", ""))
            design.set_when(place, when.condition)
            return place

        return change
    raise Refused("unknown", _("This button is not known here. Load the page again."), status=422)


def _added(sent: QueryDict, where: str) -> Change:
    kind, label = sent.get("kind", ""), " ".join(sent.get("label", "").split())[:300]
    options = [line.strip()[:300] for line in sent.get("options", "").splitlines() if line.strip()]
    if not label:
        raise Refused("label_missing", _("Say what is asked, in words."), field="label", status=422)
    if kind in ("choice", "checkboxes") and len(options) < 2:
        raise Refused("options_missing", _("Give at least two options, a line each."), field="options", status=422)

    def change(design: Design, _case: dict[str, Any]) -> str:
        if kind == "page":
            return design.add_page(label, where)
        if kind == "group":
            return design.add_group(label, where)
        if kind == "note":
            return design.add_note(label, where)
        if kind not in NEW:
            raise Refused("kind_missing", _("Choose what kind of answer it is."), field="kind", status=422)
        return design.add_question(kind, label, where, required="required" in sent, options=options[:100])

    return change


def _removed(design: Design, case: dict[str, Any], place: str, part: str) -> str:
    """Take a piece out; what the officer's form began it with goes along. Next is what stood before it."""
    places = [one for one, _raw in design.places()]
    design.remove(place)
    if part == RESULT:
        start = {name: one for name, one in case["result"]["start"].items() if name.split(".")[0] in design.properties}
        case["result"] = {**case["result"], "start": start}
    left = [one for one, _raw in design.places()]
    before = [one for one in places[: places.index(place)] if one in left]
    if not left:
        raise Refused("last_page", _("A form needs at least one page."), status=422)
    return before[-1] if before else left[0]


def _set(form: PieceForm, place: str) -> Change:
    def change(design: Design, case: dict[str, Any]) -> str:
        _unchanged(design, place, form.cleaned_data["seen"])
        design.change(place, form.raw, form.schema, form.needed)
        if form.start is not None:
            name = place.partition(":")[2]
            start = {key: one for key, one in case["result"]["start"].items() if key != name}
            if form.start:
                start[name] = _begins(form.start, form.kind, case)
            case["result"] = {**case["result"], "start": start}
        return place

    return change


def _begins(start: Any, kind: str, case: dict[str, Any]) -> Any:
    """The expression for an answer taken over: as it is between questions of one kind, else as people read it."""
    if not isinstance(start, str):
        return start
    question, written = FormDefinition(case["form"]).questions.get(start), {"text", "paragraph"}
    other = kind_of(question.schema) if question and not question.options else ""
    return start if other and (other == kind or {other, kind} <= written) else {"read": start}


def _unchanged(design: Design, place: str, seen: str) -> None:
    if design.seen(place) != seen:
        raise Refused(
            "changed_meanwhile", _("Somebody has changed this since you opened it. What you entered is still here.")
        )


def _with_theirs(request: Request, one: Opened, place: str, shown: Shown, *, changed: bool) -> None:
    """After a change by somebody else: what was typed, to be saved over theirs, beside what theirs says."""
    if not changed:
        return
    who = one.changed_by
    if who:
        shown.refusal = _("%(who)s has changed this since you opened it. What you entered is still here.") % {
            "who": who
        }
    if shown.when:
        shown.seen = None  # saved again it goes over theirs, which is shown
        now = When(one.definition, (), one.design.spot(place).raw.get("when")).words or _("always asked")
        shown.refusal += " " + _("Now it says: %(text)s") % {"text": now}
    if shown.piece is None:
        return
    sent = request.POST.copy()
    sent["seen"] = one.design.seen(place)
    form = _piece(one, place, sent)
    form.is_valid()
    shown.piece, shown.theirs = form, []
    for field in form:
        now, typed = form.get_initial_for_field(field.field, field.name), form.cleaned_data.get(field.name)
        if not field.is_hidden and str(now or "") != str(typed or ""):
            shown.theirs.append((str(field.label), _told(field, now)))


def _told(field: BoundField, value: Any) -> str:
    """What stands in a field, as people read it."""
    known = {key: str(words) for key, words in getattr(field.field, "choices", ())}
    values = value if isinstance(value, list | tuple) else [value]
    words = {True: _("yes"), False: _("no")}
    return ", ".join(words[one] if isinstance(one, bool) else known.get(one, str(one or "–")) for one in values) or "–"


def _piece(one: Opened, place: str, sent: QueryDict | None) -> PieceForm:
    result = one.part == RESULT
    begins = one.case["result"]["start"].get(place.partition(":")[2]) if result else None
    return PieceForm(sent, one.design, place, asked=one.answers if result else (), begins=begins)


def _when_sent(one: Opened, place: str, sent: QueryDict) -> When:
    before = dict(one.design.places()).get(place, {}).get("when")
    return When.sent(one.definition, asked_before(one.definition, place, one.form), sent, before)


def _chosen(one: Opened, place: str) -> str:
    if place.startswith("c:") and place.endswith(":"):  # a column that was to be added
        place = f"q:{place.split(':')[1]}"
    known = [other for other, _raw in one.design.places()]
    return place if place in known else known[0]


def _page(request: Request, one: Opened, place: str, shown: Shown, *, status: int = 200) -> HttpResponse:
    design, raw = one.design, one.design.spot(place).raw
    page = _page_of(design, place)
    when = shown.when
    if when is None and place[0] != "c":
        when = When(one.definition, asked_before(one.definition, place, one.form), raw.get("when"))
    faults = faults_of(one.case)
    part = "form" if one.part == FORM else "result"
    context = {
        "one": one,
        "place": place,
        "chosen": called(raw),
        "kind": _kind_words(design, place),
        "outline": _outline(design, place),
        "piece": (shown.piece or _piece(one, place, None)) if one.editable else None,
        "when": when,
        "seen": design.seen(place) if shown.seen is None else shown.seen,
        "theirs": shown.theirs,
        "refusal": shown.refusal,
        "findings": findings(one.form),
        "fault": faults.get(part, "") or (faults.get("papers", "") if one.part == FORM else ""),
        "kinds": words.KINDS,
        "column_kinds": [kind for kind in words.KINDS if kind[0] in words.IN_ROWS],
        "others": words.OTHERS,
        "column_of": _rows_of(design, place),
        "preview": tried(request, one, page),
        "page": page,
        "pages": [(f"p:{other['key']}", called(other)) for other in design.pages],
        "undoable": one.editable and one.revision.earlier.exists(),
        "in_force": one.part == FORM and queries.variant_in_force(one.revision.code, one.case["key"]),
        "button": request.GET.get("button", ""),
        "add": request.POST if request.POST.get("do") == "add" else {},
    }
    return render(request, "procedures/designer.html", context, status=status)


def _rows_of(design: Design, place: str) -> str:
    """Where a new column goes, on rows that repeat and on their columns; empty elsewhere."""
    field = place.split(":")[1]
    return f"c:{field}:" if place[0] in "qc" and design.spot(f"q:{field}").raw.get("columns") else ""


def _page_of(design: Design, place: str) -> str:
    """Key of the page that a piece is on."""
    page = ""
    for other, raw in design.places():
        page = raw["key"] if other.startswith("p:") else page
        if other == place:
            break
    return page


def _kind_words(design: Design, place: str) -> str:
    known = dict(words.KINDS)
    sorts = {"p": _("Page"), "g": _("Group of questions"), "n": _("Words between questions")}
    return sorts.get(place[0]) or str(known.get(kind_of(design.schema_of(place)), ""))


def _outline(design: Design, chosen: str) -> list[dict[str, Any]]:
    """One line a piece; groups without a title are not shown where they are the only one of their page."""
    lines = []
    for place, raw in design.places():
        if place[0] == "g" and not raw.keys() & {"legend", "when"} and place.endswith(":0"):
            continue
        question = place[0] in "qc"
        lines.append(
            {
                "place": place,
                "sort": place[0],
                "label": called(raw),
                "kind": _kind_words(design, place) if question else "",
                "required": question and design.required(place),
                "when": "when" in raw,
                "chosen": place == chosen,
            }
        )
    return lines
