"""An application's life through the real actions, on a simulated clock.

No PDF is made: the jobs that would render, sign and seal are not enqueued. Where an action keeps a
document, it gets a link to one single page, which says in so many words that the dossier is simulated
and that no document was made; a simulated signature names the certificate `simulated`. So nothing pretends
to be an official document, and public verification refuses it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from random import Random
from uuid import UUID

from django.utils.timezone import localtime

from tinhso.core.agencies.models import Role, Staff
from tinhso.core.files import actions as files
from tinhso.core.files.models import FileLink, StoredFile
from tinhso.core.files.queries import read_bytes
from tinhso.core.forms.definition import FormDefinition
from tinhso.core.ledger.actions import Actor, Refused
from tinhso.core.ledger.rows import get, insert, update
from tinhso.core.letters.render import render
from tinhso.core.numbering.models import Number
from tinhso.core.process.graph import ANSWER, graph_of
from tinhso.core.process.models import Task
from tinhso.core.process.queries import open_tasks
from tinhso.core.worktime.calendar import Calendar
from tinhso.core.worktime.queries import calendar_for
from tinhso.simulation.world import Arrival, World, by_id, pick
from tinhso.systems.procedures import results
from tinhso.systems.procedures.models import Variant

from .. import actions
from ..actions.common import case_of
from ..intake import application
from ..models import Answer, Channel, Consultation, Dossier, Letter, State
from .answers import answers, can_be_filled

BY = Actor.system("simulation")
OWNER = ("simulation.page", UUID(int=0x5117))
LATE = "Hồ sơ mô phỏng: trả trễ hẹn."
QUESTION = "Hồ sơ mô phỏng: đề nghị xác minh thông tin đã khai."
OPINION = "Hồ sơ mô phỏng: không có thông tin khác."
REFUSAL = "Hồ sơ mô phỏng: giấy tờ nộp kèm chưa hợp lệ theo quy định của thủ tục."


def prepare(world: World) -> None:
    """Keep the one page that stands where documents would be, and see that something can be applied for."""
    if not FileLink.objects.filter(owner_kind=OWNER[0], owner_id=OWNER[1]).exists():
        pdf = render("dossiers/simulated", {}, at=world.since)
        link = files.store_bytes(pdf, name="mo-phong.pdf", by=BY, at=world.since, personal=False)
        files.attach(link, OWNER, by=BY, at=world.since)
    _mix.cache_clear()
    _page.cache_clear()
    if not _mix(world.profile["services"], tuple(world.profile["procedures"].items())):
        raise SystemExit("No published procedure can be applied for without an uploaded paper.")


@cache
def _page() -> tuple[StoredFile, bytes]:
    link = FileLink.objects.select_related("file").get(owner_kind=OWNER[0], owner_id=OWNER[1])
    return link.file, read_bytes(link)


@cache
def _mix(services: int, known: tuple[tuple[str, float], ...]) -> tuple[list[Variant], list[float]]:
    """Variants with their weights: those of procedures the profile names, the rest falling as 1/rank."""
    offered = Variant.objects.filter(version__withdrawn_at=None).select_related(
        "version__procedure", "form", "result_form"
    )
    ordered = offered.order_by("version__procedure__code", "order", "key")
    walked = [one for one in ordered if all(step.kind in KINDS for step in graph_of(one.process_id).steps)]
    usable = [one for one in walked if can_be_filled(FormDefinition.load(one.form))][:services]
    named = dict(known)
    codes = [one.version.procedure.code for one in usable]
    others = [code for code in codes if code not in named]
    left = max(0.0, 1 - sum(named.values())) / sum(1 / rank for rank in range(1, len(others) + 2))
    ranks = iter(range(1, len(others) + 1))
    return usable, [named[code] / codes.count(code) if code in named else left / next(ranks) for code in codes]


@dataclass
class Life:
    """One application on its way."""

    world: World
    arrival: Arrival
    dossier: Dossier
    calendar: Calendar
    link: FileLink | None = None

    def who(self, task: Task) -> Staff:
        """Who does a task: its assignee, else an official of its role."""
        place = by_id(self.world.places)[task.agency_id] if task.kind == "consult" else self.arrival.place
        if task.assignee_id:
            return next(s for s in place.staff[task.role] if s.account_id == task.assignee_id)
        return self.world.official(place, task.role, self.arrival.chance)

    def document(self, at: datetime) -> FileLink:
        """The dossier's own link to the page that says there is no document."""
        if self.link is None:
            stored, _bytes = _page()
            self.link = FileLink(
                file=stored,
                name="mo-phong.pdf",
                owner_kind="dossiers.dossier",
                owner_id=self.dossier.pk,
                personal=False,
                created_by=str(BY),
                created_at=at,
            )
            insert(self.link)
        return self.link

    @property
    def digest(self) -> str:
        return self.dossier.digest(_page()[1])


