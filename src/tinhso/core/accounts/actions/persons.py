"""Persons: registered once by national ID, changed field by field."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, TypedDict, Unpack

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from ...ledger.actions import Actor, Refused, action, record
from ...ledger.rows import find, insert
from .. import crypto, events, identity
from ..models import Account, AccountKind, Person
from .accounts import change_account, create_account


class Details(TypedDict, total=False):
    """What is known about a person beside the name and the national ID."""

    birth_date: date | None
    sex: str
    tax_code: str
    province_code: str
    commune_code: str
    address: str
    phone: str
    email: str


class Profile(Details, total=False):
    full_name: str


@action
def register_person(national_id: str, *, full_name: str, by: Actor, at: datetime, **details: Unpack[Details]) -> Person:
    """The person of this national ID: registered now, or as already known, then unchanged.

    An empty `national_id` registers someone who has none (a foreigner) and always makes a new
    person. Safe to run many times at once. Raises `Refused` for a number that is malformed,
    contradicts birth date or sex, or for a tax code that is another person's.
    """
    person = Person(full_name=identity.full_name(full_name))
    _fill(person, details)
    if national_id:
        digits = identity.national_id(national_id, birth_date=person.birth_date, sex=person.sex)
        person.id_hash = crypto.keyed_hash(digits)
        for already in find(Person, "id_hash = %s", [person.id_hash]):
            return already
        person.id_cipher = crypto.seal(digits, person.pk)
    if insert(person, unless_there=True):
        record(events.PersonRegistered(bool(national_id)), subject=person, by=by, at=at)
        return person
    for registered_at_this_moment in find(Person, "id_hash = %s", [person.id_hash]) if national_id else ():
        return registered_at_this_moment
    raise _tax_code_taken()


@action
def change_profile(person: Person, *, by: Actor, at: datetime, **profile: Unpack[Profile]) -> Person:
    """Change what is known about a person; their citizen accounts follow in name and contact.

    Raises `Refused` where a value is wrong, naming its field.
    """
    person = Person.objects.select_for_update().get(pk=person.pk)
    changed = _fill(person, profile)
    if not changed:
        return person
    if person.id_cipher and {"birth_date", "sex"} & set(changed):
        identity.national_id(person.national_id, birth_date=person.birth_date, sex=person.sex)
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError as wrong:
        raise _tax_code_taken() from wrong
    record(events.PersonChanged(changed), subject=person, by=by, at=at)
    if {"full_name", "phone", "email"} & set(changed):
        for account in person.accounts.filter(kind=AccountKind.CITIZEN):
            change_account(account, display_name=person.full_name, phone=person.phone, email=person.email, by=by, at=at)
    return person


@action
def identify(national_id: str, *, full_name: str, by: Actor, at: datetime, **details: Unpack[Details]) -> Account:
    """The citizen account of a person whose identity VNeID, or an official with the ID card, vouches for.

    Links to the person and account already known; makes what is missing; takes over the name
    and the details as they are vouched for. Never makes a second person or a second citizen account.
    """
    person = register_person(national_id, full_name=full_name, by=by, at=at, **details)
    person = change_profile(person, full_name=full_name, by=by, at=at, **details)
    account = Account.objects.filter(person=person, kind=AccountKind.CITIZEN).order_by("created_at").first()
    if account is not None:
        return account
    return create_account(
        f"c{person.pk.hex}",
        kind=AccountKind.CITIZEN,
        person=person,
        display_name=person.full_name,
        email=person.email,
        phone=person.phone,
        by=by,
        at=at,
    )


def _fill(person: Person, profile: Profile | Details) -> list[str]:
    """Set what differs, in its clean form, and say which fields those are."""
    values: dict[str, Any] = {**profile}
    if "full_name" in values:
        values["full_name"] = identity.full_name(values["full_name"])
    if "phone" in values:
        values["phone"] = identity.phone(profile["phone"])
    if "email" in values:
        values["email"] = profile["email"].strip().lower()
    changed = []
    if "tax_code" in values:
        values.pop("tax_code")
        number = identity.tax_code(profile["tax_code"]) if profile["tax_code"] else ""
        if number != person.tax_code:
            person.tax_hash = crypto.keyed_hash(number) if number else None
            person.tax_cipher = crypto.seal(number, person.pk) if number else None
            changed.append("tax_code")
    for name, value in values.items():
        if getattr(person, name) != value:
            setattr(person, name, value)
            changed.append(name)
    return sorted(changed)


def _tax_code_taken() -> Refused:
    return Refused("tax_code_taken", _("This tax code belongs to someone else. Check it."), field="tax_code")
