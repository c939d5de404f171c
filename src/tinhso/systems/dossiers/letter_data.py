"""From a dossier to what its letters say."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from tinhso.core.agencies.models import Agency, Capacity, Staff
from tinhso.core.forms import flow
from tinhso.core.forms.definition import FormDefinition
from tinhso.core.forms.page import PageForm
from tinhso.systems.procedures import results
from tinhso.systems.procedures.fees import money

from .models import Dossier, Letter, Result


def result_form(dossier: Dossier, data: QueryDict | None, *, at: datetime) -> PageForm:
    """What the officer states in the result, begun from what the applicant said."""
    definition = FormDefinition.load(dossier.variant.result_form)
    result = Result.objects.filter(dossier=dossier).first()
    begun = result.content if result else results.starting_content(dossier.variant, dossier.answers)
    return flow.bind(definition, None, data, answers=begun, on=timezone.localtime(at).date())


def _head(agency: Agency) -> dict[str, Any]:
    return {
        "parent_agency": "",
        "agency": agency.name,
        "place": agency.short_name,
        "demo": settings.TINHSO.demo,
    }


def signature_lines(staff: Staff) -> list[str]:
    """The lines above a name, by capacity (NĐ 30/2020, article 13)."""
    if staff.capacity == Capacity.KT:
        return ["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", staff.title.upper()]
    if staff.capacity == Capacity.OWN:
        return [staff.title.upper()]
    return [f"{staff.capacity}. ỦY BAN NHÂN DÂN", staff.title.upper()]


def result_data(result: Result, *, url: str) -> dict[str, Any]:
    """Of the result letter: the officer's statements, the head, the signer; number and date empty."""
    dossier = result.dossier
    *lines, title = signature_lines(result.signer)
    return {
        **results.letter_data(dossier.variant, result.content),
        **_head(dossier.agency),
        "notation": dossier.variant.notation,
        "number": "",
        "date": "",
        "verify": {"url": url, "code": result.code},
        "signer": {"lines": lines, "title": title, "name": result.signer.account.display_name},
    }


def _letter(letter: Letter) -> dict[str, Any]:
    dossier = letter.dossier
    url = f"{settings.TINHSO.base_url}{reverse('dossiers:lookup')}?code={dossier.code}"
    return {
        **_head(dossier.receiving_agency),
        "number": str(letter.number.value),
        "date": f"{timezone.localtime(letter.made_at):%Y-%m-%d}",
        "verify": {"url": url, "code": dossier.code},
        "code": dossier.code,
        "secret": dossier.secret,
        "procedure": dossier.procedure_name,
        "applicant": dossier.applicant_name,
        "phone": dossier.phone,
        "email": dossier.email,
    }


def slip_data(letter: Letter) -> dict[str, Any]:
    """Of form 01, receipt and appointment slip."""
    dossier = letter.dossier
    assert dossier.accepted_at is not None and dossier.due_at is not None
    return {
        **_letter(letter),
        "notation": "TNHS",
        "received": minute(dossier.accepted_at),
        "due": minute(dossier.due_at),
        "papers": [c.name for c in dossier.components.order_by("id")],
        "fee": money(dossier.fee) if dossier.fee else "",
        "channel": dossier.get_channel_display(),
    }


def refusal_data(letter: Letter) -> dict[str, Any]:
    """Of form 03, refusal."""
    return {**_letter(letter), "notation": "TCHS", "reason": letter.reason}


def minute(at: datetime) -> str:
    """As the templates take a time: 2026-11-22T14:05."""
    return f"{timezone.localtime(at):%Y-%m-%dT%H:%M}"
