"""The counter on the form being typed there, and on a dossier's page."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string

from tinhso.core.forms.definition import FormDefinition
from tinhso.core.forms.models import Draft
from tinhso.core.ui.panels import panel
from tinhso.systems.dossiers.models import Dossier

from .models import Scan


@panel("counter.person")
def applicant(request: HttpRequest, draft: Draft) -> str:
    """On top of the form: find who stands there."""
    return render_to_string("counter/applicant.html", {"draft": draft}, request)


@panel("counter.form", order=10)
def digitise(request: HttpRequest, draft: Draft) -> str | None:
    """Below the questions: each paper the form asks for, to be digitised page by page."""
    definition = FormDefinition.load(draft.form_version)
    asked = [(path, one.words) for path, one in definition.questions.items() if one.kind.input == "file"]
    if not asked:
        return None
    begun = {scan.question: scan for scan in Scan.objects.filter(draft=draft.pk, made_at=None)}
    rows = [(path, words, begun.get(path)) for path, words in asked]
    return render_to_string("counter/digitise.html", {"draft": draft, "rows": rows}, request)


@panel("dossier.below_applicant", order=30)
def paper(request: HttpRequest, dossier: Dossier) -> str:
    """Who holds the paper and what is digitised; asked for when somebody opens it."""
    return render_to_string("counter/paper_panel.html", {"dossier": dossier}, request)
