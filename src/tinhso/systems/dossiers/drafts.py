"""What a draft is for: the case applied for, how it is handed in, and in whose name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tinhso.core.accounts.models import Account, Business, Person
from tinhso.core.accounts.queries import authority_of, find_business, find_person
from tinhso.core.forms.definition import flat
from tinhso.core.forms.models import Draft
from tinhso.core.ledger.actions import Refused
from tinhso.systems.procedures.models import Variant
from tinhso.systems.procedures.queries import variant_in_force

from .models import Channel


@dataclass(frozen=True)
class Purpose:
    """`applicant` is who the dossier will be of, `person` who hands it in: None while nobody is known."""

    variant: Variant
    channel: Channel
    applicant: Person | Business | None
    person: Person | None


def purpose_of(draft: Draft, at: datetime) -> Purpose | None:
    """Read from a draft's context and answers; None for one of a procedure no longer in force, or not of a dossier.

    At a counter the person is who the typed citizen ID names. For a business nobody applies who does not act for it.
    """
    way, *rest = draft.context.split("/")
    acting = rest.pop(0) if way == "business" and rest else ""
    if way not in ("online", "business", "counter") or len(rest) < 2:
        return None
    variant = variant_in_force(rest[0], rest[1])
    if variant is None:
        return None
    if way == "counter":
        person = _typed(variant, draft)
        business = find_business(rest[3]) if len(rest) > 3 else None
        asked = bool(business)
    else:
        person = draft.account.person
        business, asked = None, bool(acting)
    authority = authority_of(person, business.pk if business else UUID(acting), at) if asked else None
    applicant = (authority.business if authority else None) if asked else person
    return Purpose(variant, Channel.COUNTER if way == "counter" else Channel.ONLINE, applicant, person)


def begun(account: Account, at: datetime) -> list[tuple[Draft, Variant]]:
    """What somebody began at home and has not submitted, latest first, where they may still go on with it."""
    found = Draft.objects.filter(account=account, context__regex="^(online|business)/").order_by("-updated_at")
    purposes = [(draft, purpose_of(draft, at)) for draft in found]
    return [
        (draft, what.variant)
        for draft, what in purposes
        if what and (what.applicant or not draft.context.startswith("business/"))
    ]


def _typed(variant: Variant, draft: Draft) -> Person | None:
    number = flat(draft.answers).get(f"{variant.applicant}.national_id")
    try:
        return find_person(number) if isinstance(number, str) and number else None
    except Refused:  # not a citizen ID yet
        return None
