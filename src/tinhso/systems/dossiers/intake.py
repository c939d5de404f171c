"""From clean answers to an application, and from a draft to a dossier, once however often it is sent."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Model
from django.utils.translation import gettext as _

from tinhso.core.accounts.actions import register_person
from tinhso.core.accounts.models import Account, Authority, Business, Person
from tinhso.core.accounts.queries import authority_of
from tinhso.core.agencies.models import Agency, Kind
from tinhso.core.api.idempotency import idempotent
from tinhso.core.api.models import IdempotencyKey
from tinhso.core.forms import actions as forms
from tinhso.core.forms.definition import FormDefinition, flat
from tinhso.core.forms.models import Draft
from tinhso.core.ledger.actions import Actor, Refused
from tinhso.core.ledger.events import canonical
from tinhso.systems.procedures.models import Variant

from .actions import Application, submit
from .models import ApplicantKind, Channel


def application(
    variant: Variant,
    answers: Mapping[str, Any],
    *,
    channel: Channel,
    account: Account | None,
    counter: Agency | None,
    draft: Model | None = None,
    business: Business | None = None,
    by: Actor,
    at: datetime,
) -> Application:
    """Everything `submit` needs, from answers that passed the form's rules.

    Online the applicant is the person of the account, whatever number was typed: nobody gets a
    dossier into someone else's list. At the counter the official has seen the ID card. For a business
    that person must act for it at this moment; the dossier is the business's then.
    """
    values = flat(answers)
    who = {
        key.removeprefix(f"{variant.applicant}."): v for key, v in values.items() if key.startswith(variant.applicant)
    }
    competent = _competent(variant, values, counter, at)
    person = _person(who, account, counter, by, at)
    authority = _authority(person, business, at) if business else None
    return Application(
        variant=variant,
        channel=channel,
        receiving=counter or competent,
        competent=competent,
        applicant_name=business.name if business else str(who.get("full_name", "")),
        answers=answers,
        applicant=None if business else person,
        authority=authority,
        applicant_kind=ApplicantKind.BUSINESS if business else ApplicantKind.CITIZEN,
        account=account,
        phone=str(who.get("phone", "")),
        email=str(who.get("email", "")),
        papers=papers(FormDefinition.load(variant.form), values),
        draft=draft,
    )


def _competent(variant: Variant, values: Mapping[str, Any], counter: Agency | None, at: datetime) -> Agency:
    """The province's committee where the variant says so; else the commune of the first address named by the
    variant that was given; without one, the counter's agency."""
    if variant.decider == "province":
        return Agency.objects.open_at(at).get(kind=Kind.PROVINCE, unit_code=settings.TINHSO.province)
    for path in variant.competence:
        unit = values.get(f"{path}.commune")
        if unit is None:
            continue
        if counter is not None and counter.kind == Kind.COMMUNE and counter.unit_code == unit:
            return counter
        found = Agency.objects.open_at(at).filter(unit_code=unit, kind=Kind.COMMUNE).first()
        if found is None:
            raise Refused(
                "not_in_province",
                _("That commune is not in this province. Please apply at the portal of its own province."),
                field=f"{path}.commune",
                status=422,
            )
        return found
    if counter is None:
        raise Refused("competence_unknown", _("Say in which commune you apply."), status=422)
    return counter


def _person(
    who: Mapping[str, Any], account: Account | None, counter: Agency | None, by: Actor, at: datetime
) -> Person | None:
    if counter is None:
        return account.person if account else None
    if not who.get("national_id"):
        return None
    born = who.get("birth_date")
    return register_person(
        str(who["national_id"]),
        full_name=str(who["full_name"]),
        by=by,
        at=at,
        birth_date=date.fromisoformat(born) if born else None,
        sex=str(who.get("sex", "")),
    )


def _authority(person: Person | None, business: Business, at: datetime) -> Authority:
    found = authority_of(person, business.pk, at)
    if found is None:
        message = _("Whoever hands this in does not act for %(business)s, or no longer. Have it registered first.")
        raise Refused("no_authority", message % {"business": business.name}, status=403)
    return found


def papers(definition: FormDefinition, values: Mapping[str, Any]) -> list[tuple[str, str, UUID]]:
    """The uploaded files among the answers: (path of the question, its words, id of the file)."""
    return [
        (path, question.words, UUID(one))
        for path, question in definition.questions.items()
        if question.kind.input == "file"
        for one in values.get(path, [])
    ]


def submit_draft(
    draft: Draft,
    variant: Variant,
    answers: Mapping[str, Any],
    *,
    channel: Channel,
    account: Account | None,
    counter: Agency | None,
    business: Business | None = None,
    by: Actor,
    at: datetime,
) -> UUID:
    """Submit a draft whose answers are clean; returns the dossier's id. The draft is the key: a
    double click gets the same dossier."""

    def run() -> tuple[int, Any]:
        given = application(
            variant,
            answers,
            channel=channel,
            account=account,
            counter=counter,
            draft=draft,
            business=business,
            by=by,
            at=at,
        )
        made = submit(given, by=by, at=at)
        forms.discard(draft, by=by, at=at)
        return 201, {"id": str(made.pk)}

    digest = hashlib.sha256(canonical(answers).encode()).digest()
    return UUID(idempotent(str(by), f"draft:{draft.pk}", digest, run, at=at).body["id"])


def submitted_from(draft_id: UUID, by: Actor) -> UUID | None:
    """The dossier that this actor's draft became; None while it has not."""
    kept = IdempotencyKey.objects.filter(owner=str(by), key=f"draft:{draft_id}").first()
    return UUID(kept.answer["id"]) if kept and kept.answer else None
