"""Whoever applied says what went wrong, and reads what became of it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from tinhso.core.ledger.actions import Refused
from tinhso.core.ui.access import may
from tinhso.core.ui.request import Request
from tinhso.systems.dossiers.pages.citizen import own

from .. import actions, queries
from ..models import About, Kind


@may("account")
@require_http_methods(["GET", "POST"])
@never_cache
def mine(request: Request, dossier_id: UUID) -> HttpResponse:
    """What was complained of in this dossier, each with where it is; and the form. What is refused is not lost."""
    dossier = own(request, dossier_id)
    refusal, status = None, 200
    if request.method == "POST":
        try:
            one = actions.file(
                dossier,
                kind=request.POST.get("kind", ""),
                about=request.POST.get("about", ""),
                words=request.POST.get("words", "")[: actions.LONGEST + 1],
                account=request.user,
                by=request.actor,
                at=timezone.now(),
            )
        except Refused as wrong:
            refusal, status = wrong, wrong.status
        else:
            said = _("Received as no. %(number)s. %(agency)s answers; keep the number.")
            messages.success(request, said % {"number": one.number.value, "agency": one.agency.name})
            return redirect("complaints:mine", dossier.pk)
    rows = queries.about(dossier)
    context = {
        "dossier": dossier,
        "rows": rows,
        "open": any(one.is_open for one in rows),
        "kinds": Kind.choices,
        "abouts": About.choices,
        "refusal": refusal,
        "typed": request.POST,
    }
    return render(request, "complaints/mine.html", context, status=status)


@may("account")
@require_POST
def withdraw(request: Request, dossier_id: UUID, complaint_id: UUID) -> HttpResponse:
    """Take it back as long as it is not answered."""
    one = next((row for row in queries.about(own(request, dossier_id)) if row.pk == complaint_id), None)
    if one is None:
        raise Http404
    try:
        actions.withdraw(one, by=request.actor, at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("You have taken it back."))
    return redirect("complaints:mine", dossier_id)
