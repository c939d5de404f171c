"""The card on the page of a dossier that has ended: how did it go?"""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from tinhso.core.ui.panels import panel
from tinhso.systems.dossiers.models import Dossier

from .actions import open_until
from .models import Reply


@panel("dossier.of_applicant", order=50)
def ask(request: HttpRequest, dossier: Dossier) -> str | None:
    """For who is signed in: asked while it is open, thanked and let change once answered."""
    return _card(request, dossier, slip=False)


@panel("dossier.of_slip", order=50)
def ask_by_slip(request: HttpRequest, dossier: Dossier) -> str | None:
    """For who has just shown code and secret; both go along in the form, so that no address holds them."""
    return _card(request, dossier, slip=True)


def _card(request: HttpRequest, dossier: Dossier, *, slip: bool) -> str | None:
    until = open_until(dossier)
    if until is None or timezone.now() > until:
        return None
    answered = Reply.objects.filter(dossier=dossier).exists()
    context = {"dossier": dossier, "until": until, "answered": answered, "slip": slip}
    return render_to_string("satisfaction/card.html", context, request)
