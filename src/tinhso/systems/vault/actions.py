"""Every change to a vault that does not follow from a dossier."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from tinhso.core.accounts.models import Account, Business, Person
from tinhso.core.agencies.models import Agency, Staff
from tinhso.core.files import actions as files
from tinhso.core.files.models import FileLink
from tinhso.core.forms.models import Draft
from tinhso.core.ledger.actions import (
    Actor,
    Fact,
    NotAllowed,
    Refused,
    action,
    new_id,
    record,
    record_access,
    record_all,
)
from tinhso.core.ledger.rows import get
from tinhso.systems.dossiers.models import Dossier, Result

from . import queries
from .events import (
    ComparisonAsked,
    ComparisonDeclined,
    Consented,
    PaperAdded,
    PaperCompared,
    PaperShared,
    PaperTakenOut,
    PaperUsed,
    ShareEnded,
    ShareOpened,
    VaultSeen,
)
from .models import Consent, Paper, Share, Trust

ORIGIN = "vault"  # `FileLink.origin` of what was taken from here
DAYS = (1, 7, 30)  # for which a link may be given
LINKS = 20  # of one paper, open at once
ADDED = 200  # papers from elsewhere in one vault
CONSENT = timedelta(hours=1)


@dataclass(frozen=True)
class Said:
    """What is known of a paper from elsewhere: read from its signature, else in its owner's words."""

    name: str
    trust: Trust
    number: str = ""
    agency_name: str = ""
    issued_on: date | None = None
    valid_until: date | None = None
    same_as: Result | None = None  # the result of this province that it is


@action
def add(owner: Person | Business, link: FileLink, said: Said, *, by: Actor, at: datetime) -> Paper:
    """Keep a paper from elsewhere: an upload of `by`, checked by `checking.look` before. It is no copy of one that is
    here already, and there is an end to how many."""
    mine = queries.of_owner(owner)
    if any(paper.link.file_id == link.file_id for paper in mine):
        raise Refused("here_already", _("This file is in the vault already."), field="file", status=422)
    if mine.filter(file__isnull=False).count() >= ADDED:
        message = _("At most %(count)d papers from elsewhere are kept. Take out one you no longer need.")
        raise Refused("vault_full", message % {"count": ADDED}, field="file", status=422)
    of = {"business": owner} if isinstance(owner, Business) else {"person": owner}
    paper = Paper(
        id=new_id(), **of, name=said.name[:300], number=said.number[:60], agency_name=said.agency_name[:300],
        issued_on=said.issued_on, valid_until=said.valid_until, trust=said.trust, same_as=said.same_as, added_at=at,
    )  # fmt: skip
    paper.file = files.attach(link, paper, by=by, at=at)
    paper.save(force_insert=True)
    record(PaperAdded(str(said.trust)), subject=paper, by=by, at=at)
    return paper


@action
def take_out(papers: Iterable[Paper], *, by: Actor, at: datetime) -> None:
    """Delete papers with their links to show them; of those that were added the bytes go too. What an application has
    taken from them stays with it."""
    rows = list(papers)
    facts = [Fact(PaperTakenOut(), paper) for paper in rows]
    links = [paper.file for paper in rows if paper.file]
    Paper.objects.filter(pk__in=[paper.pk for paper in rows]).delete()
    files.release(links, by=by, at=at)
    if facts:
        record_all(facts, by=by, at=at)


@action
def ask_comparison(paper: Paper, agency: Agency, *, by: Actor, at: datetime) -> Paper:
    """Its owner brings the original to this agency's counter; until then officials there may read it."""
    locked = get(Paper, "id = %s", [paper.pk], lock=True)
    if locked.file_id is None or locked.trust != Trust.OWN:
        raise Refused("verified_already", _("This paper needs no comparison."))
    locked.asked = agency
    locked.save(update_fields=["asked"])
    record(ComparisonAsked(agency.pk), subject=locked, by=by, at=at, agency=agency.pk)
    return locked


