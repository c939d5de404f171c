"""Administrators' page of the ways out: which are set up, what became of messages, a test of each, which for what."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tinhso.core.agencies.models import Role
from tinhso.core.notify import choices, kinds, queries
from tinhso.core.notify.channels import CHANNELS
from tinhso.core.notify.models import KindSetting

from ...access import may
from ...navigation import nav
from ...request import Request
from ..accounts.forms import tried
from .choices import NAMES


class TestForm(forms.Form):
    """Where the test goes. A browser's test goes to one's own devices."""

    to = forms.CharField(label=gettext_lazy("Send it to"), max_length=120, required=False)
    template = forms.CharField(label=gettext_lazy("Zalo text number"), max_length=20, required=False)

    def __init__(self, channel: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if channel != "zalo":
            del self.fields["template"]
        if channel == "push":
            del self.fields["to"]
        elif channel == "email":
            self.fields["to"] = forms.EmailField(label=gettext_lazy("Send it to"))
        else:
            self.fields["to"].required = True


class KindForm(forms.Form):
    """The ways out of one kind of notice."""

    channels = forms.MultipleChoiceField(
        label=gettext_lazy("Ways"),
        required=False,
        choices=list(NAMES.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Besides the notification here, which is always made."),
    )
    zalo_template = forms.CharField(
        label=gettext_lazy("Zalo text number"),
        required=False,
        max_length=20,
        help_text=gettext_lazy("The number of the text that Zalo approved for this notice."),
    )


@may(Role.ADMINISTRATOR)
@require_GET
def ways(request: Request) -> HttpResponse:
    """Channels with what became of the last seven days, and each kind of notice with its ways."""
    every = kinds.declared()
    chosen = queries.channels_of({kind.name for kind in every})
    context = {
        "ways": [(way, NAMES[way.channel.name], TestForm(way.channel.name)) for way in queries.ways(timezone.now())],
        "kinds": [(kind, [NAMES[name] for name in chosen[kind.name]]) for kind in every],
    }
    return render(request, "notices/ways.html", context)


@may(Role.ADMINISTRATOR)
@require_POST
def test(request: Request, name: str) -> HttpResponse:
    """Send one test message now and say what became of it."""
    if name not in CHANNELS:
        raise Http404
    form = TestForm(name, request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(e) for errors in form.errors.values() for e in errors))
        return redirect("ui:notice_ways")
    to = str(request.user.pk) if name == "push" else form.cleaned_data["to"].strip()
    template = form.cleaned_data.get("template", "")
    outcome = choices.try_channel(name, to=to, template=template, by=request.actor, at=timezone.now())
    said = {"channel": NAMES[name], "code": outcome}
    if outcome == "sent":
        messages.success(request, _("%(channel)s: the test message was taken.") % said)
    elif outcome == "not_configured":
        messages.warning(request, _("%(channel)s is not set up here, so nothing was sent.") % said)
    else:
        messages.error(request, _("%(channel)s: the test failed (%(code)s).") % said)
    return redirect("ui:notice_ways")


@may(Role.ADMINISTRATOR)
@require_POST
def again(request: Request, name: str) -> HttpResponse:
    """Try what was refused in the last seven days once more, after the cause is mended."""
    if name not in CHANNELS:
        raise Http404
    count = choices.send_again(name, since=queries.LATELY, by=request.actor, at=timezone.now())
    messages.success(request, _("%(count)d messages are on their way again.") % {"count": count})
    return redirect("ui:notice_ways")


@may(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def kind(request: Request, name: str) -> HttpResponse:
    """Choose the ways out of one kind of notice."""
    try:
        one = kinds.get(name)
    except KeyError:
        raise Http404 from None
    setting = KindSetting.objects.filter(pk=name).first()
    initial = {
        "channels": queries.channels_of({name})[name],
        "zalo_template": setting.zalo_template if setting else "",
    }
    form = KindForm(request.POST if request.method == "POST" else None, initial=initial)

    def keep() -> bool:
        choices.set_kind(name, **form.cleaned_data, by=request.actor, at=timezone.now())
        return True

    if request.method == "POST" and form.is_valid() and tried(form, keep):
        messages.success(request, _("Saved."))
        return redirect("ui:notice_ways")
    return render(request, "notices/kind.html", {"kind": one, "form": form}, status=422 if form.errors else 200)


nav("admin", gettext_lazy("Ways of notifying"), "ui:notice_ways", icon="send", order=55, roles=[Role.ADMINISTRATOR])
