"""The vault on other packages' pages: the consent at a counter."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from tinhso.core.forms.models import Draft
from tinhso.core.ui.panels import panel
from tinhso.systems.dossiers.drafts import purpose_of

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
