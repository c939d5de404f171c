"""Joint applications in the simulated year: their parts are opened, walked as any dossier, and end the whole."""

from __future__ import annotations

from datetime import datetime

from django.utils.timezone import localtime

from tinhso.core.process.models import Task
from tinhso.systems.dossiers.models import Dossier
from tinhso.systems.dossiers.simulation.life import BESIDE, Beside, Life, Step, actor
from tinhso.systems.dossiers.simulation.verbs import VERBS, by, refuse

from . import actions
from .bundles import bundles, decider_of
from .queries import opened


def _is_joint(life: Life) -> bool:
    return life.dossier.procedure_code in bundles()


def waits_for_parts(life: Life, task: Task) -> bool:
    """Once accepted, a joint dossier is moved by its parts alone."""
    return _is_joint(life) and task.kind in ("linked", "return")


def go_on(family: list[Life], life: Life, at: datetime) -> None:
    """What the job does after each entry of a joint dossier or a part of it; parts opened thereby join the family."""
    joint = family[0]
    if not _is_joint(joint):
        return
    whole = ("variant", "receiving_agency", "agency", "account", "applicant")
    joint.dossier = Dossier.objects.select_related(*whole).get(pk=joint.dossier.pk)
    actions.go_on(joint.dossier, at=at)
    known = {one.dossier.pk for one in family}
    for part in opened(joint.dossier).values():
        if part.pk not in known:
            family.append(Life.of(life.world, life.arrival, part))
            family[-1].letters(at)
    joint.letters(at)


def _granted(step: Step) -> None:
    """The counter records what the police or the insurance office answered."""
    dossier, number = step.life.dossier, step.life.arrival.chance.randrange(1, 10**5)
    actions.decide(
        dossier, agency=decider_of(dossier), number=f"{number:06}/MP", day=localtime(step.at).date(), words="Mô phỏng.",
        file=None, by=actor(by(step)), at=step.at,
    )  # fmt: skip


VERBS["elsewhere", "granted"] = _granted
VERBS["elsewhere", "refuse"] = refuse
BESIDE.append(Beside(kinds=frozenset({"linked"}), idle=waits_for_parts, follow=go_on))
