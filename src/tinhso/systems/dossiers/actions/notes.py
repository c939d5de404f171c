"""What officials write for each other: notes on a dossier, and reasons that an agency uses again."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from tinhso.core.accounts.models import Account
from tinhso.core.agencies.models import Agency, Staff
from tinhso.core.agencies.queries import staff_of
from tinhso.core.ledger.actions import Actor, NotAllowed, Refused, action, new_id, record
from tinhso.core.ledger.rows import insert

from .. import queries
from ..events import NoteAdded, PhraseDropped, PhraseKept
from ..models import Dossier, Note, Phrase
from .common import limited

_MENTION = re.compile(r"(?<![\w@.])@([\w.+-]*\w)")
PHRASED = ("ask_supplement", "refuse", "stop", "ask_extension", "return_result", "send_back")


@action
def note(
    dossier: Dossier, *, text: str, mentioned: Collection[UUID] = (), author: Account, by: Actor, at: datetime
) -> Note:
    """Add a note. Who is named with @ or chosen is told, if they may see the dossier; else it is refused, so that
    nobody waits for an answer of someone who was never told."""
    text = limited(text.strip(), field="text")
    if not text:
        raise Refused("note_empty", _("Write the note."), field="text", status=422)
    told = {*Account.objects.filter(pk__in=mentioned), *_named(text)}
    for one in told:
        if not any(queries.in_reach(post).filter(pk=dossier.pk).exists() for post in staff_of(one, at)):
            words = _("%(who)s may not see this dossier, so cannot be told about it.") % {"who": one.display_name}
            raise Refused("cannot_see", words, field="text", status=422)
    kept = Note(id=new_id(), dossier=dossier, author=author, text=text, at=at)
    kept.mentioned = sorted((one.pk for one in told if one.pk != author.pk), key=str)
    insert(kept)
    event = NoteAdded(kept.pk, tuple(kept.mentioned))
    record(event, subject=dossier, by=by, at=at, agency=dossier.agency_id)
    return kept


def _named(text: str) -> list[Account]:
    found = []
    for name in dict.fromkeys(_MENTION.findall(text)):
        account = Account.objects.filter(username__iexact=name).first()
        if account is None:
            words = _("Nobody here signs in as “%(name)s”. Choose them in the list instead.") % {"name": name}
            raise Refused("nobody", words, field="text", status=422)
        found.append(account)
    return found


@action
def keep_phrase(agency: Agency, *, verb: str, name: str, text: str, by: Actor, at: datetime) -> Phrase:
    """Keep a reason for a verb under a name; one of that name gets the new words."""
    name, text = limited(name.strip(), most=120, field="name"), limited(text.strip(), field="text")
    if verb not in PHRASED:
        raise Refused("no_such_verb", _("Choose what the reason is for."), field="verb", status=422)
    if not name:
        raise Refused("name_missing", _("Give it a name by which people find it."), field="name", status=422)
    if len(text) < 10:
        raise Refused("text_missing", _("Write at least a sentence."), field="text", status=422)
    kept, _made = Phrase.objects.update_or_create(agency=agency, verb=verb, name=name, defaults={"text": text})
    record(PhraseKept(verb), subject=kept, by=by, at=at, agency=agency.pk)
    return kept


@action
def drop_phrase(phrase: Phrase, *, staff: Staff, by: Actor, at: datetime) -> None:
    """Forget a reason; letters that were made with it stay as they are."""
    if phrase.agency_id != staff.agency_id:
        raise NotAllowed(_("This reason belongs to another agency."))
    record(PhraseDropped(phrase.verb), subject=phrase, by=by, at=at, agency=phrase.agency_id)
    phrase.delete()
