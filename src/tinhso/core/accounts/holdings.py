"""Which personal data each part of the house holds: to show it, to hand it over, to erase it.

A package declares in its `holdings.py`::

    register(Holding("dossiers", _("Dossiers"), items=items_of, export=export_of, erase=erase_of))

Core finds these rooms at start-up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from ..ledger.actions import Actor, Fact, record_all
from ..ledger.models import AccessEntry
from ..ledger.queries import accesses
from .copies import (
    day,
    email,
    empty,
    enterprise_code,
    gone,
    id_cipher,
    id_hash,
    name,
    no_number,
    password,
    phone,
    secret,
    treat,
    username,
    whole,
    words,
)
from .events import AuthorityEnded
from .models import Person


@dataclass(frozen=True)
class Held:
    """One line of "what the state holds about me": what it is, as shown, since when, where to see it."""

    what: Any
    value: str
    since: datetime | None = None
    url: str = ""


@dataclass(frozen=True)
class Holding:
    """What one package holds about a person.

    `items` lists it for the person's own eyes, masked where a number is secret; `export` gives
    all of it as plain JSON; `erase` removes it, inside the transaction of `erase_person`.
    `subjects` are what the access log names when somebody looks at it, beside the person.
    """

    name: str
    label: Any
    items: Callable[[Person], Iterable[Held]]
    export: Callable[[Person], Any]
    erase: Callable[[Person, Actor, datetime], None]
    subjects: Callable[[Person], Iterable[models.Model]] = lambda person: ()


_HOLDINGS: dict[str, Holding] = {}


def register(holding: Holding) -> Holding:
    """Declare what a package holds; a second declaration of the same name is a mistake."""
    if _HOLDINGS.setdefault(holding.name, holding) is not holding:
        raise ValueError(f"holding {holding.name} is declared twice")
    return holding


def holdings() -> list[Holding]:
    """All declarations, the person's own data first."""
    return list(_HOLDINGS.values())


def export(person: Person) -> dict[str, Any]:
    """Everything the state holds about a person, by package, as plain JSON."""
    return {holding.name: holding.export(person) for holding in holdings()}


def lookers(person: Person) -> list[AccessEntry]:
    """Every time somebody else looked at what is held about a person, newest first."""
    subjects = [subject for holding in holdings() for subject in holding.subjects(person)]
    own = {f"account:{pk}" for pk in person.accounts.values_list("pk", flat=True)}
    return [entry for entry in accesses(person, *subjects) if entry.actor not in own]


_PROFILE = {
    "full_name": _("Full name"),
    "national_id": _("Citizen ID"),
    "birth_date": _("Date of birth"),
    "sex": _("Sex"),
    "tax_code": _("Tax code"),
    "address": _("Address"),
    "phone": _("Telephone"),
    "email": _("E-mail"),
}


def _profile(person: Person) -> dict[str, Any]:
    values = {
        "full_name": person.full_name,
        "national_id": person.national_id,
        "birth_date": person.birth_date.isoformat() if person.birth_date else "",
        "sex": person.sex,
        "tax_code": person.tax_code,
        "province_code": person.province_code,
        "commune_code": person.commune_code,
        "address": person.address,
        "phone": person.phone,
        "email": person.email,
    }
    return {name: value for name, value in values.items() if value}


def _shown(person: Person) -> Iterable[Held]:
    values = _profile(person)
    values["national_id"] = person.masked_id
    if person.birth_date:
        values["birth_date"] = person.birth_date.strftime("%d/%m/%Y")
    if person.sex:
        values["sex"] = person.get_sex_display()
    return [Held(label, str(values[name])) for name, label in _PROFILE.items() if values.get(name)]


def _exported(person: Person) -> Any:
    accounts = person.accounts.order_by("created_at")
    return {
        "profile": _profile(person),
        "accounts": [
            {"username": a.username, "email": a.email, "phone": a.phone, "created_at": a.created_at.isoformat()}
            for a in accounts
        ],
    }


def _left_to_erase_person(person: Person, by: Actor, at: datetime) -> None:
    """The person's own rows go last, by `erase_person` itself, when nothing points at them any more."""


register(Holding("accounts", _("Profile and accounts"), _shown, _exported, _left_to_erase_person))


def _acting(person: Person) -> Iterable[Held]:
    held = person.authorities.select_related("business").order_by("valid_from")
    return [Held(a.get_role_display(), f"{a.business.name} ({a.business.code})", a.valid_from) for a in held]


def _acting_exported(person: Person) -> Any:
    return [
        {
            "business": a.business.code,
            "name": a.business.name,
            "role": a.role,
            "from": a.valid_from.isoformat(),
            "until": a.valid_to.isoformat() if a.valid_to else None,
        }
        for a in person.authorities.select_related("business").order_by("valid_from")
    ]


def _acting_erased(person: Person, by: Actor, at: datetime) -> None:
    """The business and its dossiers stay; that this person acted for it is only an id in the ledger then."""
    held = list(person.authorities.select_related("business"))
    facts = [Fact(AuthorityEnded(a.pk, person.pk), a.business) for a in held if a.valid_to is None or a.valid_to > at]
    if facts:
        record_all(facts, by=by, at=at)
    person.authorities.all().delete()


register(Holding("businesses", _("Businesses you act for"), _acting, _acting_exported, _acting_erased))


# For an anonymised copy. The layers below have no room of their own; the ledger holds no personal data but remarks.
whole("ledger.entry", "ledger.position", "ledger.seal", "ledger.cursor", "agencies.agency", "agencies.staff")
whole("ledger.accessentry", "ledger.accessposition", "ledger.accessseal")
empty("ledger.witness", "ledger.neighbour", "ledger.attested", "ledger.testimony")  # a copy is nobody's witness
treat("ledger.remark", words=words)
treat(
    "accounts.person",
    plain="province_code commune_code sex",
    full_name=name,
    birth_date=day,
    address=words,
    phone=phone,
    email=email,
    id_hash=id_hash,
    id_cipher=id_cipher,
    tax_hash=no_number,
    tax_cipher=no_number,
)
treat(
    "accounts.account",
    password=password,
    username=username,
    display_name=name,
    email=email,
    phone=phone,
    directory_id=gone,
)
treat("accounts.business", code=enterprise_code, name=name)
whole("accounts.authority")
treat("accounts.apiclient", plain="name scopes public_key", token_hash=secret)
empty("accounts.attempt", "sessions.session", "mfa.authenticator", "account.emailaddress", "account.emailconfirmation")
empty("socialaccount.socialapp", "socialaccount.socialaccount", "socialaccount.socialtoken")
empty("procrastinate.procrastinatejob", "procrastinate.procrastinateevent", "procrastinate.procrastinateworker")
empty("procrastinate.procrastinateperiodicdefer")
whole("contenttypes.contenttype", "auth.permission", "auth.group", "auth.group_permissions")
