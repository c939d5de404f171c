"""What goes over when agencies merge: dossiers that are not finished. Finished ones stay as they were."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from tinhso.core.agencies.models import Agency
from tinhso.core.agencies.succession import inherits
from tinhso.core.ledger.actions import Actor, Fact, Refused, record_all

from .events import DossierInherited, DossierLeftAgency
from .models import Dossier, Result


@inherits
def hand_over_dossiers(agency: Agency, successor: Agency, by: Actor, at: datetime) -> None:
    """Refuses while a result has its number and not yet its seal: number and seal are one agency's. So are a result
    that was returned and what corrects it."""
    between = Result.objects.filter(dossier__agency=agency, number__isnull=False, issued=None)
    if between.exists():
        message = _("A result is just being sealed. Wait a minute, then merge again.")
        raise Refused("result_in_sealing", message)
    if Dossier.objects.filter(agency=agency, correct_by__isnull=False).exists():
        message = _("A returned result is being corrected. Finish or decline the correction, then merge.")
        raise Refused("result_in_correction", message)
    mine = Q(agency=agency) | Q(receiving_agency=agency)
    facts: list[Fact] = []
    dossiers = Dossier.objects.select_for_update().filter(mine, returned_at=None).order_by("pk")
    for dossier in dossiers.only("pk", "agency", "procedure_code", "finished_at"):
        competent = dossier.agency_id == agency.pk and dossier.finished_at is None
        if competent:
            facts.append(Fact(DossierLeftAgency(dossier.procedure_code), dossier, agency.pk))
        facts.append(Fact(DossierInherited(dossier.procedure_code, agency.pk, competent), dossier, successor.pk))
    Dossier.objects.filter(agency=agency, finished_at=None).update(agency=successor)
    Dossier.objects.filter(receiving_agency=agency, returned_at=None).update(receiving_agency=successor)
    if facts:
        record_all(facts, by=by, at=at)
