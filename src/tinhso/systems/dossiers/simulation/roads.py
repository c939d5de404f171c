"""An application's life through the real actions, on a simulated clock: what comes next, until road or world ends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from django.utils.timezone import localtime

from tinhso.core.agencies.models import Role
from tinhso.core.forms.definition import FormDefinition
from tinhso.core.ledger.actions import Refused
from tinhso.core.process.graph import ANSWER, graph_of
from tinhso.core.process.models import Task
from tinhso.core.process.queries import open_tasks
from tinhso.core.worktime.calendar import WorkDuration
from tinhso.simulation.world import OFFICE, Arrival, World, by_id, pick
from tinhso.systems.procedures.models import Variant

from .. import actions
from ..actions.common import case_of
from ..intake import application
from ..models import Channel
from .answers import answers, can_be_filled
from .life import BESIDE, BY, Life, Step, actor, keep_page
from .verbs import NOT_OF_A_CORRECTION, UNDRAWN, VERBS, more_time


def prepare(world: World) -> None:
    """Keep the one page that stands where documents would be, and see that something can be applied for."""
    keep_page(world)
    _mix.cache_clear()
    if not _mix(world.profile["services"], tuple(world.profile["procedures"].items())):
        raise SystemExit("No published procedure can be applied for without an uploaded paper.")


@cache
def _mix(services: int, known: tuple[tuple[str, float], ...]) -> tuple[list[Variant], list[float]]:
    """Variants with their weights: those of procedures the profile names, the rest falling as 1/rank. Procedures with
    a step that nobody here ends are left out."""
    offered = Variant.objects.filter(version__withdrawn_at=None).select_related(
        "version__procedure", "form", "result_form"
    )
    kinds = {kind for kind, _end in VERBS}.union(*(other.kinds for other in BESIDE))
    ordered = offered.order_by("version__procedure__code", "order", "key")
    walked = [one for one in ordered if all(step.kind in kinds for step in graph_of(one.process_id).steps)]
    usable = [one for one in walked if can_be_filled(FormDefinition.load(one.form))][:services]
    named = dict(known)
    codes = [one.version.procedure.code for one in usable]
    others = [code for code in codes if code not in named]
    left = max(0.0, 1 - sum(named.values())) / sum(1 / rank for rank in range(1, len(others) + 2))
    ranks = iter(range(1, len(others) + 1))
    return usable, [named[code] / codes.count(code) if code in named else left / next(ranks) for code in codes]


def play(world: World, arrival: Arrival) -> UUID:
    """Submit, then walk on, the earliest of what is open first, until the roads or the world end; returns the dossier's
    id. Dossiers that are opened from it live with it."""
    chance, place = arrival.chance, arrival.place
    variant = choose(world, arrival)
    on = localtime(arrival.at).date()
    begun = _elsewhere(world, variant, arrival)
    given = answers(FormDefinition.load(variant.form), arrival.citizen, place.agency.unit_code, on, chance, begun)
    channel = Channel[arrival.channel.upper()]
    by = BY if channel is Channel.ONLINE else actor(world.official(place, Role.RECEPTIONIST, chance))
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
    return asked <= by_id(life.world.places).keys()


def choose(world: World, arrival: Arrival) -> Variant:
    """What is applied for, by the profile's mix, among what the channel of the arrival is offered for."""
    variants, weights = _mix(world.profile["services"], tuple(world.profile["procedures"].items()))
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