def play(world: World, arrival: Arrival) -> UUID:
    """Submit, then walk on task by task until the road or the world ends; returns the dossier's id."""
    chance, place = arrival.chance, arrival.place
    variant = choose(world, arrival)
    on = localtime(arrival.at).date()
    begun = _elsewhere(world, variant, arrival)
    given = answers(FormDefinition.load(variant.form), arrival.citizen, place.agency.unit_code, on, chance, begun)
    channel = Channel[arrival.channel.upper()]
    by = BY if channel is Channel.ONLINE else actor(world.official(place, Role.RECEPTIONIST, chance))
    handed_in = application(variant, given, channel=channel, account=None, counter=place.agency, by=by, at=arrival.at)
    dossier = actions.submit(handed_in, by=by, at=arrival.at)
    life = Life(world, arrival, dossier, calendar_for(place.agency.pk))
    withdraws = chance.random() < world.profile["withdrawn"]
    while task := next(iter(open_tasks(dossier)), None):
        who = life.who(task)
        at = world.worked(task.opened_at, task.node.duration, who, life.calendar, chance)
        if at >= world.until:
            break
        if withdraws:
            actions.withdraw(dossier, reason="Mô phỏng: nộp nhầm thủ tục.", by=by, at=at)
            break
        outcome = _outcome(world, task, chance)
        VERBS[task.kind, "propose" if outcome == "consult" and not _can_ask(life, task, at) else outcome](
            life, task, who, at
        )
    return dossier.pk


def _elsewhere(world: World, variant: Variant, arrival: Arrival) -> dict[str, dict[str, str]]:
    """Answers that name another commune of the world, where the process may ask the commune of that answer."""
    others = [place for place in world.places if place is not arrival.place]
    rules = {step.agency for step in graph_of(variant.process_id).steps if step.agency.startswith(ANSWER)}
    return {
        rule.removeprefix(ANSWER): {
            "province": arrival.citizen.province,
            "commune": arrival.chance.choice(others).agency.unit_code,
        }
        for rule in sorted(rules if others else ())
    }


def _can_ask(life: Life, task: Task, at: datetime) -> bool:
    """Whether every agency that would be asked now is one of the world's, with people who answer."""
    graph, case = graph_of(task.definition_id), case_of(life.dossier)
    try:
        asked = {case.agency(graph.step(key).agency, at) for key in task.node.outcomes["consult"]}
    except Refused:  # the application names no such place, or its own
        return False
    return asked <= by_id(life.world.places).keys()


def actor(staff: Staff) -> Actor:
    return Actor("account", str(staff.account_id), staff.agency_id)


def choose(world: World, arrival: Arrival) -> Variant:
    """What is applied for, by the profile's mix, among what the channel of the arrival is offered for."""
    variants, weights = _mix(world.profile["services"], tuple(world.profile["procedures"].items()))
    for _try in range(50):
        (variant,) = arrival.chance.choices(variants, weights)
        if arrival.channel in variant.channels:
            return variant
    return next((one for one in variants if arrival.channel in one.channels), variants[0])


def _outcome(world: World, task: Task, chance: Random) -> str:
    """One of the step's own outcomes: those the profile names come as often as it says, the others share the rest."""
    odds: Mapping[str, float] = world.profile["outcomes"]
    named = {outcome: odds[key] for outcome in sorted(task.node.outcomes) if (key := f"{task.kind}.{outcome}") in odds}
    usual = sorted(task.node.outcomes.keys() - named.keys())
    return pick(chance, {**named, **dict.fromkeys(usual, (1 - sum(named.values())) / max(1, len(usual)))})


