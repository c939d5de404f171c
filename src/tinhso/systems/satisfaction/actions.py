"""Answering, tracing an answer, forgetting who said it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from tinhso.core.accounts.models import Person
from tinhso.core.ledger.actions import Actor, Fact, Refused, action, record, record_access, record_all
from tinhso.core.ledger.rows import get
from tinhso.systems.dossiers.models import Dossier, State

from .events import Answered, AnswerTraced, WordsErased
from .models import Answer, Reply, Way
from .sheets import Sheet, sheet

ASKED = {State.RETURNED: "returned_at", State.REFUSED: "finished_at", State.STOPPED: "finished_at"}
LONGEST = 1000  # letters of words
# The entry does not say who answered: whoever reads the ledger knows whose account is whose.
SOMEBODY = Actor.system("satisfaction")


def ended_at(dossier: Dossier) -> datetime | None:
    """When it was returned, refused or stopped; None while it is open, and for one its applicant withdrew."""
    name = ASKED.get(State(dossier.state))
    return getattr(dossier, name) if name else None


def sheet_of(dossier: Dossier) -> Sheet | None:
    """What its applicant is asked; None before its end."""
    ended = ended_at(dossier)
    return sheet(timezone.localtime(ended).date()) if ended else None


def open_until(dossier: Dossier) -> datetime | None:
    """Until when it may be answered; None before its end."""
    ended, asked = ended_at(dossier), sheet_of(dossier)
    return ended + asked.open_for if ended and asked else None


@action
def answer(
    dossier: Dossier,
    *,
    marks: Mapping[str, int],
    words: str,
    way: Way,
    person: Person | None,
    by: Actor = SOMEBODY,
    at: datetime,
) -> Answer:
    """Give marks and words, or change them. The actor is never an account: the entry must not say who it was.

    Refused before the end and after the days are over; by the slip where there is an answer already. One given with
    the account takes the place of an earlier one.
    """
    if by.kind == "account":
        raise ValueError("the entry of an answer names nobody")
    locked = get(Dossier, "id = %s", [dossier.pk], lock=True)  # two at once: one after the other
    asked, until, ended = sheet_of(locked), open_until(locked), ended_at(locked)
    if asked is None or until is None or ended is None:
        raise Refused("not_ended", _("The dossier is still being worked on. You are asked when it has ended."))
    if at > until:
        day = f"{timezone.localtime(until):%d/%m/%Y}"
        raise Refused("too_late", _("The time to answer was over on %(day)s.") % {"day": day})
    kept = _checked(asked, marks)
    if len(words := words.strip()) > LONGEST:
        message = _("Please write at most %(n)d letters.") % {"n": LONGEST}
        raise Refused("too_long", message, field="words", status=422)
    reply = Reply.objects.select_related("answer").filter(dossier=locked).first()
    if reply is not None and way == Way.SLIP:
        raise Refused("answered", _("Somebody has answered for this dossier already. Thank you."))
    if reply is None:
        month = timezone.localtime(ended).date().replace(day=1)
        reply = Reply(dossier=locked, answer=Answer(agency_id=locked.agency_id, month=month, way="", marks={}))
    one = reply.answer
    before_way, before = str(one.way), _codes(one.marks)
    one.way, one.marks = way, kept
    one.save()
    reply.person, reply.words, reply.at = person, words, at
    reply.save()
    event = Answered(one.month, str(way), _codes(kept), before_way, before)
    record(event, subject=one, by=by, at=at, agency=one.agency_id)
    return one


def _checked(asked: Sheet, marks: Mapping[str, int]) -> dict[str, int]:
    """Marks of this sheet's questions; those nobody asked are a forged form."""
    known, given = {question.key for question in asked.questions}, {mark.mark for mark in asked.marks}
    if not marks.keys() <= known or not set(marks.values()) <= given:
        raise Refused("bad_mark", _("Choose one of the marks."), status=422)
    for question in asked.questions:
        if question.must and question.key not in marks:
            raise Refused("mark_missing", _("Choose one of the marks."), field=question.key, status=422)
    return {question.key: marks[question.key] for question in asked.questions if question.key in marks}


def _codes(marks: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(f"{key}:{mark}" for key, mark in sorted(marks.items()))


def trace(given: Answer, *, by: Actor, at: datetime) -> Reply | None:
    """To which dossier an answer belongs, for an auditor; kept in the access log under that dossier.

    None where the person was erased: then nobody can tell.
    """
    reply = Reply.objects.select_related("dossier").filter(answer=given).first()
    if reply is not None:
        record_access(AnswerTraced(given.pk), subject=reply.dossier, by=by, at=at)
    return reply


@action
def forget(replies: Iterable[Reply], *, by: Actor, at: datetime) -> None:
    """Erase who said it and the words; marks stay in the figures, and a dossier that is kept is not asked again."""
    facts = []
    for reply in replies:
        reply.person, reply.words = None, ""
        reply.save(update_fields=["person", "words"])
        facts.append(Fact(WordsErased(), reply.answer, reply.answer.agency_id))
    if facts:
        record_all(facts, by=by, at=at)
