"""The work that follows from the record of joint dossiers and their parts."""

from __future__ import annotations

from django.utils import timezone

from tinhso.core.jobs.registry import job
from tinhso.systems.dossiers.models import Dossier

from . import actions


@job("linked.go_on")
def go_on(joint: str) -> None:
    """Open, settle, return or withdraw what is due of a joint dossier; safe to run again. Erased meanwhile: nothing."""
    dossier = Dossier.objects.select_related("variant", "receiving_agency", "account").filter(pk=joint).first()
    if dossier is not None:
        actions.go_on(dossier, at=timezone.now())
