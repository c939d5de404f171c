"""How one wants to be told: ways, quiet hours, one mail a day, this browser; and the link in each mail."""

from __future__ import annotations

from datetime import time
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tinhso.core.ledger.actions import Actor, Refused
from tinhso.core.notify import choices, kinds, queries, unsubscribe
from tinhso.core.notify.channels import CHANNELS
from tinhso.core.notify.channels.push import public_key
from tinhso.core.notify.manners import manners
from tinhso.core.notify.models import Preference

from ...access import may
from ...navigation import nav
from ...request import Request

NAMES = {
    "email": gettext_lazy("E-mail"),
    "sms": gettext_lazy("SMS"),
    "zalo": gettext_lazy("Zalo"),
    "push": gettext_lazy("Browser"),
}
# What a User-Agent holds and what that browser or system is called; the first that fits.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("coc_coc", "Cốc Cốc"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)
PROVINCE, NEVER, OWN = "province", "never", "own"


class ChoiceForm(forms.Form):
    """The ways that are set up here, the summary, and the hours."""

    on = forms.MultipleChoiceField(
        label=gettext_lazy("Tell me by"), required=False, widget=forms.CheckboxSelectMultiple
    )
    digest = forms.ChoiceField(
        label=gettext_lazy("Mail"),
        choices=[
            ("", gettext_lazy("At once, one for each notification")),
            ("1", gettext_lazy("Once a day, all in one")),
        ],
        required=False,
        widget=forms.RadioSelect,
    )
    quiet = forms.ChoiceField(label=gettext_lazy("Quiet hours"), widget=forms.RadioSelect)
    quiet_from = forms.TimeField(
        label=gettext_lazy("From"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    quiet_to = forms.TimeField(
        label=gettext_lazy("To"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )

    def __init__(self, choice: Preference, data: Any = None) -> None:
        hours = manners(timezone.localdate())
        own = choice.quiet_from is not None
        initial = {
            "on": [name for name in CHANNELS if name not in choice.off],
            "digest": "1" if choice.digest else "",
            "quiet": (NEVER if choice.quiet_from == choice.quiet_to else OWN) if own else PROVINCE,
            "quiet_from": choice.quiet_from or hours.quiet_from,
            "quiet_to": choice.quiet_to or hours.quiet_to,
        }
        super().__init__(data, initial=initial)
        self.fields["on"].choices = [  # type: ignore[attr-defined]
            (name, NAMES[name]) for name, channel in CHANNELS.items() if channel.configured()
        ]
        as_here = _("As the province has it: from %(from)s to %(to)s") % {
            "from": f"{hours.quiet_from:%H:%M}",
            "to": f"{hours.quiet_to:%H:%M}",
        }
        self.fields["quiet"].choices = [  # type: ignore[attr-defined]
            (PROVINCE, as_here), (OWN, _("The hours below")), (NEVER, _("None: tell me at any hour"))
        ]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        start, end = values.get("quiet_from"), values.get("quiet_to")
        if values.get("quiet") == OWN and (start is None or end is None or start == end):
            self.add_error("quiet_from", _("Say from when to when, two different times."))
        return values

    def hours(self) -> tuple[time, time] | None:
        """What `choices.choose` takes."""
        kept = self.cleaned_data
        if kept["quiet"] == OWN:
            return kept["quiet_from"], kept["quiet_to"]
        return (time(0), time(0)) if kept["quiet"] == NEVER else None

    def off(self) -> list[str]:
        """Those offered and not chosen."""
        offered = dict(self.fields["on"].choices)  # type: ignore[attr-defined]
        return [name for name in offered if name not in self.cleaned_data["on"]]


@may("account")
@require_http_methods(["GET", "POST"])
@never_cache
def preferences(request: Request) -> HttpResponse:
    """One page for citizens and officials."""
    holder = queries.holder_of(request.user)
    choice = queries.preference(holder)
    form = ChoiceForm(choice, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        kept = form.cleaned_data
        hidden = [name for name in choice.off if name not in dict(form.fields["on"].choices)]  # type: ignore[attr-defined]
        choices.choose(
            holder, off=[*form.off(), *hidden], digest=bool(kept["digest"]), quiet=form.hours(), by=request.actor,
            at=timezone.now(),
        )  # fmt: skip
        messages.success(request, _("Saved."))
        return redirect("ui:notice_choices")
    context = {
        "form": form,
        "shell": "ui/desk.html" if request.staff else "ui/citizen.html",
        "devices": queries.devices_of(request.user),
        "push_key": public_key(),
        "required": [kind for kind in kinds.declared() if kind.required],
        "missing": [NAMES[name] for name, channel in CHANNELS.items() if not channel.configured()],
    }
    return render(request, "notices/choices.html", context, status=422 if form.errors else 200)


@may("account")
@require_POST
def add_device(request: Request) -> JsonResponse:
    """What the page's script sends after the person said yes to the browser's own question."""
    sent = request.POST
    try:
        device = choices.add_device(
            request.user, endpoint=sent.get("endpoint", ""), key=sent.get("key", ""), secret=sent.get("secret", ""),
            language=get_language() or settings.LANGUAGE_CODE, label=label(request.headers.get("User-Agent", "")),
            at=timezone.now(),
        )  # fmt: skip
    except Refused as refused:
        return JsonResponse({"code": refused.code, "message": str(refused)}, status=refused.status)
    return JsonResponse({"id": str(device.pk)}, status=201)


def label(agent: str) -> str:
    """`Firefox · Android`: enough for its owner to know which one it is."""
    found = [next((name for sign, name in signs if sign in agent), "") for signs in (BROWSERS, SYSTEMS)]
    return " · ".join(filter(None, found)) or "?"


@may("account")
@require_POST
def remove_device(request: Request, device_id: UUID) -> HttpResponse:
    choices.remove_device(request.user, device_id)
    messages.success(request, _("This device is told no more."))
    return redirect("ui:notice_choices")


@may("public")
@require_GET
@cache_control(public=True, max_age=3600)
def service_worker(request: Request) -> HttpResponse:
    """The script a browser wakes for a message; at the root, since it may open any page of ours."""
    return render(request, "notices/worker.js", content_type="text/javascript")


@csrf_exempt  # RFC 8058: the mail provider posts it, without cookies; the signed address is the proof
@may("public")
@require_http_methods(["GET", "POST"])
@never_cache
def stop(request: Request, token: str) -> HttpResponse:
    """Stop mail with one click, without signing in; and begin again on the same page."""
    holder = unsubscribe.read(token)
    if holder is None or not queries.holder_exists(holder):
        raise Http404
    if request.method == "POST":
        on = request.POST.get("again") == "1"
        choices.turn("email", on, holder, by=Actor.system("unsubscribe"), at=timezone.now())
    off = "email" in queries.preference(holder).off
    required = [kind for kind in kinds.declared() if kind.required]
    return render(request, "notices/stop.html", {"off": off, "required": required, "token": token})


nav("account", gettext_lazy("How I am told"), "ui:notice_choices", icon="bell-ring", order=6)
