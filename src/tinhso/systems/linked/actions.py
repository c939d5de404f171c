"""Opening the parts of a joint dossier, what another agency decided, and the end of the whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from tinhso.core.files import actions as files
from tinhso.core.files.models import FileLink
from tinhso.core.forms.definition import FormDefinition, flat, nested
from tinhso.core.ledger.actions import Actor, Refused, action, record
from tinhso.core.ledger.events import canonical
from tinhso.core.ledger.rows import get
from tinhso.core.process import actions as process
from tinhso.core.process import aside
from tinhso.systems.dossiers import actions as dossiers
from tinhso.systems.dossiers.actions.common import case_of, move, task_of
from tinhso.systems.dossiers.effort import effort
from tinhso.systems.dossiers.events import ResultIssued
from tinhso.systems.dossiers.intake import application
from tinhso.systems.dossiers.models import Channel, Dossier, Letter, Result, State
from tinhso.systems.procedures.models import Variant
from tinhso.systems.procedures.queries import variant_in_force

from .bundles import SETTLED, Bundle, Planned, Standing, bundle_of, standings
from .events import DecidedElsewhere, PartOpened, PromiseFollowed
from .models import Decision, Part
from .queries import opened

HOUSE = Actor.system("linked")
WORKED_ON = (State.ACCEPTED, State.IN_PROCESS)


def go_on(joint: Dossier, *, at: datetime) -> None:
    """Bring a joint dossier as far as its parts are. Each step is a change of its own, and doing it again changes
    nothing: so it may run after every entry that could matter, and again after a crash."""
    bundle = bundle_of(joint)
    if bundle is None:
        return
    if joint.state == State.WITHDRAWN:
        _withdraw(joint, at=at)
    elif joint.accepted_at and joint.finished_at is None:
        _follow(joint, at=at)
        for planned in bundle.parts:
            if standings(bundle, opened(joint))[planned.key] == Standing.READY:
                open_part(joint, planned, bundle, by=HOUSE, at=at)
        _settle(joint, bundle, at=at)
    elif joint.state == State.PROCESSED:
        _return(joint, bundle, at=at)


@action
def open_part(joint: Dossier, planned: Planned, bundle: Bundle, *, by: Actor, at: datetime) -> Dossier | None:
    """Hand in one part from what the joint application says, and accept it: the counter has checked the whole.

    None where another run was first, or the joint dossier has ended meanwhile. Raises `Refused` or `FormErrors` where
    its procedure can no longer be applied for with these answers: the failed job shows it.
    """
    locked = get(Dossier, "id = %s", [joint.pk], lock=True)  # two runs at once: the second finds the part
    if locked.finished_at or Part.objects.filter(joint=joint, key=planned.key).exists():
        return None
    variant = variant_in_force(planned.procedure, planned.variant)
    if variant is None:
        message = _("Procedure %(code)s is not offered here any more.") % {"code": planned.procedure}
        raise Refused("procedure_withdrawn", message)
    counter = None if joint.account_id else joint.receiving_agency
    given = application(
        variant, _answers(joint, planned, variant, by=by, at=at), channel=Channel(joint.channel), account=joint.account,
        counter=counter, business=joint.business, draft=joint, by=by, at=at,
    )  # fmt: skip
    applied = Actor("account", str(joint.account_id)) if joint.account_id else by  # it is what they applied for
    dossier = dossiers.submit(replace(given, applicant=joint.applicant), by=applied, at=at)
    dossiers.accept(dossier, by=by, at=at)
    Part(joint=joint, dossier=dossier, key=planned.key).save(force_insert=True)
    event = PartOpened(dossier.pk, planned.key, bundle.since)
    record(event, subject=joint, by=by, at=at, agency=joint.agency_id)
    return dossier


def _answers(joint: Dossier, planned: Planned, variant: Variant, *, by: Actor, at: datetime) -> dict[str, Any]:
    """What the part's form asks: the same questions' answers, and what the earlier result says."""
    form = FormDefinition.load(variant.form)
    told = {key: value for key, value in joint.answers.items() if key in form.source["schema"]["properties"]}
    if planned.give:
        earlier = _said(opened(joint)[planned.after])
        told |= {question: earlier[word] for question, word in planned.give.items() if word in earlier}
    by_path = flat(told)
    for path, question in form.questions.items():
        if question.kind.input == "file" and path in by_path:
            by_path[path] = [
                str(files.link(UUID(one), joint, name="", origin="", by=by, at=at).pk) for one in by_path[path]
            ]
    return form.validate(nested(by_path), on=timezone.localtime(at).date())


def _said(dossier: Dossier) -> dict[str, Any]:
    """What the result of a part says, for the parts that need it."""
    if decision := Decision.objects.filter(dossier=dossier).first():
        return {"number": decision.number, "issued_on": decision.day.isoformat()}
    issued = Result.objects.filter(dossier=dossier, issued_at__isnull=False)
    result = issued.select_related("number__book", "dossier__variant").latest("pk")
    assert result.numbered_at is not None
    stated = {f"stated.{path}": value for path, value in flat(result.content).items()}
    return {"number": result.notation, "issued_on": timezone.localtime(result.numbered_at).date().isoformat(), **stated}


@action
def decide(
    dossier: Dossier, *, agency: str, number: str, day: date, words: str, file: FileLink | None, by: Actor, at: datetime
) -> Decision:
    """Record what an agency granted whose system is not connected here: its paper's number and day, with the paper
    where there is one. What it refused is refused with `dossiers.actions.refuse`, in its words."""
    if not number.strip():
        raise Refused("number_missing", _("Write the number of their paper or card."), field="number", status=422)
    if not timezone.localtime(dossier.submitted_at).date() <= day <= timezone.localtime(at).date():
        raise Refused("bad_day", _("Write a day since the application, not after today."), field="day", status=422)
    task = task_of(dossier, "elsewhere")
    process.complete(task, "granted", by=by, at=at, case=case_of(dossier))
    decision = Decision(
        dossier=dossier, agency=agency[:200], number=number.strip()[:60], day=day, words=words.strip(), file=file
    )
    decision.save(force_insert=True)
    if file:
        files.attach(file, dossier, by=by, at=at)
    said = {"number": decision.number, "words": decision.words, "file": file.file_id if file else ""}
    digest = dossier.digest(canonical(said).encode())
    record(DecidedElsewhere(day, digest), subject=dossier, by=by, at=at, agency=dossier.agency_id)
    _processed(dossier, digest, by=by, at=at)
    return decision


@action
def finish(joint: Dossier, *, by: Actor, at: datetime) -> Dossier:
    """Every part that could be decided is, and at least one result is there."""
    task = task_of(joint, "linked")
    process.complete(task, "granted", by=by, at=at, case=case_of(joint))
    _processed(joint, joint.digest(b"linked"), by=by, at=at)
    return joint


def _processed(dossier: Dossier, digest: str, *, by: Actor, at: datetime) -> None:
    """As `dossiers.actions.issue`, of a result that others made."""
    aside.drop(dossier, "extend", by=by, at=at)
    move(dossier, allowed=WORKED_ON, state=State.PROCESSED, finished_at=at)
    took = effort(dossier, at=at)
    event = ResultIssued(
        result=f"{dossier.code}-KQ", procedure=dossier.procedure_code, channel=dossier.channel,
        on_time=not dossier.late_at(at), early=took.early, worked=took.worked, officer=took.officer, digest=digest,
    )  # fmt: skip
    record(event, subject=dossier, by=by, at=at, agency=dossier.agency_id)


@action
def follow_promise(joint: Dossier, due: datetime, *, by: Actor, at: datetime) -> Dossier:
    """A part was completed later or given more time by its leader: the whole is promised with its last part."""
    before = joint.due_at
    assert before is not None  # it is accepted
    joint.due_at = due
    move(joint, allowed=WORKED_ON, due_at=due)
    aside.retime(joint, due)
    record(PromiseFollowed(before, due), subject=joint, by=by, at=at, agency=joint.agency_id)
    return joint


def _follow(joint: Dossier, *, at: datetime) -> None:
    moved = Q(extensions__letter__isnull=False) | Q(requests__received_at__isnull=False)
    parts = Part.objects.filter(joint=joint).values("dossier")
    due = Dossier.objects.filter(moved, pk__in=parts).aggregate(last=Max("due_at"))["last"]
    if due and joint.due_at and due > joint.due_at:
        follow_promise(joint, due, by=HOUSE, at=at)


def _settle(joint: Dossier, bundle: Bundle, *, at: datetime) -> None:
    """End the joint dossier where nothing more can come: processed, or stopped with the reason where no part has a
    result."""
    parts = opened(joint)
    now = standings(bundle, parts)
    if not all(one in SETTLED for one in now.values()):
        return
    if Standing.DONE in now.values():
        finish(joint, by=HOUSE, at=at)
    else:
        dossiers.stop(joint, reason=_why(bundle, parts, now), by=HOUSE, at=at)


def _why(bundle: Bundle, parts: Mapping[str, Dossier], now: Mapping[str, Standing]) -> str:
    """The reason of form 05, one line a thing; letters are in Vietnamese."""
    said = []
    for planned in bundle.parts:
        if planned.key in parts:
            dossier = parts[planned.key]
            ended = {State.WITHDRAWN: "đã được rút", State.STOPPED: "đã dừng giải quyết"}
            letters = dossier.letters.filter(form__in=(Letter.Form.REFUSAL, Letter.Form.STOP))
            reason = letters.order_by("-made_at").values_list("reason", flat=True).first()
            how = ended.get(State(dossier.state), "bị từ chối")
            said.append(f"{dossier.procedure_name} (hồ sơ {dossier.code}) {how}{f': {reason}' if reason else '.'}")
    dropped = [variant for one in bundle.parts if now[one.key] == Standing.DROPPED and (variant := _name(one))]
    if dropped:
        said.append(f"Vì vậy các thủ tục sau không được giải quyết: {'; '.join(dropped)}.")
    return "\n".join(said)


def _name(planned: Planned) -> str:
    variant = variant_in_force(planned.procedure, planned.variant)
    return variant.name if variant else planned.procedure


def _return(joint: Dossier, bundle: Bundle, *, at: datetime) -> None:
    """Returned with its last part, so that nobody presses a button twice."""
    parts = opened(joint)
    now = standings(bundle, parts)
    if all(parts[key].state == State.RETURNED for key, one in now.items() if one == Standing.DONE):
        late = "Các kết quả thành phần được trả sau ngày đã hẹn." if joint.late_at(at) else ""
        dossiers.return_result(joint, reason=late, by=HOUSE, at=at)


def _withdraw(joint: Dossier, *, at: datetime) -> None:
    """Withdraw what is still open. A part whose decision is signed already goes on: nobody can take that back."""
    for dossier in opened(joint).values():
        if dossier.finished_at is None and not Result.objects.filter(dossier=dossier, signed_at__isnull=False).exists():
            dossiers.withdraw(dossier, reason="Rút cả hồ sơ liên thông.", by=HOUSE, at=at)
