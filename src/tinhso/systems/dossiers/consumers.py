"""What dossiers do when they read their own record: tell the applicant, keep the search index."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tinhso.core.accounts.models import Authority
from tinhso.core.ledger.consumers import Placed, consumer
from tinhso.core.ledger.queries import timeline
from tinhso.core.notify.actions import Message, Recipient, notify_all
from tinhso.core.process.queries import open_tasks
from tinhso.core.search.index import Document, index, remove, searchable

from .models import Consultation, Dossier, Extension, Letter

TOLD = (
    "dossiers.submitted",
    "dossiers.accepted",
    "dossiers.refused",
    "dossiers.supplement_requested",
    "dossiers.supplement_received",
    "dossiers.letter_made",  # of form 04: a new date is told once the apology is there to be read
    "dossiers.stopped",
    "dossiers.transferred",
    "dossiers.result_issued",
    "dossiers.returned",
    "dossiers.result_cancelled",
    "dossiers.correction_asked",
    "dossiers.correction_declined",
    "dossiers.correction_issued",
    "dossiers.correction_returned",
)
MADE = "dossiers.letter_made"
Which = Callable[[Collection[UUID]], Collection[UUID]]
_TOLD_ELSEWHERE: list[tuple[frozenset[str], Which]] = []


def told_elsewhere(events: Collection[str], which: Which) -> None:
    """Another system tells applicants of these events itself, for those of some dossiers that `which` names."""
    _TOLD_ELSEWHERE.append((frozenset(events), which))


DOSSIERS = searchable("dossiers", label=_("Dossiers"), url=lambda pk: reverse("dossiers:work", args=[pk]))


@consumer("dossiers.notices", events=TOLD)
def tell_the_applicant(batch: Sequence[Placed]) -> None:
    """One notice an entry, to the account that submitted or else to the person; of a business, to who acts for it."""
    batch = [p for p in batch if p.event != MADE or p.data["form"] == Letter.Form.APOLOGY]
    dossiers = Dossier.objects.in_bulk({p.subject_id for p in batch})
    act = {one.business_id for one in dossiers.values() if one.business_id}
    members = list(Authority.objects.filter(business__in=act)) if act else []
    silent = {(event, pk) for events, which in _TOLD_ELSEWHERE for pk in which(dossiers) for event in events}
    extended = dict(
        Extension.objects.filter(dossier__in=dossiers).exclude(letter=None).values_list("dossier", "due_after")
    )
    messages = []
    for placed in batch:
        dossier = dossiers.get(placed.subject_id)
        kind = "dossiers.extended" if placed.event == MADE else placed.event
        if (kind, placed.subject_id) in silent:
            continue
        if dossier is None or not (dossier.account_id or dossier.applicant_id or dossier.business_id):
            continue  # erased meanwhile, or nobody we know: they follow it by the slip
        params: dict[str, str | int | datetime] = {"code": dossier.code}
        for key, name in (("due_at", "due"), ("until", "until")):
            if placed.data.get(key):
                params[name] = datetime.fromisoformat(placed.data[key])
        if placed.event == MADE:
            params["due"] = extended[dossier.pk]
        told = followers(dossier, members, placed.at)
        messages += [Message(kind, to, dossier, placed.id, placed.at, params) for to in told]
    notify_all(messages)


@consumer("dossiers.opinions", events=["dossiers.consultation_answered"])
def tell_who_asked(batch: Sequence[Placed]) -> None:
    """The officer who asked, of each answer."""
    asked = Consultation.objects.filter(dossier__in={p.subject_id for p in batch}, asked_by__isnull=False)
    by_step = {(c.dossier_id, c.task.step, c.task.closed_at): c for c in asked.select_related("task", "dossier")}
    messages = []
    for placed in batch:
        one = by_step.get((placed.subject_id, placed.data["step"], placed.at))
        if one is not None:  # else erased meanwhile
            to, params = Recipient(account=one.asked_by_id), {"code": one.dossier.code}
            messages.append(Message(placed.event, to, one.dossier, placed.id, placed.at, params))
    notify_all(messages)


ANSWERED = {
    "dossiers.extension_declined": "dossiers.extension_asked",
    "dossiers.supplement_allowed": "dossiers.supplement_requested",
}


WORKING = ("receive", "appraise", "elsewhere")  # the steps at which an applicant is asked, and time gets short


@consumer("dossiers.answers", events=ANSWERED)
def tell_the_officer(batch: Sequence[Placed]) -> None:
    """What a leader decided about a dossier: to who works on it now, and to who had asked."""
    dossiers = Dossier.objects.in_bulk({p.subject_id for p in batch})
    messages = []
    for placed in batch:
        if (dossier := dossiers.get(placed.subject_id)) is None:
            continue  # erased meanwhile
        asked = [h.actor for h in timeline(dossier) if h.event == ANSWERED[placed.event] and h.at <= placed.at][-1:]
        told = {one.removeprefix("account:") for one in asked if one.startswith("account:")}
        told |= {str(task.assignee_id) for task in open_tasks(dossier) if task.assignee_id and task.kind in WORKING}
        told.discard(placed.actor.removeprefix("account:"))
        for one in sorted(told):
            to, params = Recipient(account=UUID(one)), {"code": dossier.code}
            messages.append(Message(placed.event, to, dossier, placed.id, placed.at, params))
    notify_all(messages)


@consumer("dossiers.mentions", events=["dossiers.note_added"])
def tell_who_was_mentioned(batch: Sequence[Placed]) -> None:
    """Colleagues whom a note names; what it says they read on the dossier's page."""
    dossiers = Dossier.objects.in_bulk({p.subject_id for p in batch if p.data["mentioned"]})
    notify_all(
        Message("dossiers.mentioned", Recipient(account=UUID(one)), dossier, p.id, p.at, {"code": dossier.code})
        for p in batch
        for one in p.data["mentioned"]
        if (dossier := dossiers.get(p.subject_id)) is not None  # else erased meanwhile
    )


def followers(dossier: Dossier, members: Sequence[Authority], at: datetime) -> list[Recipient]:
    """Who is told about a dossier: its account, else its person; of a business those `members` who act for it then."""
    if dossier.business_id:
        held = [one for one in members if one.business_id == dossier.business_id and one.valid_from <= at]
        acting = {one.person_id for one in held if one.valid_to is None or one.valid_to > at}
        return [Recipient(person=person) for person in sorted(acting)]
    if dossier.account_id:
        return [Recipient(account=dossier.account_id, email=dossier.email)]
    return [Recipient(person=dossier.applicant_id, email=dossier.email)]


ARRIVED = ("dossiers.submitted", "dossiers.taken_over")


@consumer("dossiers.search", events=[*ARRIVED, "dossiers.inherited", "dossiers.transferred", "dossiers.erased"])
def keep_the_index(batch: Sequence[Placed]) -> None:
    """A dossier is found by its code and its applicant's name, by officials who reach it."""
    remove(DOSSIERS, [p.subject_id for p in batch if p.event == "dossiers.erased"])
    new = {p.subject_id: p for p in batch if p.event != "dossiers.erased"}
    index(
        Document(
            DOSSIERS,
            dossier.pk,
            title=f"{dossier.code} · {dossier.applicant_name}",
            at=dossier.submitted_at,
            note=dossier.procedure_name,
            words=dossier.procedure_code,
            agencies=[dossier.agency_id, dossier.receiving_agency_id],
        )
        for dossier in Dossier.objects.filter(pk__in=new)
    )
