"""Businesses and who acts for them: on the word of an official who saw the papers, or of a legal representative."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from ...ledger.actions import Actor, NotAllowed, Refused, action, record
from .. import events, identity
from ..models import Authority, Business, Person
from ..queries import authority_of, find_person


@action
def register_business(code: str, *, name: str, by: Actor, at: datetime) -> Business:
    """The business of this enterprise code: registered now, or as already known, then with the name now given.
    Safe to run many times at once. Raises `Refused` for a malformed code or an empty name."""
    code, name = identity.enterprise_code(code), identity.business_name(name)
    made = Business(code=code, name=name)
    Business.objects.bulk_create([made], ignore_conflicts=True)
    known = Business.objects.select_for_update().get(code=code)
    if known.pk == made.pk:
        record(events.BusinessRegistered(), subject=known, by=by, at=at)
    elif known.name != name:
        known.name = name
        known.save(update_fields=["name"])
        record(events.BusinessRenamed(), subject=known, by=by, at=at)
    return known


@action
def give_authority(
    business: Business, person: Person, *, role: str, until: datetime | None, by: Actor, at: datetime
) -> Authority:
    """Let a person act for a business from now on; who is authorised is so until a stated time. A new one of the same
    person takes the place of the one that holds."""
    if role not in Authority.Role.values:
        raise Refused("role_missing", _("Say whether this is a legal representative."), field="role", status=422)
    if role == Authority.Role.AUTHORISED and (until is None or until <= at):
        message = _("An authorisation needs an end in the future.")
        raise Refused("until_missing", message, field="until", status=422)
    business = Business.objects.select_for_update().get(pk=business.pk)
    if before := authority_of(person, business.pk, at):
        _end(before, by=by, at=at)
    authority = Authority(business=business, person=person, role=role, valid_from=at)
    authority.valid_to = until if role == Authority.Role.AUTHORISED else None
    authority.save(force_insert=True)
    event = events.AuthorityGiven(authority.pk, person.pk, role, authority.valid_to)
    record(event, subject=business, by=by, at=at)
    return authority


@action
def authorise(
    own: Authority, national_id: str, *, full_name: str, until: datetime | None, by: Actor, at: datetime
) -> Authority:
    """A legal representative lets someone act for the business who is already known here under that name."""
    if not own.is_legal or authority_of(own.person, own.business_id, at) != own:
        raise NotAllowed(_("Only a legal representative authorises others."))
    person = find_person(national_id)
    if person is None or person.full_name.casefold() != identity.full_name(full_name).casefold():
        message = _("Nobody with this ID and this name is known here. They sign in once with VNeID, then you can.")
        raise Refused("person_unknown", message, field="national_id", status=422)
    if (held := authority_of(person, own.business_id, at)) and held.is_legal:
        message = _("This person is a legal representative already.")
        raise Refused("already_legal", message, field="national_id", status=422)
    return give_authority(own.business, person, role=Authority.Role.AUTHORISED, until=until, by=by, at=at)


@action
def end_authority(authority: Authority, *, by: Actor, at: datetime) -> Authority:
    """End it now: the person sees nothing more of the business. Who asks has been checked by the page."""
    authority = Authority.objects.select_for_update().get(pk=authority.pk)
    if authority.valid_to is not None and authority.valid_to <= at:
        raise Refused("already_ended", _("This authority has already ended."))
    return _end(authority, by=by, at=at)


def _end(authority: Authority, *, by: Actor, at: datetime) -> Authority:
    authority.valid_to = at
    authority.save(update_fields=["valid_to"])
    record(events.AuthorityEnded(authority.pk, authority.person_id), subject=authority.business, by=by, at=at)
    return authority
