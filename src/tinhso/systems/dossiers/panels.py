"""What dossiers show on other packages' pages: the way to apply, what changed for me."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from tinhso.core.agencies.models import Staff
from tinhso.core.ui.panels import panel
from tinhso.systems.procedures.models import Procedure
from tinhso.systems.procedures.queries import version_in_force

from . import figures
from .listing import listed


@panel("procedure.apply")
def apply(request: HttpRequest, procedure: Procedure) -> str | None:
    """A button for each variant that can be applied for online."""
    version = version_in_force(procedure.code)
    if version is None:
        return None
    variants = [v for v in version.variants.order_by("order") if v.online]
    return render_to_string("dossiers/apply_panel.html", {"procedure": procedure, "variants": variants}, request)


@panel("home.changes")
def changed(request: HttpRequest, _subject: object) -> str | None:
    """The latest three dossiers of who is signed in."""
    if not request.user.is_authenticated:
        return None
    lines, _older = listed(request.user, timezone.now(), most=3)
    rows = [(line.dossier, line.where) for line in lines]
    return render_to_string("dossiers/changed_panel.html", {"rows": rows}, request) if rows else None


@panel("ioc.figures", order=10)
def wall(request: HttpRequest, staff: Staff) -> str | None:
    """The four figures of the one-stop shop, in the reach of who looks."""
    shown = figures.all_of(staff, timezone.now())
    return render_to_string("dossiers/figures.html", {"figures": shown}, request)
