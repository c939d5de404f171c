"""Roads the law gives every dossier beside its process: completing it, stopping, more time, the right place.

The rules: NĐ 61/2018, NĐ 118/2025 and TT 03/2025/TT-VPCP (standards §2). One full request to complete; the clock
stands still while the applicant is asked; an apology and a new date only before the promised one is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from tinhso.core.accounts.models import Account
from tinhso.core.agencies.models import Agency
from tinhso.core.files import actions as files
from tinhso.core.ledger.actions import Actor, Refused, action, new_id, record
from tinhso.core.ledger.events import canonical
from tinhso.core.ledger.rows import find, get, insert, update
from tinhso.core.process import actions as process
from tinhso.core.process import aside
from tinhso.core.process.graph import ASIDES, graph_of
from tinhso.core.process.models import Task
from tinhso.core.process.queries import done_by
from tinhso.core.worktime.calendar import ZONE
from tinhso.core.worktime.queries import calendar_for

from ..events import (
    DossierExtended,
    DossierLeftAgency,
    DossierStopped,
    DossierTransferred,
    ExtensionAsked,
    ExtensionDeclined,
    StepTakenBack,
    SupplementAllowed,
    SupplementReceived,
    SupplementRequested,
)
from ..models import Channel, Component, Dossier, Extension, Letter, Result, State, Supplement
from .common import case_of, letter_of, move, sentence, task_of, work_on
from .consultation import give_back

LONGEST = timedelta(days=180)  # the farthest date an applicant may be given or promised
WORKED_ON = (State.ACCEPTED, State.IN_PROCESS)


def end_of(day: date, at: datetime, *, after: datetime | None = None) -> datetime:
    """The end of a day that somebody chose: later than `after`, and not years ahead."""
    chosen = datetime.combine(day, time(17), ZONE)
    if chosen <= (after or at) or chosen > at + LONGEST:
        raise Refused("bad_date", _("Choose a later day, within half a year."), field="until", status=422)
    return chosen


@action
def ask_supplement(dossier: Dossier, *, reason: str, until: date, by: Actor, at: datetime) -> Supplement:
    """Ask the applicant, once and for everything, what is missing (form 02): one line a thing. The clock stops.

    A second request is refused, unless a leader has allowed it: then it is recorded as a breach.
    """
    reason = sentence(reason, _("Write everything that is missing, one thing a line."))
    task = task_of(dossier, "receive", "appraise", "elsewhere")
    end = end_of(until, at)
    aside.interrupt(task, "supplement", due=end, case=case_of(dossier), by=by, at=at)
    before = Supplement.objects.filter(dossier=dossier).count()
    if before >= get(Dossier, "id = %s", [dossier.pk], lock=True).supplements:
        message = _(
            "The applicant has been asked to complete this dossier before; the law allows one full request"
            " (Decree 118/2025). A leader of the agency can allow another, which is recorded as a breach."
        )
        raise Refused("second_supplement", message)
    move(dossier, allowed=(State.NEW, *WORKED_ON), state=State.SUPPLEMENT)
    letter = letter_of(dossier, Letter.Form.SUPPLEMENT, reason, by=by, at=at)
    asked = Supplement(id=new_id(), dossier=dossier, letter=letter, until=end, breach=before > 0)
    asked.due_before = dossier.due_at
    insert(asked)
    event = SupplementRequested(
        dossier.procedure_code, dossier.channel, letter=str(letter.number.value), until=end, breach=asked.breach
    )
    record(event, subject=dossier, by=by, at=at, agency=dossier.agency_id, words=reason)
    return asked


@action
def allow_supplement(dossier: Dossier, *, reason: str, by: Actor, at: datetime) -> Dossier:
    """A leader lets the applicant be asked once more than the law says, and answers for it."""
    reason = sentence(reason, _("Say why the applicant must be asked again."))
    locked = get(Dossier, "id = %s", [dossier.pk], lock=True)
    if locked.finished_at or Supplement.objects.filter(dossier=dossier).count() < locked.supplements:
        raise Refused("not_needed", _("The applicant may be asked without that."))
    dossier.supplements = locked.supplements + 1
    update(dossier, "supplements")
    record(SupplementAllowed(), subject=dossier, by=by, at=at, agency=dossier.agency_id, words=reason)
    return dossier


@action
def supplement(
    dossier: Dossier, *, papers: Sequence[tuple[str, UUID]], note: str, by: Actor, at: datetime
) -> Supplement:
    """The applicant, or the counter for them, adds what was asked for: names and ids of uploaded files, and words.

    What was handed in before stays as it was. The clock runs again: what remained of the time when it stopped is
    given from now. Still possible after `until`, as long as nobody has stopped the dossier.
    """
    if not papers and len(note.strip()) < 5:
        raise Refused("nothing_added", _("Add a file, or write what you were asked to say."), field="note", status=422)
    task = task_of(dossier, "supplement")
    asked = find(Supplement, "dossier_id = %s AND received_at IS NULL ORDER BY id", [dossier.pk])[0]
    stopped = task.opened_at
    if dossier.due_at:
        calendar, unit = calendar_for(dossier.agency_id), dossier.variant.duration.unit
        dossier.due_at = calendar.extend(dossier.due_at, stopped, at, unit)
    opened = aside.resume(task, "received", case=case_of(dossier), by=by, at=at)
    state = State.IN_PROCESS if dossier.accepted_at else State.NEW
    move(dossier, allowed=(State.SUPPLEMENT,), state=state, due_at=dossier.due_at)
    if dossier.due_at:
        aside.retime(dossier, dossier.due_at)
    give_back(dossier, opened, by=by, at=at)
    asked.received_at, asked.note, asked.due_after = at, note.strip(), dossier.due_at
    update(asked, "received_at", "note", "due_after")
    digests = []
    for number, (name, file) in enumerate(papers, 1):
        link = files.attach(file, dossier, by=by, at=at)
        key = f"bo-sung-{number}"
        insert(Component(id=new_id(), dossier=dossier, key=key, name=name[:300], file=link, supplement=asked))
        digests.append(link.file_id)
    digest = dossier.digest(canonical({"note": asked.note, "files": digests}).encode())
    letter = str(asked.letter.number.value)
    event = SupplementReceived(letter=letter, papers=len(papers), due_at=dossier.due_at, digest=digest)
    record(event, subject=dossier, by=by, at=at, agency=dossier.agency_id)
    return asked


@action
def stop(dossier: Dossier, *, reason: str, by: Actor, at: datetime) -> Dossier:
    """Stop what was accepted, with the reason in form 05: the applicant never completed it, or it cannot go on."""
    reason = sentence(reason, _("Tell the applicant why, in at least a sentence."))
    task = task_of(dossier, "assign", "appraise", "elsewhere", "linked", "supplement")
    if dossier.accepted_at is None:
        raise Refused("not_accepted_yet", _("It has not been accepted yet: refuse it instead."))
    process.close(task, "stopped", by=by, at=at)
    process.close_all(dossier, "stopped", by=by, at=at)
    move(dossier, allowed=(*WORKED_ON, State.SUPPLEMENT), state=State.STOPPED, finished_at=at)
    letter = letter_of(dossier, Letter.Form.STOP, reason, by=by, at=at)
    event = DossierStopped(dossier.procedure_code, dossier.channel, str(letter.number.value))
    record(event, subject=dossier, by=by, at=at, agency=dossier.agency_id, words=reason)
    return dossier


@action
def ask_extension(dossier: Dossier, *, until: date, reason: str, by: Actor, at: datetime) -> Extension:
    """Ask the leader for more time, before the promised time is over, once; work goes on meanwhile."""
    reason = sentence(reason, _("Write the reason as the applicant will read it."))
    task = task_of(dossier, "assign", "appraise", "elsewhere", "consult", "sign", "issue")
    due = _not_over(dossier, at)
    if dossier.finished_at:  # what is open then corrects a returned result, which has a time of its own
        raise Refused("finished", _("This dossier is finished; its promise has been kept or broken."))
    if Extension.objects.filter(dossier=dossier, letter__isnull=False).exists():
        raise Refused("extended_before", _("This dossier has been given more time before; that is possible once."))
    end = end_of(until, at, after=due)
    asked = aside.beside(task, "extend", due=due, case=case_of(dossier), by=by, at=at)
    extension = Extension(id=new_id(), dossier=dossier, task=asked, due_before=due, due_after=end, reason=reason)
    insert(extension)
    record(ExtensionAsked(end), subject=dossier, by=by, at=at, agency=dossier.agency_id, words=reason)
    return extension


def _not_over(dossier: Dossier, at: datetime) -> datetime:
    if dossier.due_at is None or at >= dossier.due_at:
        message = _(
            "The promised time is over: a new one can only be promised before. Finish it, and the late return"
            " carries the reason."
        )
        raise Refused("time_is_over", message)
    return dossier.due_at


@action
def extend(dossier: Dossier, *, by: Actor, at: datetime) -> Dossier:
    """The leader promises the new date and apologises (form 04), while the first promise still holds."""
    task = task_of(dossier, "extend")
    due = _not_over(dossier, at)
    aside.resume(task, "granted", case=case_of(dossier), by=by, at=at)
    extension = get(Extension, "task_id = %s", [task.pk], lock=True)
    if due != extension.due_before:  # the applicant completed the dossier meanwhile, which moved the promise
        raise Refused("promise_moved", _("The promise has changed since this was asked. Decline, and ask anew."))
    dossier.due_at = extension.due_after
    move(dossier, allowed=WORKED_ON, due_at=dossier.due_at)
    aside.retime(dossier, extension.due_after)
    extension.letter = letter_of(dossier, Letter.Form.APOLOGY, extension.reason, by=by, at=at)
    update(extension, "letter")
    event = DossierExtended(before=due, due_at=extension.due_after, letter=str(extension.letter.number.value))
    record(event, subject=dossier, by=by, at=at, agency=dossier.agency_id)
    return dossier


@action
def decline_extension(dossier: Dossier, *, reason: str, by: Actor, at: datetime) -> Dossier:
    """The promise stands."""
    reason = sentence(reason, _("Tell the officer why the promise stands."))
    aside.resume(task_of(dossier, "extend"), "declined", case=case_of(dossier), by=by, at=at)
    record(ExtensionDeclined(), subject=dossier, by=by, at=at, agency=dossier.agency_id, words=reason)
    return dossier


@action
def transfer(dossier: Dossier, *, to: Agency, reason: str, by: Actor, at: datetime) -> Dossier:
    """Pass what came to the wrong place to the agency that decides. The promise to the applicant stands.

    Before acceptance the other agency's counter checks it anew; what a counter received stays that counter's to
    return. After it, the work begins at the first step that follows acceptance.
    """
    reason = sentence(reason, _("Say why the other agency decides on it."))
    task = task_of(dossier, "receive", "assign", "appraise")
    sender = dossier.agency_id
    if to.pk == sender or to.kind != dossier.agency.kind or not Agency.objects.open_at(at).filter(pk=to.pk).exists():
        raise Refused("wrong_agency", _("Choose another agency of the same kind."), field="to", status=422)
    if task.fork_id or Result.objects.filter(dossier=dossier).exists():
        raise Refused("too_far", _("It is too far on its way: finish or stop it here."))
    received = to.pk if dossier.accepted_at is None and dossier.channel == Channel.ONLINE else None
    changes: dict[str, Any] = {"agency_id": to.pk}
    dossier.agency = to
    if received:
        dossier.receiving_agency, changes["receiving_agency_id"] = to, to.pk
    graph = graph_of(task.definition_id)
    again = (task.step,) if task.kind == "receive" else graph.step(graph.start).outcomes.get("accept", (task.step,))
    aside.go_back(task, "transferred", again, case=case_of(dossier), by=by, at=at)
    aside.drop(dossier, "extend", by=by, at=at)  # what the former leader was asked
    if dossier.accepted_at:
        changes["state"] = State.ACCEPTED
    move(dossier, allowed=(State.NEW, *WORKED_ON), **changes)
    record(DossierLeftAgency(dossier.procedure_code), subject=dossier, by=by, at=at, agency=sender)
    event = DossierTransferred(dossier.procedure_code, sender, to.pk)
    record(event, subject=dossier, by=by, at=at, agency=to.pk, words=reason)
    return dossier


UNDO = timedelta(minutes=5)
# What stays inside the house until the next one acts, and the state before it.
UNDOABLE = {"assigned": State.ACCEPTED, "propose": State.IN_PROCESS, "return": State.IN_PROCESS}


def undoable(tasks: Sequence[Task], by: Actor, at: datetime) -> Task | None:
    """Of all `tasks` of a dossier the one that this person ended last and may take back now."""
    mine = [task for task in tasks if task.closed_at and task.closed_at > at - UNDO and task.closed_by == str(by)]
    last = max(mine, key=lambda task: task.closed_at or at, default=None)
    if last is None or last.outcome not in UNDOABLE or last.fork_id:
        return None
    now = [task for task in tasks if task.closed_at is None and task.step not in ASIDES]
    return last if now and all(task.opened_at == last.closed_at for task in now) else None


@action
def take_back(dossier: Dossier, *, by: Actor, at: datetime) -> Task:
    """Undo a slip of the hand within minutes, where nothing has left the house and nobody has gone on."""
    tasks = done_by(dossier)
    task = undoable(tasks, by, at)
    if task is None:
        message = _("This can no longer be taken back: it left the house, somebody went on, or 5 minutes are over.")
        raise Refused("not_undoable", message)
    following, *rest = [one for one in tasks if one.closed_at is None and one.step not in ASIDES]
    for one in rest:
        process.close(one, "taken_back", by=by, at=at)
    (again,) = aside.go_back(following, "taken_back", (task.step,), case=case_of(dossier), by=by, at=at)
    if task.assignee_id:
        process.assign(again, to=Account.objects.get(pk=task.assignee_id), by=by, at=at)
    work_on(dossier, allowed=WORKED_ON, state=UNDOABLE[task.outcome])
    record(StepTakenBack(task.step, task.outcome), subject=dossier, by=by, at=at, agency=dossier.agency_id)
    return again
