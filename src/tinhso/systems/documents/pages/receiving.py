"""Hold what came on paper."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tinhso.core.agencies.models import Role
from tinhso.core.files import actions as files
from tinhso.core.files.content import PDF
from tinhso.core.ledger.actions import Refused
from tinhso.core.ui.access import may
from tinhso.core.ui.request import Request

from .. import actions
from ..forms import ReceiveForm


@may(Role.CLERK)
@require_http_methods(["GET", "POST"])
@never_cache
def receive(request: Request) -> HttpResponse:
    """The scan and what the register wants to know of it; then it waits to be registered."""
    form = ReceiveForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        assert request.staff is not None
        clean, now, link = dict(form.cleaned_data), timezone.now(), None
        file = clean.pop("file")
        try:
            link = files.store(file, name=file.name or "", by=request.actor, at=now, accept=(PDF,), personal=False)
            made = actions.receive(
                file=link, type_=clean.pop("type"), **clean, staff=request.staff, by=request.actor, at=now
            )
        except Refused as refusal:
            if link:
                files.release(link, by=request.actor, at=now)
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("Held. Register it next."))
            return redirect("documents:one", made.pk)
    return render(request, "documents/receive.html", {"form": form}, status=422 if form.errors else 200)