@action
def compare(paper: Paper, *, staff: Staff, by: Actor, at: datetime) -> Paper:
    """The official has seen the original, and this says the same: from now on it stands for it."""
    locked = _asked(paper, staff)
    locked.trust, locked.vouched_by, locked.vouched_at, locked.asked = Trust.COMPARED, staff.account, at, None
    locked.save(update_fields=["trust", "vouched_by", "vouched_at", "asked"])
    record(PaperCompared(), subject=locked, by=by, at=at, agency=staff.agency_id)
    return locked


@action
def decline(paper: Paper, *, staff: Staff, reason: str, by: Actor, at: datetime) -> Paper:
    """It is not the same as the original, or there was none; its owner reads why."""
    if len(reason := reason.strip()) < 10:
        message = _("Tell the owner why, in at least a sentence.")
        raise Refused("reason_missing", message, field="reason", status=422)
    locked = _asked(paper, staff)
    locked.asked = None
    locked.save(update_fields=["asked"])
    record(ComparisonDeclined(), subject=locked, by=by, at=at, agency=staff.agency_id, words=reason)
    return locked


def _asked(paper: Paper, staff: Staff) -> Paper:
    """Locked, so that of two officials one decides; the paper as it is now."""
    locked = get(Paper, "id = %s", [paper.pk], lock=True)
    if locked.asked_id is None:
        raise Refused("not_asked", _("A colleague has answered already, or the owner no longer asks."))
    if not queries.to_compare(staff).filter(pk=paper.pk).exists():
        raise NotAllowed(_("Only the agency that was asked compares this paper."))
    return locked


@action
def use(paper: Paper, draft: Draft | Dossier, *, consent: Consent | None, by: Actor, at: datetime) -> FileLink:
    """Attach a paper to an application, or to a dossier that it completes: another hold on the same bytes. That the
    owner wants it is the click, or the consent given at the counter; who calls has asked whether it may stand there."""
    name = f"{paper.name[:120]}{_ending(paper.link.name)}"
    link = files.link(paper.link, draft, name=name, origin=ORIGIN, by=by, at=at)
    event = PaperUsed(draft.pk, link.pk, consent.pk if consent else None)
    record(event, subject=paper, by=by, at=at)
    return link


def _ending(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    return f".{ending}" if stem and dot else ""


@action
def consent(
    person: Person, business: Business | None, draft: Draft | Dossier, *, official: Account, by: Actor, at: datetime
) -> Consent:
    """Whoever stands at the counter lets this official see and use their papers, or their business's, for this draft
    or dossier, for an hour. They find it in what the state holds about them."""
    given = Consent(
        id=new_id(), person=person, business=business, draft=draft.pk, official=official, until=at + CONSENT
    )
    given.save(force_insert=True)
    event = Consented(given.pk, draft.pk, business.pk if business else None)
    record(event, subject=person, by=by, at=at)
    record_access(VaultSeen(given.pk), subject=person, by=by, at=at)
    return given


@action
def share(paper: Paper, *, days: int, by: Actor, at: datetime) -> tuple[Share, str]:
    """A link to a paper, and its secret, which is told once and never kept."""
    if days not in DAYS:
        raise Refused("bad_days", _("Choose for how long."), field="days", status=422)
    get(Paper, "id = %s", [paper.pk], lock=True)
    if paper.shares.filter(ended_at=None, until__gt=at).count() >= LINKS:
        raise Refused("too_many_links", _("End a link that is no longer needed first."))
    token = secrets.token_urlsafe(32)
    made = Share(id=new_id(), paper=paper, digest=queries.digest(token), made_at=at, until=at + timedelta(days=days))
    made.save(force_insert=True)
    record(PaperShared(made.pk, made.until), subject=paper, by=by, at=at)
    return made, token


@action
def end_share(paper: Paper, share_id: UUID, *, by: Actor, at: datetime) -> None:
    """The link opens nothing any more. Ending it twice changes nothing."""
    if paper.shares.filter(pk=share_id, ended_at=None).update(ended_at=at):
        record(ShareEnded(share_id), subject=paper, by=by, at=at)


def opened(one: Share, *, by: Actor, at: datetime) -> None:
    """Keep in the access log that somebody looked, where the owner sees it."""
    record_access(ShareOpened(one.pk), subject=one.paper, by=by, at=at)
