"""Officials: consent of who stands at the counter, and papers to compare with their originals."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tinhso.core.accounts.models import Business
from tinhso.core.agencies.models import Role
from tinhso.core.api.pagination import page
from tinhso.core.forms import actions as forms
from tinhso.core.forms.models import Draft
from tinhso.core.ledger.actions import Refused, record_access
from tinhso.core.ui.access import may
from tinhso.core.ui.request import Request
from tinhso.systems.dossiers.drafts import purpose_of

from .. import actions, queries
from ..events import PaperSeen

SHOWN = 30


@may(Role.RECEPTIONIST)
@require_POST
def consent(request: Request, draft_id: UUID) -> HttpResponse:
    """A button of the counter's form: what was typed there is kept, the consent recorded, and the form shown again."""
    draft = Draft.objects.select_related("form_version", "account").filter(pk=draft_id, account=request.user).first()
    if draft is None:
        raise Http404
    now = timezone.now()
    forms.save_page(draft, None, request.POST, request.FILES, by=request.actor, at=now, on=queries.today(now))
    draft.refresh_from_db()
    purpose = purpose_of(draft, now)
    if not request.POST.get("vault_consent"):
        messages.error(request, _("First ask the applicant, and tick that they agree."))
    elif purpose is None or purpose.person is None or purpose.applicant is None:
        messages.error(request, _("Nobody with this citizen ID has papers here. Type the number from their ID card."))
    else:
        business = purpose.applicant if isinstance(purpose.applicant, Business) else None
        actions.consent(purpose.person, business, draft, official=request.user, by=request.actor, at=now)
        messages.success(request, _("Their papers stand at the questions that ask for files, for one hour."))
    back = request.POST.get("vault_back", "")
    ours = url_has_allowed_host_and_scheme(back, {request.get_host()}) and back.startswith("/")
    return redirect(back if ours else "dossiers:counter")


@may(*queries.COMPARERS)
@require_GET
@never_cache
def compare_list(request: Request) -> HttpResponse:
    """Papers whose owners will bring, or have brought, the original here."""
    part = page(queries.to_compare(request.staff), ("id",), after=request.GET.get("sau", ""), limit=SHOWN)
    return render(request, "vault/compare_list.html", {"papers": part.items, "after": part.after})


@may(*queries.COMPARERS)
@require_http_methods(["GET", "POST"])
@never_cache
def compare(request: Request, paper_id: UUID) -> HttpResponse:
    """The paper beside the original in one's hand; the look is recorded, and its owner sees it."""
    one, now = get_object_or_404(queries.to_compare(request.staff), pk=paper_id), timezone.now()
    assert request.staff is not None
    refusal, status = None, 200
    if request.method == "POST":
        try:
            if request.POST.get("outcome") == "same":
                actions.compare(one, staff=request.staff, by=request.actor, at=now)
                messages.success(request, _("Compared: it now stands for the original."))
            else:
                actions.decline(
                    one, staff=request.staff, reason=request.POST.get("reason", "")[:1000], by=request.actor, at=now
                )
                messages.success(request, _("The owner reads why it was not found the same."))
            return redirect("vault:compare_list")
        except Refused as wrong:
            refusal, status = wrong, wrong.status
    else:
        record_access(PaperSeen(), subject=one, by=request.actor, at=now)
    context = {"paper": one, "refusal": refusal, "typed": request.POST.get("reason", "")}
    return render(request, "vault/compare.html", context, status=status)
