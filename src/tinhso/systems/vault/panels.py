"""The vault on other packages' pages: the consent at a counter, the way to papers that complete a dossier."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from tinhso.core.forms.models import Draft
from tinhso.core.ui.panels import panel
from tinhso.systems.dossiers.drafts import purpose_of
from tinhso.systems.dossiers.models import Dossier, State
from tinhso.systems.dossiers.verbs import at_its_counter

from . import queries


@panel("counter.form")
def agree(request: HttpRequest, draft: Draft) -> str | None:
    """A part of the counter's form: the applicant agrees that the official sees which papers they have."""
    if not request.user.is_authenticated:
        return None
    now = timezone.now()
    given = queries.consent_for(draft.pk, request.user.pk, now)
    purpose = purpose_of(draft, now) if given else None
    holds = given is not None and purpose is not None and given.person == purpose.person
    context = {"draft": draft, "consent": given if holds else None, "back": request.get_full_path()}
    return render_to_string("vault/agree.html", context, request)


@panel("dossier.of_applicant", order=10)
def papers_for(request: HttpRequest, dossier: Dossier) -> str | None:
    """Where the applicant is asked for more: the way to what they have already. A link, so that the page asks the
    database nothing more."""
    if dossier.state != State.SUPPLEMENT:
        return None
    context = {"dossier": dossier, "address": "vault:complete"}
    return render_to_string("vault/completing_link.html", context, request)


@panel("dossier.context", order=20)
def papers_at_counter(request: HttpRequest, dossier: Dossier) -> str | None:
    """The same for the counter that received it, where the applicant brings what was asked for."""
    staff = getattr(request, "staff", None)
    if dossier.state != State.SUPPLEMENT or dossier.applicant_id is None or staff is None:
        return None
    if not at_its_counter(dossier, staff):
        return None
    context = {"dossier": dossier, "address": "vault:complete_at_counter", "counter": True}
    return render_to_string("vault/completing_link.html", context, request)