# How each outcome of each kind of step comes about.


def _accept(life: Life, task: Task, who: Staff, at: datetime) -> None:
    actions.accept(life.dossier, by=actor(who), at=at)
    _letter(life, at)


def _refuse(life: Life, task: Task, who: Staff, at: datetime) -> None:
    actions.refuse(life.dossier, reason=REFUSAL, by=actor(who), at=at)
    _letter(life, at)


def _letter(life: Life, at: datetime) -> None:
    letter = get(Letter, "dossier_id = %s AND file_id IS NULL", [life.dossier.pk])
    letter.dossier, letter.number = life.dossier, get(Number, "id = %s", [letter.number_id])
    actions.attach_letter(letter, file=life.document(at), digest=life.digest, by=BY, at=at)


def _assign(life: Life, task: Task, who: Staff, at: datetime) -> None:
    officer = life.world.official(life.arrival.place, Role.OFFICER, life.arrival.chance)
    actions.assign(life.dossier, to=officer.account, by=actor(who), at=at)


def _propose(life: Life, task: Task, who: Staff, at: datetime) -> None:
    dossier, leader = life.dossier, life.world.official(life.arrival.place, Role.LEADER, life.arrival.chance)
    begun = results.starting_content(dossier.variant, dossier.answers)
    arrival, form = life.arrival, FormDefinition.load(dossier.variant.result_form)
    unit = arrival.place.agency.unit_code
    stated = answers(form, arrival.citizen, unit, localtime(at).date(), arrival.chance, begun)
    result = actions.propose(
        dossier, content=stated, signer=leader, opinion="Mô phỏng: đủ điều kiện.", by=actor(who), at=at
    )
    result.draft = life.document(at)  # what the job keeps of its draft
    update(result, "draft")


def _sign(life: Life, task: Task, who: Staff, at: datetime) -> None:
    page = life.document(at)
    actions.sign(
        life.dossier, signer=who, drafted=page, file=page, certificate="simulated", digest=life.digest,
        by=actor(who), at=at,
    )  # fmt: skip


def _send_back(life: Life, task: Task, who: Staff, at: datetime) -> None:
    actions.send_back(life.dossier, reason="Mô phỏng: bổ sung căn cứ.", by=actor(who), at=at)


def _issue(life: Life, task: Task, who: Staff, at: datetime) -> None:
    result = actions.number_result(life.dossier, by=actor(who), at=at)
    result.dossier = life.dossier
    actions.issue(result, file=life.document(at), digest=life.digest, by=actor(who), at=at)
    life.dossier.state = State.PROCESSED


def _return(life: Life, task: Task, who: Staff, at: datetime) -> None:
    if life.dossier.fee:
        actions.take_fee(life.dossier, by=actor(who), at=at)
    reason = LATE if life.dossier.late_at(at) else ""
    actions.return_result(life.dossier, reason=reason, by=actor(who), at=at)


def _consult(life: Life, task: Task, who: Staff, at: datetime) -> None:
    actions.consult(life.dossier, question=QUESTION, form=True, papers=(), by=actor(who), at=at)


def _answers(outcome: str) -> Callable[[Life, Task, Staff, datetime], None]:
    def answer(life: Life, task: Task, who: Staff, at: datetime) -> None:
        asked = Consultation.objects.select_related("dossier", "task").get(task=task)
        actions.answer(asked, outcome=outcome, opinion=OPINION, file=None, by=actor(who), at=at)

    return answer


VERBS: dict[tuple[str, str], Callable[[Life, Task, Staff, datetime], None]] = {
    ("receive", "accept"): _accept,
    ("receive", "refuse"): _refuse,
    ("assign", "assigned"): _assign,
    ("appraise", "propose"): _propose,
    ("appraise", "refuse"): _refuse,
    ("sign", "signed"): _sign,
    ("sign", "return"): _send_back,
    ("issue", "issued"): _issue,
    ("return", "returned"): _return,
    ("appraise", "consult"): _consult,
    **{("consult", str(one)): _answers(one) for one in (Answer.AGREE, Answer.DISAGREE, Answer.NO_OPINION)},
}
KINDS = {kind for kind, _end in VERBS}  # procedures with a step of another kind are left out
