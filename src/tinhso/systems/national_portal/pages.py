"""The page of the national portal, and the address at which it fetches files."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tinhso.core.agencies.models import Role
from tinhso.core.files.events import FileRead
from tinhso.core.files.queries import open_link
from tinhso.core.ledger.actions import Actor, Refused, record_access
from tinhso.core.ui.access import may
from tinhso.core.ui.pages.accounts.forms import tried
from tinhso.core.ui.request import Request

from . import actions, channel, links, queries
from .jobs import begun, fetch, read_catalogue
from .models import Application
from .words import explained

READERS = (Role.ADMINISTRATOR, Role.AUDITOR)


class BeginForm(forms.Form):
    """From which day on the portal is told."""

    day = forms.DateField(
        label=gettext_lazy("Send everything from this day on"), widget=forms.DateInput(attrs={"type": "date"})
    )


class SkipForm(forms.Form):
    """Why the portal is not told something."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Kept with the decision, so that others understand it later."),
    )


@may(*READERS)
@require_GET
def overview(request: Request) -> HttpResponse:
    """Whether the portal answers, how far behind we are, what it refuses and why, what came from it."""
    return _overview(request, BeginForm(initial={"day": timezone.localdate()}))


def _overview(request: Request, form: BeginForm) -> HttpResponse:
    assert request.staff is not None
    rejected = queries.rejected(request.staff)[: queries.PAGE]
    context = {
        "now": queries.overview(request.staff, timezone.now()),
        "rejected": [(item, explained(item)) for item in rejected],
        "applications": queries.applications(request.staff)[: queries.PAGE],
        "form": form,
        "acts": request.staff.has_role(Role.ADMINISTRATOR),
        "of_province": actions.is_of_province(request.staff) and request.staff.has_role(Role.ADMINISTRATOR),
        "reads": request.staff.has_role(Role.AUDITOR),
    }
    return render(request, "national_portal/overview.html", context, status=422 if form.errors else 200)


@may(Role.ADMINISTRATOR)
@require_POST
def begin(request: Request) -> HttpResponse:
    """Begin telling the portal, or read again from an earlier day."""
    actions.only_province(request.staff)
    form = BeginForm(request.POST)

    def decide() -> bool:
        actions.begin(form.cleaned_data["day"], by=request.actor, at=timezone.now())
        return True

    if form.is_valid() and tried(form, decide):
        messages.success(request, _("The national portal is told from that day on."))
        return redirect("national_portal:overview")
    return _overview(request, form)


@may(Role.ADMINISTRATOR)
@require_POST
def send_all_again(request: Request) -> HttpResponse:
    """Send everything the portal refused, within the reader's reach."""
    many = actions.send_again(queries.rejected(request.staff), by=request.actor, at=timezone.now())
    said = ngettext("%(count)d message is on its way again.", "%(count)d messages are on their way again.", many)
    messages.success(request, said % {"count": many})
    return redirect("national_portal:overview")


@may(Role.ADMINISTRATOR)
@require_POST
def send_again(request: Request, item_id: UUID) -> HttpResponse:
    """Send one refused item again."""
    item = get_object_or_404(queries.items(request.staff), pk=item_id)
    actions.send_again([item], by=request.actor, at=timezone.now())
    messages.success(request, _("It is on its way again."))
    return redirect("national_portal:overview")


@may(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def skip(request: Request, item_id: UUID) -> HttpResponse:
    """Leave a refused item out, with a reason."""
    item = get_object_or_404(queries.items(request.staff).select_related("dossier", "agency"), pk=item_id)
    form = SkipForm(request.POST or None)

    def decide() -> bool:
        actions.skip(item, reason=form.cleaned_data["reason"], by=request.actor, at=timezone.now())
        return True

    if request.method == "POST" and form.is_valid() and tried(form, decide):
        messages.success(request, _("The portal is not told this; the rest of the dossier goes on."))
        return redirect("national_portal:overview")
    context = {"item": item, "why": explained(item), "form": form}
    return render(request, "national_portal/skip.html", context, status=422 if form.errors else 200)


@may(Role.ADMINISTRATOR)
@require_POST
def ask_again(request: Request, application_id: UUID) -> HttpResponse:
    """Ask the portal for one application once more, after the cause was mended."""
    one = get_object_or_404(queries.applications(request.staff), pk=application_id)
    if one.outcome != Application.Outcome.REFUSED:
        raise Refused("taken_before", _("This application has become a dossier already."))
    fetch.defer(number=one.number)
    messages.success(request, _("The portal is asked for it again; look here in a minute."))
    return redirect("national_portal:overview")


@may(Role.ADMINISTRATOR)
@require_POST
def ask_for_catalogue(request: Request) -> HttpResponse:
    """Read the portal's catalogue now instead of tonight."""
    actions.only_province(request.staff)
    if not begun():
        raise Refused("not_begun", _("Begin the exchange with the portal first."))
    read_catalogue.defer()
    messages.success(request, _("The catalogue is being read; this takes some minutes."))
    return redirect("national_portal:overview")


@may("public")  # whoever has the address: only the portal was told it
@require_GET
def file(request: Request, link_id: UUID, mac: str) -> HttpResponseBase:
    """A file that a payload named, while the portal is set up here; the fetch enters the access log."""
    link = links.opened(link_id, mac) if channel.configured() else None
    if link is None or link.owner is None:
        raise Http404
    portal = Actor.system("national-portal")
    record_access(FileRead(file=link.pk), subject=link.owner, by=portal, at=timezone.now())
    answer = FileResponse(open_link(link), as_attachment=True, filename=link.name, content_type=link.file.mime)
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
