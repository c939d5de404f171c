"""Administrators' page of background work: what waits, what failed, what to do about it."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tinhso.core.agencies.models import Role
from tinhso.core.jobs import actions, queries
from tinhso.core.ledger.actions import Refused

from ...access import may
from ...navigation import nav
from ...request import Request
from ..accounts.forms import tried


class SkipForm(forms.Form):
    """Why failed work may stay undone."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Kept with the decision, so that others understand it later."),
    )


@may(Role.ADMINISTRATOR)
@require_GET
def listing(request: Request) -> HttpResponse:
    """Queues and failed work. It names kinds of work and of error, and nobody's data."""
    now = timezone.now()
    context = {
        "queues": queries.queues(now),
        "lag": queries.lag(now),
        "workers": queries.workers(now),
        "failed": queries.failed_jobs(),
    }
    return render(request, "jobs/jobs.html", context)


@may(Role.ADMINISTRATOR)
@require_POST
def replay(request: Request, number: int) -> HttpResponse:
    actions.replay(number, by=request.actor, at=timezone.now())
    messages.success(request, _("Work %(number)d is in its queue again.") % {"number": number})
    return redirect("ui:jobs")


@may(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def skip(request: Request, number: int) -> HttpResponse:
    """Leave failed work undone, with a reason."""
    job = next((one for one in queries.failed_jobs() if one.number == number), None)
    if job is None:
        raise Refused("job_not_failed", _("This work is not in the list of failed work any more."))
    form = SkipForm(request.POST or None)

    def decide() -> bool:
        reason = form.cleaned_data["reason"]
        actions.skip(number, by=request.actor, at=timezone.now(), reason=reason)
        return True

    if request.method == "POST" and form.is_valid() and tried(form, decide):
        messages.success(request, _("Work %(number)d stays undone.") % {"number": number})
        return redirect("ui:jobs")
    return render(request, "jobs/skip.html", {"job": job, "form": form}, status=422 if form.errors else 200)


nav("admin", gettext_lazy("Background work"), "ui:jobs", icon="list-restart", order=60, roles=[Role.ADMINISTRATOR])
