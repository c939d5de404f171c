"""The joint dossier for its applicant: all parts, what must be done now, the last promise, one timeline."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tinhso.core.ledger.actions import Refused
from tinhso.core.ui.access import may
from tinhso.core.ui.request import Request
from tinhso.systems.dossiers.pages.adding import add
from tinhso.systems.dossiers.pages.citizen import own

from .. import queries
from ..queries import Joint


def _joint(request: Request, dossier_id: UUID) -> Joint:
    shown = queries.joint(own(request, dossier_id))
    if shown is None:
        raise Http404
    return shown


@may("account")
@require_GET
def joint(request: Request, dossier_id: UUID) -> HttpResponse:
    """Everything of one joint application on one page."""
    return _page(request, _joint(request, dossier_id))


def _page(request: Request, shown: Joint, status: int = 200, **more: Any) -> HttpResponse:
    context = {"joint": shown, "timeline": queries.timeline(shown), **more}
    return render(request, "linked/joint.html", context, status=status)


@may("account")
@require_POST
def supplement(request: Request, dossier_id: UUID, part: str) -> HttpResponse:
    """Add what a part asks for, here where all of them ask. Where that is refused, nothing typed is lost."""
    shown = _joint(request, dossier_id)
    row = next((one for one in shown.asked if one.planned.key == part), None)
    if row is None or row.dossier is None:
        messages.info(request, _("Nothing is asked for any more. Thank you."))
        return redirect("linked:joint", dossier_id)
    try:
        add(request, row.dossier)
    except Refused as refusal:
        again = _joint(request, dossier_id)
        return _page(request, again, refusal.status, refusal=refusal, typed=request.POST, tried=part)
    messages.success(request, _("Thank you. The clock of this part runs again."))
    return redirect("linked:joint", dossier_id)
