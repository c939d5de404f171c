"""An application's life through the real actions, on a simulated clock: what comes next, until road or world ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache, partial
from hashlib import sha256
from uuid import UUID

from django.utils.timezone import localtime

from tinhso.core.agencies.models import Role
from tinhso.core.forms.definition import FormDefinition
from tinhso.core.ledger.actions import Refused
from tinhso.core.process.graph import ANSWER, graph_of
from tinhso.core.process.models import Task
from tinhso.core.process.queries import open_tasks
from tinhso.core.worktime.calendar import WorkDuration
from tinhso.simulation.world import OFFICE, Arrival, World, pick
from tinhso.systems.procedures.models import Variant

from .. import actions
from ..actions.common import case_of
from ..intake import application
from ..models import Channel
from .answers import answers
from .life import BESIDE, BY, Life, Step, actor, keep_page, page_of
from .verbs import NOT_OF_A_CORRECTION, UNDRAWN, VERBS, more_time


def prepare(world: World) -> None:
    """Keep the one page that stands where documents would be, and see that something can be applied for."""
    keep_page(world)
    _mix.cache_clear()
    if not mix(world)[0]:
        raise SystemExit("No published procedure can be applied for.")


def mix(world: World) -> tuple[list[Variant], list[float]]:
    """What is applied for in a world, with weights."""
    figures = world.profile
    return _mix(figures.key, figures["services"], figures["falling"], tuple(figures["procedures"].items()))


@cache
def _mix(
    province: str, services: int, falling: float, known: tuple[tuple[str, float], ...]
) -> tuple[list[Variant], list[float]]:
    """Procedures that the profile names come as often as it says; what these leave is spread over the others by the
    power `falling` of their rank, in an order of the province's own that means nothing. Cases of a procedure come
    alike. Procedures with a step that nobody here ends are left out."""
    offered = Variant.objects.filter(version__withdrawn_at=None).select_related(
        "version__procedure", "form", "result_form"
    )
    kinds = {kind for kind, _end in VERBS}.union(*(other.kinds for other in BESIDE))
    cases: dict[str, list[Variant]] = defaultdict(list)
    for one in offered.order_by("version__procedure__code", "order", "key"):
        if all(step.kind in kinds for step in graph_of(one.process_id).steps):
            cases[one.version.procedure.code].append(one)
    shares = {code: share for code, share in known if code in cases}
    others = sorted(cases.keys() - shares.keys(), key=lambda code: sha256(f"{province} {code}".encode()).digest())
    ranked = {code: rank**-falling for rank, code in enumerate(others[: max(0, services - len(shares))], 1)}
    left = (1 - sum(shares.values())) / (sum(ranked.values()) or 1)
    shares |= {code: left * weight for code, weight in ranked.items()}
    weighed = [(one, share / len(cases[code])) for code, share in sorted(shares.items()) for one in cases[code]]
    return [one for one, _weight in weighed], [weight for _one, weight in weighed]


def play(world: World, arrival: Arrival) -> UUID:
    """Submit, then walk on, the earliest of what is open first, until the roads or the world end; returns the dossier's
    id. Dossiers that are opened from it live with it."""
    chance, place = arrival.chance, arrival.place
    variant = choose(world, arrival)
    on = localtime(arrival.at).date()
    begun, form = _elsewhere(world, variant, arrival), FormDefinition.load(variant.form)
    channel = Channel[arrival.channel.upper()]
    by = BY if channel is Channel.ONLINE else actor(world.official(place, Role.RECEPTIONIST, chance))
    paper = partial(page_of, None, by=by, at=arrival.at)
    given = answers(form, arrival.citizen, place.agency.unit_code, on, chance, begun, paper)
    handed_in = application(variant, given, channel=channel, account=None, counter=place.agency, by=by, at=arrival.at)
    dossier = actions.submit(handed_in, by=by, at=arrival.at)
    family = [Life.of(world, arrival, dossier)]
    withdraws = chance.random() < world.profile["withdrawn"]
    while (step := _next(family)) and step.at < world.until:
        if withdraws:
            actions.withdraw(dossier, reason="Mô phỏng: nộp nhầm thủ tục.", by=by, at=step.at)
            break
        if step in step.life.errands:
            step.life.errands.remove(step)
        step.do(step)
        for other in BESIDE:
            other.follow(family, step.life, step.at)
    for life in family:
        for other in BESIDE:
            other.end(life)
    return dossier.pk


def _next(family: list[Life]) -> Step | None:
    """Whatever comes first of all that is open; None at the end of the road."""
    steps: list[Step] = []
    for life in family:
        for task in open_tasks(life.dossier):
            if not any(other.idle(life, task) for other in BESIDE):
                if task.pk not in life.planned:
                    life.planned[task.pk] = _plan(life, task)
                steps.append(life.planned[task.pk])
        steps += life.errands
    return min(steps, key=lambda step: step.at, default=None)


def _plan(life: Life, task: Task) -> Step:
    """Who ends a task, when and how."""
    who, outcome = life.who(task), _outcome(life, task)
    if who is None:
        return Step(_applicant(life, task, outcome), life, task, None, VERBS[task.kind, outcome])
    at = life.world.worked(task.opened_at, task.node.duration, who, life.calendar, life.arrival.chance)
    if outcome == "consult" and not _can_ask(life, task, at):
        outcome = "propose"
    more_time(life, task, who, at)
    return Step(at, life, task, who, VERBS[task.kind, outcome])


def _applicant(life: Life, task: Task, outcome: str) -> datetime:
    """When the applicant completes the dossier; or, where they never do, when somebody sees that it was in vain."""
    if outcome == "never":
        assert task.due_at is not None  # until then they were asked
        return life.calendar.add(task.due_at, WorkDuration(4, "working_hours"))
    days = life.arrival.chance.expovariate(1 / life.world.profile["supplement"]["days"])
    at = task.opened_at + timedelta(days=days, minutes=30)
    return life.calendar.opening(at) if life.arrival.channel in OFFICE else at


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
    return asked <= life.world.offices.keys()


def choose(world: World, arrival: Arrival) -> Variant:
    """What is applied for, by the profile's mix, among what the channel of the arrival is offered for."""
    variants, weights = mix(world)
    for _try in range(50):
        (variant,) = arrival.chance.choices(variants, weights)
        if arrival.channel in variant.channels:
            return variant
    return next((one for one in variants if arrival.channel in one.channels), variants[0])


def _outcome(life: Life, task: Task) -> str:
    """One of the step's own outcomes, or of what may come of it beside: those the profile names come as often as it
    says, the others share the rest."""
    odds: Mapping[str, float] = life.world.profile["outcomes"]
    possible = task.node.outcomes.keys() | UNDRAWN.get(task.kind, set())
    if life.asked:
        possible -= {"supplement"}
    if life.dossier.correct_by is not None:
        possible -= NOT_OF_A_CORRECTION
    named = {outcome: odds[key] for outcome in sorted(possible) if (key := f"{task.kind}.{outcome}") in odds}
    usual = sorted(possible - named.keys())
    return pick(life.arrival.chance, {**named, **dict.fromkeys(usual, (1 - sum(named.values())) / max(1, len(usual)))})
