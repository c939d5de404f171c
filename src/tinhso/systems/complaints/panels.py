"""The way to complain, on the page of one's dossier: a link, so that the page asks the database nothing more."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string

from tinhso.core.ui.panels import panel
from tinhso.systems.dossiers.models import Dossier


@panel("dossier.at_foot_of_applicant", order=60)
def complain(request: HttpRequest, dossier: Dossier) -> str:
    """For who is signed in."""
    return render_to_string("complaints/link.html", {"dossier": dossier}, request)
