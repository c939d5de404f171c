"""Who hands a dossier in for its applicant: a parent for a child, a guardian, a relative, somebody authorised."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from tinhso.core.accounts import identity
from tinhso.core.accounts.actions import register_person
from tinhso.core.ledger.actions import Actor, Refused, action, record
from tinhso.core.ledger.rows import get
from tinhso.core.search.text import fold
from tinhso.systems.dossiers.models import Dossier

from . import card
from .events import Represented
from .models import Relation, Representative

OF_AGE = 18  # years: below, nobody represents another (Bộ luật Dân sự 2015, articles 20, 134)


@action
def name(
    dossier: Dossier,
    who: str,
    full_name: str = "",
    *,
    relation: str,
    authorisation: str = "",
    until: date | None = None,
    by: Actor,
    at: datetime,
) -> Representative:
    """Write down who stands there for the applicant: by the text of their card, or 12 digits and the name. Named anew,
    the one before is replaced; both stand in the ledger, without their names. Raises `Refused`, naming the field."""
    if relation not in Relation.values:
        raise Refused("relation_missing", _("Say what they are to the applicant."), field="relation", status=422)
    authorisation, today = " ".join(authorisation.split())[:200], timezone.localtime(at).date()
    if relation == Relation.AUTHORISED and len(authorisation) < 5:
        message = _("Write the number and day of the authorisation, and who certified it.")
        raise Refused("authorisation_missing", message, field="authorisation", status=422)
    if until is not None and until < today:
        raise Refused("authorisation_over", _("This authorisation has ended."), field="until", status=422)
    if get(Dossier, "id = %s", [dossier.pk], lock=True).finished_at is not None:
        raise Refused("finished", _("This dossier has ended: nobody is named for it any more."))
    if card.seems(who):
        read = card.read(who)
        full_name, born = read.name, read.born
        person = register_person(read.number, full_name=full_name, birth_date=born, sex=str(read.sex), by=by, at=at)
        year = born.year
    else:
        digits = identity.national_id(who)
        person, year = register_person(digits, full_name=full_name, by=by, at=at), identity.encoded(digits)[0]
    if fold(person.full_name) != fold(full_name):  # typing a number tells nobody whose it is
        message = _("The name does not agree with this number. Compare both with the card.")
        raise Refused("name_differs", message, field="full_name", status=422)
    if person.pk == dossier.applicant_id:
        message = _("This is the applicant: nobody else needs to be named.")
        raise Refused("the_applicant", message, field="who", status=422)
    if today.year - year < OF_AGE:
        raise Refused("under_age", _("Somebody under 18 cannot act for another."), field="who", status=422)
    given = {"person": person, "relation": relation, "authorisation": authorisation, "until": until, "at": at}
    made, _new = Representative.objects.update_or_create(dossier=dossier, defaults=given)
    record(Represented(relation), subject=dossier, by=by, at=at, agency=dossier.agency_id)
    return made
