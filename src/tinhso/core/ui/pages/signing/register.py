"""The register of certificates of an administrator's agencies: what ends soon is on top."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from tinhso.core.agencies.models import Role
from tinhso.core.api.pagination import page
from tinhso.core.signing import actions, queries

from ...access import may
from ...navigation import nav
from ...request import Request
from .own import state


@may(Role.ADMINISTRATOR)
@require_GET
def register(request: Request) -> HttpResponse:
    """Who signs with what, until when."""
    now = timezone.now()
    rows = queries.in_reach(request.staff)
    if request.GET.get("xem") != "tat-ca":
        rows = rows.filter(revoked_at=None, not_after__gt=now)
    found = page(rows, ("not_after", "pk"), after=request.GET.get("after", ""))
    context = {
        "rows": [(certificate, state(certificate, now)) for certificate in found.items],
        "after": found.after,
        "all": request.GET.get("xem") == "tat-ca",
    }
    return render(request, "signing/register.html", context)


@may(Role.ADMINISTRATOR)
@require_POST
def revoke(request: Request, certificate_id: UUID) -> HttpResponse:
    """Take a certificate out of force here, with a reason."""
    certificate = get_object_or_404(queries.in_reach(request.staff), pk=certificate_id)
    actions.revoke_certificate(certificate, reason=request.POST.get("reason", ""), by=request.actor, at=timezone.now())
    messages.success(request, _("Revoked. What it signed before stays valid."))
    return redirect("ui:certificate_register")


nav(
    "admin",
    gettext_lazy("Certificates"),
    "ui:certificate_register",
    icon="signature",
    order=40,
    roles=[Role.ADMINISTRATOR],
)
