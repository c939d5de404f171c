"""The letter of a result, written without code: parts of words with answers between them, and the page it becomes."""

from __future__ import annotations

import copy
import io
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from tinhso.core.agencies import units
from tinhso.core.agencies.models import Staff
from tinhso.core.forms.choosing import in_words
from tinhso.core.forms.definition import digest
from tinhso.core.forms.when import When
from tinhso.core.ledger.actions import NotAllowed, Refused
from tinhso.core.letters.render import render as rendered
from tinhso.core.letters.signatory import signatory
from tinhso.core.ui.access import may
from tinhso.core.ui.request import Request

from .. import actions, results
from ..builder.parts import RESULT, case_of, with_case
from ..builder.writing import DESIGNED, PARTS, Names, Part, begun
from ..checks import faults_of, letters
from .editor import EDITORS, editor_only
from .opened import Opened, opened
from .trial import example_of

SCALE = 1.6  # of a preview: 115 dots an inch


@may(*EDITORS)
@require_http_methods(["GET", "POST"])
def letter(request: Request, revision_id: UUID, case: str) -> HttpResponse:
    """The letter of a case: its parts, the one that is chosen, and the page it becomes."""
    one = opened(request, revision_id, case, RESULT)
    refusal, typed, when, status = "", None, None, 200
    seen: str | None = None  # what the part was when it was opened; None: as it is now
    if request.method == "POST":
        editor_only(request)
        if not one.editable:
            raise NotAllowed(_("This change is no longer a draft."), "not_a_draft")
        verb, _space, number = request.POST.get("do", "").partition(" ")
        chosen = int(number) if number.isdecimal() and len(number) < 4 else 0
        if verb in ("set", "when-add"):
            before = _part_at(one, chosen).get("when")
            when = When.sent(one.definition, one.definition.questions, request.POST, before)
            seen = request.POST.get("seen", "")
        try:
            if verb != "when-add":
                after = _done(request, one, verb, chosen, when)
                return redirect(f"{reverse('procedures:letter', args=[revision_id, case])}?chon={after}")
            assert when
            when.add(request.POST.get("new", ""), request.POST.get("new-join", "and"))
        except Refused as refused:
            refusal, status = str(refused), 422
            one = opened(request, revision_id, case, RESULT)
            seen = None if refused.code == "changed_meanwhile" else seen
            if refused.code == "changed_meanwhile" and (now := _part_at(one, chosen).get("text")):
                refusal += " " + _("Now it says: %(text)s") % {"text": Names(one.definition).shown(now)}
        typed = request.POST
    else:
        asked = request.GET.get("chon", "")
        chosen = int(asked) if asked.isdecimal() and len(asked) < 4 else 0
    return _page(request, one, chosen, refusal=refusal, typed=typed, when=when, seen=seen, status=status)


def _part_at(one: Opened, number: int) -> Part:
    """A part of the letter; empty where it has no such part."""
    data = one.case["result"]["data"]
    body: list[Part] = data["body"]["write"] if one.case["result"]["letter"] == DESIGNED else []
    return body[number] if number < len(body) else {}


def _page(
    request: Request,
    one: Opened,
    chosen: int,
    *,
    refusal: str,
    typed: QueryDict | None,
    when: When | None,
    seen: str | None,
    status: int,
) -> HttpResponse:
    result = one.case["result"]
    own = result["letter"] == DESIGNED
    body: list[Part] = result["data"]["body"]["write"] if own else []
    chosen = min(chosen, len(body) - 1)
    names, part = Names(one.definition), body[chosen] if body else {}
    context = {
        "one": one,
        "own": own,
        "known": letters().get(result["letter"], (result["letter"],))[0],
        "title": result["data"]["title"]["value"] if own else "",
        "about": result["data"]["about"]["value"] if own else "",
        "body": [
            {
                "number": number,
                "kind": dict(PARTS)[one_part["kind"]],
                "text": names.shown(one_part["text"]),
                "when": in_words(one_part["when"], one.definition) if "when" in one_part else "",
            }
            for number, one_part in enumerate(body)
        ],
        "chosen": chosen,
        "part": part,
        "text": typed.get("text", "") if typed and "text" in typed else names.shown(part.get("text", "")),
        "kind": (typed.get("kind") if typed else "") or part.get("kind", ""),
        "kinds": PARTS,
        "fields": list(names.by_path.values()),
        "when": when or When(one.definition, one.definition.questions, part.get("when")),
        "seen": (digest(part) if part else "") if seen is None else seen,
        "refusal": refusal,
        "fault": faults_of(one.case).get("result", "") or faults_of(one.case).get("letter", ""),
        "undoable": one.editable and one.revision.earlier.exists(),
        "edition": one.revision.edition,
    }
    return render(request, "procedures/letter.html", context, status=status)


