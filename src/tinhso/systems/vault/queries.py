"""Reads of vaults: one's own papers, those that fit a question, those a counter is to compare, what was opened."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from tinhso.core.accounts.models import Account, Business, Person
from tinhso.core.accounts.queries import authorities_of
from tinhso.core.agencies.models import Role, Staff
from tinhso.core.agencies.queries import agencies_of
from tinhso.core.files.models import FileLink
from tinhso.core.forms.actions import accepted
from tinhso.core.forms.layout import Question
from tinhso.core.ledger.queries import accesses, timeline
from tinhso.core.search.text import fold
from tinhso.systems.dossiers.drafts import Purpose
from tinhso.systems.dossiers.models import Dossier
from tinhso.systems.procedures.models import Variant

from .models import Consent, Paper, Share

COMPARERS = (Role.RECEPTIONIST, Role.OFFICER)
MOST = 30  # papers offered for one application, newest first
_BYTES = (
    "same_as",
    "result__issued__file",
    "result__dossier",
    "component__file__file",
    "component__dossier",
    "file__file",
)
# Words that most papers have in their names, so they say nothing of which one it is.
_COMMON = frozenset(fold("giấy tờ văn bản bản sao bản chính chứng thực của cho các hoặc và có được về theo").split())


def _whole(papers: QuerySet[Paper]) -> QuerySet[Paper]:
    return papers.select_related(*_BYTES)


def of_account(account: Account, at: datetime) -> QuerySet[Paper]:
    """The papers of an account's person and of the businesses they act for now. A result counts once returned."""
    if account.person_id is None:
        return Paper.objects.none()
    businesses = authorities_of(account.person_id, at).values("business").order_by()
    return _whole(Paper.objects.filter(Q(person=account.person_id) | Q(business__in=businesses)))


def of_owner(owner: Person | Business) -> QuerySet[Paper]:
    """All papers of one person, or of one business."""
    mine = Q(business=owner) if isinstance(owner, Business) else Q(person=owner)
    return _whole(Paper.objects.filter(mine)).order_by("-added_at", "-id")


def to_compare(staff: Staff | None) -> QuerySet[Paper]:
    """Papers that owners asked an official's own agency to compare with their originals."""
    if staff is None or not staff.has_role(*COMPARERS):
        return Paper.objects.none()
    papers = Paper.objects.filter(asked__in=agencies_of(staff, COMPARERS).values("pk"))
    return papers.select_related(*_BYTES, "person", "business", "asked")


def digest(token: str) -> bytes:
    """What is kept of a link's secret; it has 256 random bits, so it needs no salt."""
    return hashlib.sha256(token.encode()).digest()


def share_of(token: str) -> Share | None:
    """The link of a secret, also one that has ended."""
    related = [f"paper__{name}" for name in (*_BYTES, "result__dossier__agency")]
    return Share.objects.select_related(*related).filter(digest=digest(token)).first()


def consent_for(draft: UUID, account: UUID, at: datetime) -> Consent | None:
    """The newest consent that still holds for this draft in the hands of this official."""
    held = Consent.objects.select_related("person", "business").filter(draft=draft, official=account, until__gt=at)
    return held.order_by("-until").first()


# Which papers fit a question


def asks_original(variant: Variant, question: Question) -> bool:
    """Whether what the question asks for must be an original; so too where the case does not say what is uploaded."""
    kinds = [one["kind"] for one in variant.components if one.get("field") == question.path]
    return not kinds or "original" in kinds


def usable(papers: Iterable[Paper], question: Question, purpose: Purpose, *, on: date) -> list[Paper]:
    """Papers that may stand at a question: still in force, verified where an original is asked for, of a kind of file
    that is taken there."""
    mimes = {kind.mime for kind in accepted(question)}
    original = asks_original(purpose.variant, question)
    return [
        paper
        for paper in papers
        if not paper.ended(on) and (paper.verified or not original) and paper.link.file.mime in mimes
    ]


def fits(paper: Paper, variant: Variant, question: Question) -> bool:
    """Whether a paper's name is that of what is asked for: at least three of five of its words, common ones aside."""
    names = [one["name"] for one in variant.components if one.get("field") == question.path]
    words = _telling(paper.name)
    return any(
        len(words & asked) >= 0.6 * min(len(words), len(asked))
        for name in (*names, question.words)
        if (asked := _telling(name)) and words
    )


def _telling(name: str) -> set[str]:
    return set(fold(name).split()) - _COMMON


# What became of a paper


@dataclass(frozen=True)
class Used:
    """Where a paper was attached again; no code while that application has not been submitted."""

    at: datetime
    code: str
    dossier: UUID | None


@dataclass(frozen=True)
class Shown:
    """A link with each time it was opened, newest first."""

    share: Share
    live: bool
    openings: Sequence[datetime]


def uses(paper: Paper, readable: QuerySet[Dossier]) -> list[Used]:
    """Where a paper was used, newest first; codes only of dossiers the reader may open."""
    happened = [h for h in timeline(paper) if h.event == "vault.used"]
    links = {
        link.pk: link.owner_id
        for link in FileLink.objects.filter(pk__in=[h.data["file"] for h in happened], owner_kind="dossiers.dossier")
    }
    codes = dict(readable.filter(pk__in=filter(None, links.values())).values_list("pk", "code"))
    found = [(h.at, links.get(UUID(h.data["file"]))) for h in reversed(happened)]
    return [Used(at, codes[one] if one else "", one) for at, one in found if one is None or one in codes]


def shares(paper: Paper, at: datetime) -> list[Shown]:
    """The links ever made to a paper, newest first, with what the access log knows of them."""
    opened: dict[str, list[datetime]] = {}
    for entry in accesses(paper):
        if entry.event == "vault.share_opened":
            opened.setdefault(entry.data["share"], []).append(entry.at)
    rows = paper.shares.order_by("-made_at")
    return [Shown(row, row.open_at(at), opened.get(str(row.pk), [])) for row in rows]


def refused_last(paper: Paper) -> str:
    """Why the last comparison found it different; empty where none did."""
    said = [h for h in timeline(paper) if h.event in ("vault.comparison_declined", "vault.compared")]
    return said[-1].words if said and said[-1].event == "vault.comparison_declined" else ""


def today(at: datetime) -> date:
    return timezone.localtime(at).date()
