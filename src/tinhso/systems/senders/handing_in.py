"""One item after the other: looked at, or taken once under its sender's reference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.utils import timezone
from django.utils.translation import gettext as _

from tinhso.core.accounts.crypto import keyed_hash
from tinhso.core.agencies.models import Agency
from tinhso.core.forms.definition import FormDefinition, FormErrors
from tinhso.core.ledger.actions import Actor, Refused, one_change
from tinhso.core.ledger.events import canonical
from tinhso.systems.dossiers.actions import submit
from tinhso.systems.dossiers.intake import application
from tinhso.systems.dossiers.models import Channel
from tinhso.systems.procedures.models import Variant

from .models import Sent

LONGEST = 80  # characters of a reference


class Status(StrEnum):
    """What became of an item, or would."""

    RIGHT = "right"  # looked at: would be taken
    TAKEN = "taken"
    KNOWN = "known"  # taken before, under this reference
    REFUSED = "refused"


@dataclass(frozen=True)
class Item:
    """One application as a sender gives it; answers by the form of the variant, nested or by path."""

    reference: str
    variant: Variant
    agency: Agency
    channel: Channel
    answers: Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What became of the item with this reference; `errors`: what to mend, by path of the form or name of a field."""

    reference: str
    status: Status
    code: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)


class _Looked(Exception):
    """Raised to take back what looking made."""


def hand_in(items: Iterable[Item], sender: UUID, *, by: Actor, at: datetime, look: bool = False) -> Iterator[Outcome]:
    """Take each item for itself, in its own commit; with `look` nothing is kept. A refused one stops no other."""
    seen: set[str] = set()
    for item in items:
        if look and item.reference in seen:
            yield _refused(item, "reference", _("The same reference stands before in this list."))
        else:
            yield _one(item, sender, by, at, look)
        seen.add(item.reference)


def _one(item: Item, sender: UUID, by: Actor, at: datetime, look: bool) -> Outcome:
    if not item.reference or len(item.reference) > LONGEST or not item.reference.isprintable():
        words = _("Give each one a reference of your own, of 1 to %(most)d characters.") % {"most": LONGEST}
        return _refused(item, "reference", words)
    key = keyed_hash(f"sent:{sender}:{item.reference}")
    about = {"variant": str(item.variant.pk), "agency": str(item.agency.pk), "channel": int(item.channel)}
    contents = keyed_hash(canonical({**about, "answers": item.answers}))
    if before := _before(item, key, contents):
        return before
    try:
        answers = FormDefinition.load(item.variant.form).validate(item.answers, on=timezone.localdate(at))
        with one_change():
            handed_in = application(
                item.variant, answers, channel=item.channel, account=None, counter=item.agency, by=by, at=at
            )
            dossier = submit(handed_in, by=by, at=at)
            Sent.objects.create(key=key, contents=contents, dossier=dossier, at=at)
            if look:
                raise _Looked
    except _Looked:
        return Outcome(item.reference, Status.RIGHT)
    except FormErrors as wrong:
        return Outcome(item.reference, Status.REFUSED, errors=wrong.errors)
    except Refused as wrong:
        return _refused(item, wrong.field or "procedure", str(wrong))
    except IntegrityError:  # the same was sent twice at once; the other was quicker
        if before := _before(item, key, contents):
            return before
        raise
    return Outcome(item.reference, Status.TAKEN, dossier.code)


def _before(item: Item, key: bytes, contents: bytes) -> Outcome | None:
    sent = Sent.objects.select_related("dossier").filter(pk=key).first()
    if sent is None:
        return None
    if bytes(sent.contents) != contents:
        words = _("This reference was used before for something else. Give it a new one.")
        return _refused(item, "reference", words)
    return Outcome(item.reference, Status.KNOWN, sent.dossier.code)


def _refused(item: Item, where: str, words: str) -> Outcome:
    return Outcome(item.reference, Status.REFUSED, errors={where: words})