def _done(request: Request, one: Opened, verb: str, chosen: int, when: When | None) -> int:
    """Do what a button says; the number of the part to show next."""
    who: Any = {"by": request.actor, "at": timezone.now()}
    if verb == "undo":
        actions.undo(one.revision, **who)
        return chosen
    if when:
        when.check()
    landed: list[int] = []
    change = _begin if verb == "begin" else _body_change(one, verb, chosen, request.POST, when)

    def edit(data: Mapping[str, Any]) -> dict[str, Any]:
        case = case_of(data, one.case["key"])
        result = copy.deepcopy(case["result"])
        result, number = change(data, result)
        landed.append(number)
        changed = {**case, "result": result}
        if wrong := faults_of(changed).get("result"):
            raise Refused("letter_invalid", wrong, status=422)
        return with_case(data, changed)

    actions.redesign(one.revision, edit, **who)
    if verb in ("set", "title"):
        messages.success(request, _("Saved."))
    return landed[-1]


def _begin(data: Mapping[str, Any], result: Part) -> tuple[Part, int]:
    return begun(result, data["version"].get("result") or data["procedure"]["name"]), 0


def _body_change(
    one: Opened, verb: str, chosen: int, sent: QueryDict, when: When | None
) -> Callable[[Mapping[str, Any], Part], tuple[Part, int]]:
    names = Names(one.definition)
    kind, text = sent.get("kind", ""), names.kept(sent.get("text", "").replace("\r", "").strip()[:5000])
    if verb in ("add", "set") and (kind not in dict(PARTS) or not text):
        raise Refused("text_missing", _("Choose a kind, and write what it says."), field="text", status=422)

    def change(_data: Mapping[str, Any], result: Part) -> tuple[Part, int]:
        if result["letter"] != DESIGNED:
            raise Refused("changed_meanwhile", _("Somebody has chosen another letter meanwhile."))
        body: list[Part] = result["data"]["body"]["write"]
        if verb == "title":
            result["data"] |= {name: {"value": sent.get(name, "").strip()[:300]} for name in ("title", "about")}
            if not result["data"]["title"]["value"]:
                raise Refused("title_missing", _("A letter needs a title."), field="title", status=422)
            return result, chosen
        if verb == "add":
            body.insert(chosen + 1, {"kind": kind, "text": text})
            return result, min(chosen + 1, len(body) - 1)
        if not 0 <= chosen < len(body):
            raise Refused("gone", _("This part has been taken out meanwhile."))
        if verb == "set":
            if digest(body[chosen]) != sent.get("seen"):
                raise Refused(
                    "changed_meanwhile",
                    _("Somebody has changed this since you opened it. What you entered is still here."),
                )
            body[chosen] = {"kind": kind, "text": text, **({"when": when.condition} if when and when.condition else {})}
            return result, chosen
        if verb == "remove":
            del body[chosen]
            return result, max(0, chosen - 1)
        target = chosen + (-1 if verb == "up" else 1)
        if verb in ("up", "down") and 0 <= target < len(body):
            body.insert(target, body.pop(chosen))
            return result, target
        return result, chosen

    return change


@may(*EDITORS)
@require_GET
def letter_preview(request: Request, revision_id: UUID, case: str, page: int = 0) -> HttpResponse:
    """The letter with example data: page `page` as a picture, or the PDF (0). It has no number and no value."""
    one = opened(request, revision_id, case, RESULT)
    assert request.staff is not None
    kind = "image/png" if page else "application/pdf"
    return HttpResponse(
        drawn(one, request.staff, page), content_type=kind, headers={"Cache-Control": "private, no-store"}
    )


def drawn(one: Opened, staff: Staff, page: int) -> bytes:
    """The PDF (0) or a page of it as PNG. Raises `Http404` past the last page. Outside any transaction."""
    pdf = rendered(f"procedures/{one.case['result']['letter']}", _data(one, staff), at=timezone.now())
    return _picture(pdf, page) if page else pdf


def _data(one: Opened, staff: Staff) -> dict[str, Any]:
    """What the letter gets: the example's answers, the head and signer of who looks at it."""
    result = one.case["result"]
    stated = results.told(result["data"], one.definition, example_of(one))
    unit = units.unit(staff.agency.unit_code)
    return {
        **stated,
        "parent_agency": "",
        "agency": staff.agency.name,
        "place": unit.name if unit else staff.agency.short_name,
        "demo": True,  # printed on it: it proves nothing
        "number": "",
        "date": "",
        "verify": {"url": f"{settings.TINHSO.base_url}/xac-minh/", "code": "XEM-THU"},
        "signer": signatory(staff),
    }


def _picture(pdf: bytes, page: int) -> bytes:
    import pypdfium2  # type: ignore[import-untyped,unused-ignore]

    document = pypdfium2.PdfDocument(pdf)
    if page > len(document):
        raise Http404
    out = io.BytesIO()
    document[page - 1].render(scale=SCALE).to_pil().save(out, "PNG")
    return out.getvalue()
