"""The vault at the file questions of an application: the owner's own online, with consent at a counter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tinhso.core.accounts.models import Business, Person
from tinhso.core.files.models import FileLink
from tinhso.core.forms.layout import Question
from tinhso.core.forms.models import Draft
from tinhso.core.forms.shelves import Offer, Offered, Shelf, shelf
from tinhso.core.ledger.actions import Actor, Refused
from tinhso.systems.dossiers.drafts import Purpose, purpose_of
from tinhso.systems.dossiers.models import Channel

from . import actions, queries
from .models import Consent
from .words import note


def whose(draft: Draft, at: datetime) -> tuple[Purpose, Person | Business, Consent | None] | None:
    """Whose papers may stand in a draft now, and by which consent; None where nobody's may. At a counter the consent
    must be of the very person whose number stands in the form."""
    purpose = purpose_of(draft, at)
    if purpose is None or purpose.applicant is None:
        return None
    if purpose.channel != Channel.COUNTER:
        return purpose, purpose.applicant, None
    consent = queries.consent_for(draft.pk, draft.account_id, at)
    if consent is None or consent.person != purpose.person or (consent.business or consent.person) != purpose.applicant:
        return None
    return purpose, purpose.applicant, consent


def offered(draft: Draft, questions: Sequence[Question], at: datetime) -> Mapping[str, Offered]:
    """What the owner has that may stand at each question, what fits by its name first."""
    known = whose(draft, at)
    if known is None:
        return {}
    purpose, owner, consent = known
    words = (
        _("The applicant has agreed that you use them for this dossier.")
        if consent
        else _("Use one, and you agree that the agency reads it for this dossier. It is recorded in your vault.")
    )
    papers, on = list(queries.of_owner(owner)[: queries.MOST]), queries.today(at)
    found = {}
    for question in questions:
        usable = queries.usable(papers, question, purpose, on=on)
        rows = [
            Offer(actions.ORIGIN, p.pk, p.name, note(p), queries.fits(p, purpose.variant, question)) for p in usable
        ]
        found[question.path] = Offered(words, sorted(rows, key=lambda row: not row.fits))
    return found


def take(draft: Draft, question: Question, paper: UUID, *, by: Actor, at: datetime) -> FileLink:
    """Attach it, if it still may stand there."""
    known = whose(draft, at)
    row = queries.of_owner(known[1]).filter(pk=paper).first() if known else None
    if known is None or row is None or not queries.usable([row], question, known[0], on=queries.today(at)):
        raise Refused("paper_unusable", _("This paper cannot be used here, or no longer."), field="file", status=422)
    return actions.use(row, draft, consent=known[2], by=by, at=at)


shelf(Shelf(actions.ORIGIN, gettext_lazy("the vault of papers"), offered, take))
