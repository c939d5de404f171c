"""One's own certificates: register one from a key file, a token or a remote service; report a loss."""

from __future__ import annotations

import secrets
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tinhso.core.ledger.actions import Refused
from tinhso.core.signing import actions, enrol, queries, remote
from tinhso.core.signing.keys import Identity
from tinhso.core.signing.models import Certificate

from ...access import may
from ...navigation import nav
from ...request import Request
from ..accounts.forms import tried
from .answers import answers, der, text

CHALLENGE = "signing.challenge"  # session key: what the token must sign to show that it is there
SECRET = forms.PasswordInput(attrs={"autocomplete": "off"})


class FileForm(forms.Form):
    """A key file."""

    key = forms.FileField(label=gettext_lazy("Key file (.p12, .pfx)"), max_length=200)
    passphrase = forms.CharField(
        label=gettext_lazy("Its passphrase"),
        widget=SECRET,
        help_text=gettext_lazy("Only to see that it opens. The file is kept locked; the passphrase is not kept."),
    )


class RemoteForm(forms.Form):
    """A key at the remote signing service."""

    user = forms.CharField(label=gettext_lazy("Your account at the signing service"), max_length=100)
    pin = forms.CharField(label=gettext_lazy("PIN at the signing service"), widget=SECRET)


@may("staff")
@require_GET
@never_cache
def certificates(request: Request) -> HttpResponse:
    """What I sign with, until when, and how to add one."""
    return _page(request)


def _page(request: Request, *, status: int = 200, **forms_: Any) -> HttpResponse:
    now = timezone.now()
    found = queries.own(request.user.pk)
    context = {
        "rows": [(certificate, state(certificate, now)) for certificate in found],
        "file_form": FileForm(),
        "remote_form": RemoteForm() if remote.configured() else None,
        **forms_,
    }
    return render(request, "signing/certificates.html", context, status=status)


def state(certificate: Certificate, at: Any) -> tuple[str, str]:
    """Tone and words: in force, ending soon, ended, revoked."""
    if certificate.revoked_at:
        return "late", _("revoked")
    left = certificate.days_left(at)
    if left < 0:
        return "late", _("expired")
    if left < 60:
        return "soon", _("%(days)d days left") % {"days": left}
    return "done", _("in force")


@may("staff")
@require_POST
def from_file(request: Request) -> HttpResponse:
    """Register a key file and keep it, locked as it is."""
    form = FileForm(request.POST, request.FILES)
    if form.is_valid():
        key, passphrase = form.cleaned_data["key"].read(), form.cleaned_data["passphrase"]
        if tried(form, lambda: enrol.by_file(key, passphrase, **_who(request))):
            messages.success(request, _("Registered. You can sign with it now."))
            return redirect("ui:certificates")
    return _page(request, file_form=form, status=422)


@may("staff")
@require_POST
def from_remote(request: Request) -> HttpResponse:
    """Register the keys that the remote service holds for me; it asks my PIN to show that they are mine."""
    form = RemoteForm(request.POST)
    if form.is_valid() and tried(form, lambda: _remote(request, form.cleaned_data)) is not None:
        messages.success(request, _("Registered. You can sign with it now."))
        return redirect("ui:certificates")
    return _page(request, remote_form=form, status=422)


def _remote(request: Request, given: dict[str, str]) -> Certificate:
    service = remote.Service()
    known = set(queries.own(request.user.pk).values_list("fingerprint", flat=True))
    fresh = [
        (name, identity) for name, identity in service.credentials(given["user"]) if identity.fingerprint not in known
    ]
    if not fresh:
        raise Refused("no_credential", _("The signing service holds no further key for this account."), field="user")
    credential, identity = fresh[0]
    key = remote.RemoteKey(credential, identity, given["pin"], service)
    return enrol.by_remote(credential, key, secrets.token_bytes(16), **_who(request))


@may("staff")
@answers
def challenge(request: Request, asked: dict[str, Any]) -> dict[str, Any]:
    """What the token must sign to show that its certificate may be registered for me."""
    identity = Identity(der(asked["certificate"]), tuple(der(one) for one in asked["chain"]))
    attributes = enrol.challenge(identity, secrets.token_bytes(16))
    request.session[CHALLENGE] = [text(identity.certificate), [text(one) for one in identity.chain], text(attributes)]
    return {"attributes": text(attributes)}


@may("staff")
@answers
def from_token(request: Request, asked: dict[str, Any]) -> dict[str, Any]:
    """Register the token's certificate: its key has signed the challenge of this session, which counts once."""
    certificate, chain, attributes = request.session.pop(CHALLENGE)
    identity = Identity(der(certificate), tuple(der(one) for one in chain))
    enrol.by_token(identity, der(attributes), der(asked["signature"]), **_who(request))
    messages.success(request, _("Registered. You can sign with it now."))
    return {"done": True}


@may("staff")
@require_POST
def lost(request: Request, certificate_id: UUID) -> HttpResponse:
    """My token or key file is lost: nothing signed from now on is accepted."""
    certificate = get_object_or_404(queries.own(request.user.pk), pk=certificate_id)
    actions.revoke_certificate(
        certificate, reason=request.POST.get("reason", "") or _("Reported lost by the holder"), by=request.actor,
        at=timezone.now(),
    )  # fmt: skip
    messages.success(request, _("Revoked here. Tell its issuer too, so that it is revoked everywhere."))
    return redirect("ui:certificates")


def _who(request: Request) -> dict[str, Any]:
    assert request.staff is not None
    return {"staff": request.staff, "by": request.actor, "at": timezone.now()}


nav("desk", gettext_lazy("My digital signatures"), "ui:certificates", icon="signature", order=90)
