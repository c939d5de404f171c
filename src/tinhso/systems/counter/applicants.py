"""Who stands at the counter: found by card, number or name, and put into the form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from tinhso.core.accounts.models import Person
from tinhso.core.accounts.queries import find_person
from tinhso.core.agencies.models import Staff
from tinhso.core.forms.definition import FormDefinition, flat, nested
from tinhso.core.forms.models import Draft
from tinhso.core.forms.prefill import Source, person_source, prefill
from tinhso.core.ledger.actions import Actor, Refused, action, record_access
from tinhso.core.search.queries import search
from tinhso.systems.dossiers.consumers import DOSSIERS
from tinhso.systems.dossiers.queries import in_reach

from . import card
from .card import Card
from .events import ApplicantLookedUp

MOST = 10  # persons shown for a name; who looks further needs more of it
HITS = 60  # dossiers looked through for them


@dataclass(frozen=True)
class Found:
    """Who was meant: the `card` that was read, the `person` known here, or several to choose from."""

    card: Card | None = None
    person: Person | None = None
    several: tuple[Person, ...] = ()


def known(staff: Staff) -> QuerySet[Person]:
    """Persons whom this official may find: applicants of dossiers in reach. Nobody else exists for them."""
    return Person.objects.filter(pk__in=in_reach(staff).exclude(applicant=None).values("applicant").order_by())


def find(who: str, *, staff: Staff, by: Actor, at: datetime) -> Found:
    """Read `who` as a card, a number or a name. Of whomever it shows the access log keeps that somebody looked.

    A number finds only persons in reach, and the answer for others is the same as for nobody: typing numbers tells
    no one who lives elsewhere. A card is in the official's hand, so it fills the form by itself.
    """
    who = who.strip()
    if card.seems(who):
        read = card.read(who)
        person = _known_by(read.number, staff)
        _seen("card", [person] if person else [], by, at)
        return Found(card=read, person=person)
    digits = re.sub(r"[\s.]", "", who)
    if digits.isdecimal():
        if len(digits) == 9:
            message = _(
                "This is an old ID number of 9 digits; people are known here by the 12 digits. Scan the card, or look"
                " for the name."
            )
            raise Refused("old_number", message, field="who", status=422)
        person = _known_by(digits, staff)
        if person is None:
            raise _nobody()
        _seen("number", [person], by, at)
        return Found(person=person)
    if len(who) < 3:
        message = _("Scan the card, or type the 12 digits or at least three letters of the name.")
        raise Refused("who_missing", message, field="who", status=422)
    persons = _by_name(who, staff)
    if not persons:
        raise _nobody()
    _seen("name", persons, by, at)
    return Found(several=tuple(persons))


def chosen(person_id: Any, *, staff: Staff) -> Person | None:
    """One of several, if it may be found."""
    return known(staff).filter(pk=person_id).first()


def _known_by(number: str, staff: Staff) -> Person | None:
    person = find_person(number)
    return person if person and known(staff).filter(pk=person.pk).exists() else None


def _by_name(words: str, staff: Staff) -> list[Person]:
    """By the index of dossiers, which knows rights and reads names without marks."""
    hits = search(words, staff=staff, kinds=[DOSSIERS], limit=HITS).hits
    dossiers = in_reach(staff).filter(pk__in=[hit.subject_id for hit in hits]).exclude(applicant=None)
    return list(
        Person.objects.filter(pk__in=dossiers.values("applicant").order_by()).order_by("full_name", "pk")[:MOST]
    )


def _seen(way: str, persons: list[Person], by: Actor, at: datetime) -> None:
    for person in persons:
        record_access(ApplicantLookedUp(way), subject=person, by=by, at=at)


def _nobody() -> Refused:
    message = _(
        "Nobody among the dossiers that you may see. Scan the card, or type what stands on it into the form: that is"
        " enough."
    )
    return Refused("nobody", message, field="who", status=404)


@action
def fill(draft: Draft, found: Found, *, by: Actor, at: datetime) -> Draft:
    """Put the person into the form. What is on the card goes before what is kept here, and both before what was filled
    in for somebody else; what was typed by hand stays where neither knows better. Drafts leave no entry."""
    draft = Draft.objects.select_for_update().select_related("form_version").get(pk=draft.pk)
    definition = FormDefinition.load(draft.form_version)
    read, person = found.card, found.person
    values: dict[str, Any] = dict(person_source(person).values) if person else {}
    if read:
        values |= _of_card(read)
    label = _("the ID card") if read else _("an earlier dossier here")
    offered = prefill(definition, [Source("person", label, values)], consent=True)
    given = {path: value for path, value in flat(draft.answers).items() if path not in _filled(draft, definition)}
    draft.answers = nested({**given, **offered.answers})
    kept = {path: origin for path, origin in draft.origins.items() if path in given and path not in offered.answers}
    draft.origins = {**kept, **offered.origins}
    draft.updated_at = at
    draft.save(update_fields=["answers", "origins", "updated_at"])
    return draft


def _filled(draft: Draft, definition: FormDefinition) -> set[str]:
    """Answers about the person that a look-up gave before."""
    about = {path for path, q in definition.questions.items() if q.schema.get("prefill", "").startswith("person.")}
    return {path for path in about if path in draft.origins}


def _of_card(read: Card) -> dict[str, Any]:
    place = card.place_of(read.address)
    values = {
        "full_name": read.name,
        "birth_date": read.born.isoformat(),
        "sex": str(read.sex),
        "national_id": read.number,
        "address.province": place.province,
        "address.commune": place.commune,
        "address.detail": place.detail,
    }
    if not place.commune:  # what is kept here of another place would not fit the card's
        return {key: value for key, value in values.items() if value or key == "address.commune"}
    return values
