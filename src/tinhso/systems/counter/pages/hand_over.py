"""Lists of paper files: given, received by scanning or ticking, printed with labels."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tinhso.core.api.pagination import page
from tinhso.core.ledger.actions import Refused
from tinhso.core.ui.access import may
from tinhso.core.ui.request import Request
from tinhso.systems.dossiers.models import Dossier
from tinhso.systems.dossiers.queries import READERS

from .. import hand_overs, labels
from ..hand_overs import HOLDERS, Target
from ..models import HandOver, Item, PaperFile
from .common import printed
from .paper import print_labels

SHOWN = 30


@may(*READERS)
@require_GET
@never_cache
def lists(request: Request) -> HttpResponse:
    """What is coming to me, what I hold, and the lists of my agency."""
    assert request.staff is not None
    part = page(hand_overs.lists_of(request.staff), ("-at", "-id"), after=request.GET.get("sau", ""), limit=SHOWN)
    context = {
        "coming": list(hand_overs.coming(request.staff).order_by("hand_over__at", "pk")[:200]),
        "held": list(hand_overs.held(request.staff)[: hand_overs.MOST]),
        "lists": part.items,
        "after": part.after,
        "holds": request.staff.has_role(*HOLDERS),
    }
    return render(request, "counter/lists.html", context)


@may(*HOLDERS)
@require_POST
def scanned(request: Request) -> HttpResponse:
    """A code from the scanner: of a list, then that opens; of a dossier on its way to me, then I have received it."""
    assert request.staff is not None
    text = request.POST.get("code", "").strip()[:100]
    if one := hand_overs.by_code(text, request.staff):
        return redirect("counter:list", one.pk)
    item = hand_overs.coming(request.staff).filter(dossier__code=text.upper()).first()
    back = request.POST.get("list", "")
    try:
        if item is None:
            message = _("%(code)s is on no list that comes to you. Scan it again, with UniKey switched off.")
            raise Refused("not_coming", message % {"code": text})
        hand_overs.receive([item], staff=request.staff, by=request.actor, at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("%(code)s: received. You hold it now.") % {"code": item.dossier.code})
        back = str(item.hand_over_id) if back else ""
    try:
        return redirect("counter:list", UUID(back))
    except ValueError:
        return redirect("counter:lists")


@may(*HOLDERS)
@require_http_methods(["GET", "POST"])
@never_cache
def new(request: Request) -> HttpResponse:
    """Tick what one holds, or scan the codes; choose to whom."""
    assert request.staff is not None
    staff, now = request.staff, timezone.now()
    held = list(hand_overs.held(staff)[: hand_overs.MOST])
    refusal, scanned = None, []
    codes = request.POST.get("codes", "")[:10_000]
    if request.method == "POST":
        try:
            ticked = set(request.POST.getlist("file"))
            dossiers = [row.dossier for row in held if str(row.pk) in ticked]
            scanned = hand_overs.dossiers_by_code(codes, staff)
            dossiers += [one for one in scanned if one.pk not in {each.pk for each in dossiers}]
            to = next((one for one in _targets(request, held, scanned) if one.key == request.POST.get("to")), None)
            if to is None:
                raise Refused("to_whom", _("Choose to whom you hand them over."), field="to", status=422)
            made = hand_overs.send(dossiers, to=to.agency, receiver=to.account, staff=staff, by=request.actor, at=now)
        except Refused as wrong:
            refusal = wrong
        else:
            return redirect("counter:list", made.pk)
    context = {
        "held": held,
        "targets": _targets(request, held, scanned),
        "codes": codes,
        "to": request.POST.get("to", ""),
        "ticked": request.POST.getlist("file"),
        "refusal": refusal,
    }
    return render(request, "counter/new.html", context, status=refusal.status if refusal else 200)


def _targets(request: Request, held: list[PaperFile], scanned: list[Dossier]) -> list[Target]:
    """Also the agencies of what was scanned and is not yet in one's hands by the record."""
    assert request.staff is not None
    more = [PaperFile(dossier=one) for one in scanned]
    return hand_overs.targets(request.staff, [*held, *more], timezone.now())


def _list(request: Request, list_id: UUID) -> HandOver:
    assert request.staff is not None
    one = hand_overs.lists_of(request.staff).filter(pk=list_id).first()
    if one is None:
        raise Http404
    return one


@may(*READERS)
@require_http_methods(["GET", "POST"])
@never_cache
def one(request: Request, list_id: UUID) -> HttpResponse:
    """A list; POST receives what is ticked."""
    given = _list(request, list_id)
    assert request.staff is not None
    mine = hand_overs.coming(request.staff).filter(hand_over=given)
    refusal = None
    if request.method == "POST":
        ticked = request.POST.getlist("item")
        chosen = [item for item in mine if str(item.pk) in ticked]
        try:
            done = hand_overs.receive(chosen, staff=request.staff, by=request.actor, at=timezone.now())
        except Refused as wrong:
            refusal = wrong
        else:
            messages.success(request, _("Received: %(count)d. You hold them now.") % {"count": len(done)})
            return redirect("counter:list", given.pk)
    items = list(given.items.select_related("dossier", "received_by").order_by("pk"))
    context = {
        "list": given,
        "items": items,
        "open": sum(not item.received_at and not item.taken_back_at for item in items),
        "mine": set(mine.values_list("pk", flat=True)),
        "gave": given.giver_id == request.staff.account_id,
        "code": hand_overs.code_of(given),
        "sizes": labels.SIZES,
        "refusal": refusal,
    }
    return render(request, "counter/list.html", context, status=refusal.status if refusal else 200)


@may(*HOLDERS)
@require_POST
def take_back(request: Request, list_id: UUID, item_id: UUID) -> HttpResponse:
    """The giver keeps one of them after all."""
    given = _list(request, list_id)
    item = Item.objects.filter(pk=item_id, hand_over=given).first()
    if item is None:
        raise Http404
    assert request.staff is not None
    try:
        hand_overs.take_back(item, staff=request.staff, by=request.actor, at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("counter:list", given.pk)


@may(*READERS)
@require_GET
def list_pdf(request: Request, list_id: UUID) -> HttpResponse:
    """The list on paper, for both to sign by hand where that is wanted."""
    given, now = _list(request, list_id), timezone.now()
    data = labels.list_data(given, by=request.user, at=now)
    return printed("hand_over", data, name=f"ban-giao-{given.number.value}", at=now)


@may(*READERS)
@require_GET
def list_labels(request: Request, list_id: UUID) -> HttpResponse:
    """Labels for all files of a list."""
    given = _list(request, list_id)
    items = given.items.filter(taken_back_at=None).select_related("dossier__agency").order_by("pk")
    return print_labels([item.dossier for item in items], request.GET.get("kho", ""))
