"""What pages show of ways to sign. `{% load signing %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.template.context import RequestContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from tinhso.core.signing import queries
from tinhso.core.signing.models import Source

register = template.Library()


@register.simple_tag
def agent_url() -> str:
    """Where the agent on an official's PC listens."""
    return str(settings.TINHSO.agent_url)


@register.simple_tag
def agent_words() -> dict[str, str]:
    """What the page says for each answer of the agent, for its script."""
    return {
        "away": _("The signing agent does not answer. Start “tinhso agent” on this PC, then press again."),
        "not_paired": _("Type the pairing code that the agent shows."),
        "wrong_code": _("This is not the code that the agent shows."),
        "no_driver": _("The agent cannot load the token's driver. Ask whoever set up this PC."),
        "no_token": _("No token is plugged in. Plug it in, then press again."),
        "token_gone": _("The token was pulled out, or holds this certificate no more. Plug it in, then press again."),
        "token_failed": _("The token did not sign. Plug it in anew, then press again."),
        "no_key": _("The token holds the certificate but not its key. Ask its issuer."),
        "pin_wrong_thrice": _("Three wrong PINs. Stop here before the token locks itself, and look the PIN up."),
        "pin_locked": _("The token is locked after too many wrong PINs. Ask its issuer to unlock it."),
        "pin_not_given": _("You closed the question for the PIN."),
        "busy": _("The agent is signing for another window. Wait until that is done."),
        "not_a_document": _("The agent refused: this is not a document's signature."),
        "signing": _("The agent asks for your PIN. Signing …"),
        "done": _("Signed."),
        "left": _("Not signed: %(count)s. Press again to go on from the first of them."),
        "choose": _("Choose at least one document."),
        "unknown_certificate": _("No certificate on the token is registered for you. Register it first."),
        "other": _("It did not work. Nothing half-signed was kept."),
        "registered": _("Registered."),
    }


@register.inclusion_tag("signing/ways.html", takes_context=True)
def other_ways(context: RequestContext, kind: str, document: Any, version: Any) -> dict[str, Any]:
    """For one document: the ways to sign that this person has beside the key file."""
    request = context["request"]
    ways = queries.ways(request.user.pk, at=timezone.now())
    return {
        "request": request,
        "csrf_token": context.get("csrf_token"),
        "key": f"{kind}:{document}:{version}",
        "token": ways.get(Source.TOKEN),
        "remote": ways.get(Source.REMOTE),
        "then": request.path if request.method == "GET" else reverse("ui:signing"),
    }
