"""One's own vault: the list, one paper, adding one from elsewhere, links to show one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tinhso.core.accounts.models import Account, Business, Person
from tinhso.core.accounts.queries import authorities_of
from tinhso.core.agencies.models import Agency, Kind
from tinhso.core.api.limits import limit
from tinhso.core.api.pagination import page
from tinhso.core.files import actions as files
from tinhso.core.files.content import JPEG, PDF, PNG
from tinhso.core.files.queries import read_bytes
from tinhso.core.ledger.actions import Refused
from tinhso.core.ui.access import may
from tinhso.core.ui.request import Request
from tinhso.systems.dossiers import queries as dossiers

from .. import actions, queries
from ..actions import Said
from ..checking import Look, look
from ..forms import AddForm
from ..models import Paper, Trust
from ..words import note

TRIES = 10  # a minute, of one person: checking a signature is work
SHOWN = 30


@may("account")
@require_GET
@never_cache
def mine(request: Request) -> HttpResponse:
    """All one's papers and those of one's businesses, newest first, each with how far it is verified."""
    own = held(request).select_related("business")
    part = page(own, ("-added_at", "-id"), after=request.GET.get("sau", ""), limit=SHOWN)
    on = queries.today(timezone.now())
    context = {"rows": [(one, note(one), one.ended(on)) for one in part.items], "after": part.after}
    return render(request, "vault/mine.html", context)


def held(request: HttpRequest) -> QuerySet[Paper]:
    """The papers of whoever is signed in, and of the businesses they act for now."""
    assert isinstance(request.user, Account)
    return queries.of_account(request.user, timezone.now())


def own(request: Request, paper_id: UUID) -> Paper:
    """One of the reader's papers; 404 for anyone else's."""
    one = held(request).filter(pk=paper_id).select_related("business", "vouched_by", "asked").first()
    if one is None:
        raise Http404
    return one


@may("account")
@require_GET
@never_cache
def paper(request: Request, paper_id: UUID) -> HttpResponse:
    """What it is, how far it is verified, where it was used, who was let see it."""
    return _shown(request, own(request, paper_id))


def _shown(request: Request, one: Paper, status: int = 200, **more: Any) -> HttpResponse:
    now = timezone.now()
    followed = dossiers.of_account(request.user, now)
    dossier = followed.filter(pk=one.dossier_id).only("code").first() if one.dossier_id else None
    can_ask = one.trust == Trust.OWN
    context = {
        "paper": one,
        "dossier": dossier,
        "ended": one.ended(queries.today(now)),
        "uses": queries.uses(one, followed),
        "shares": queries.shares(one, now),
        "days": actions.DAYS,
        "declined": queries.refused_last(one) if can_ask and not one.asked_id else "",
        "agencies": Agency.objects.open_at(now).filter(kind=Kind.COMMUNE).order_by("name") if can_ask else (),
        "commune": request.user.person.commune_code if request.user.person else "",
        **more,
    }
    return render(request, "vault/paper.html", context, status=status)


@may("account")
@require_http_methods(["GET", "POST"])
@never_cache
def add(request: Request) -> HttpResponse:
    """Put in a paper from elsewhere: its signature is checked while one waits."""
    now, person = timezone.now(), request.user.person
    if person is None:
        raise Http404
    acting = list(authorities_of(person, now))
    form = AddForm(request.POST or None, request.FILES or None, businesses=acting, today=queries.today(now))
    if request.method == "POST" and form.is_valid():
        whose = next((a.business for a in acting if str(a.business_id) == form.cleaned_data.get("whose")), person)
        try:
            made = _add(request, whose, form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return redirect("vault:paper", made.pk)
    return render(request, "vault/add.html", {"form": form}, status=422 if form.errors else 200)


def _add(request: Request, owner: Person | Business, values: dict[str, Any]) -> Paper:
    now = timezone.now()
    limit("vault_add", str(request.user.pk), per_minute=TRIES, at=now)
    sent = values["file"]
    link = files.store(sent, name=sent.name or "", by=request.actor, at=now, accept=(PDF, JPEG, PNG))
    try:
        found = look(read_bytes(link), values["name"], at=now) if link.file.mime == PDF.mime else None
        if found and found.cancelled:
            message = _("This province issued this document and has cancelled it; it cannot be kept as a paper.")
            raise Refused("cancelled", message, field="file", status=422)
        typed = ("name", "number", "agency_name", "issued_on", "valid_until")
        said = found.said if found and found.said else Said(trust=Trust.OWN, **{key: values[key] for key in typed})
        made = actions.add(owner, link, said, by=request.actor, at=now)
    except Refused:
        files.release(link, by=request.actor, at=now)
        raise
    _tell(request, made, found)
    return made


def _tell(request: Request, made: Paper, found: Look | None) -> None:
    if made.verified:
        messages.success(request, _("Verified: the signature of %(who)s holds.") % {"who": made.agency_name})
        return
    wrong = [str(one.message) for one in found.report.findings if not one.notice] if found else []
    told = _("It is kept, and not verified. Any commune can compare it with the original; ask below.")
    messages.warning(request, " ".join([*wrong[:1], told]))


@may("account")
@require_POST
@never_cache
def share(request: Request, paper_id: UUID) -> HttpResponse:
    """Make a link. Its secret is shown on this one answer and kept nowhere."""
    one, now = own(request, paper_id), timezone.now()
    days = request.POST.get("days", "")
    try:
        if one.ended(queries.today(now)):
            raise Refused("ended", _("This paper holds no longer, so it is not shown to others."))
        made, token = actions.share(one, days=int(days) if days.isdecimal() else 0, by=request.actor, at=now)
    except Refused as refusal:
        return _shown(request, one, refusal.status, refusal=refusal)
    address = f"{settings.TINHSO.base_url}{reverse('vault:shared', args=[token])}"
    return _shown(request, one, made=made, address=address)


@may("account")
@require_POST
def end_share(request: Request, paper_id: UUID, share_id: UUID) -> HttpResponse:
    """End a link at once."""
    one = own(request, paper_id)
    if not one.shares.filter(pk=share_id).exists():
        raise Http404
    actions.end_share(one, share_id, by=request.actor, at=timezone.now())
    messages.success(request, _("The link opens nothing any more."))
    return redirect("vault:paper", one.pk)


@may("account")
@require_POST
def ask_comparison(request: Request, paper_id: UUID) -> HttpResponse:
    """Choose the commune where one will show the original."""
    one, now = own(request, paper_id), timezone.now()
    asked = request.POST.get("agency", "")
    agency = next((a for a in Agency.objects.open_at(now).filter(kind=Kind.COMMUNE) if str(a.pk) == asked), None)
    if agency is None:
        raise Refused("agency_missing", _("Choose a commune."), field="agency", status=422)
    actions.ask_comparison(one, agency, by=request.actor, at=now)
    messages.success(request, _("Bring the original to the one-stop counter of %(who)s.") % {"who": agency.name})
    return redirect("vault:paper", one.pk)


@may("account")
@require_POST
def take_out(request: Request, paper_id: UUID) -> HttpResponse:
    """Delete a paper that was added; what came with a dossier stays with it."""
    one = own(request, paper_id)
    if one.file is None:
        raise Refused("stays", _("This paper belongs to a dossier, so it stays."))
    actions.take_out([one], by=request.actor, at=timezone.now())
    messages.success(request, _("The paper was taken out of the vault."))
    return redirect("vault:mine")
