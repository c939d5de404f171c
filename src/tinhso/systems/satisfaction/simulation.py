"""Satisfaction in the simulated year: some of those whose dossiers have ended say how it went."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from tinhso.simulation.world import pick
from tinhso.systems.dossiers.models import Channel, State
from tinhso.systems.dossiers.simulation.life import BESIDE, Beside, Life

from .actions import answer, ended_at, open_until, sheet_of
from .models import Way
from .sheets import Sheet

GLAD = ("Mô phỏng: làm nhanh, hướng dẫn rõ ràng.", "Mô phỏng: công chức nhiệt tình.", "Mô phỏng: không phải đi lại.")
UNHAPPY = ("Mô phỏng: chờ lâu quá.", "Mô phỏng: nên nói rõ ngay từ đầu cần giấy tờ gì.")


def say_how_it_went(life: Life) -> None:
    """An applicant's answer, while they may give one: by their account where they applied online, else by the slip."""
    dossier, chance, figures = life.dossier, life.arrival.chance, life.world.profile["satisfaction"]
    ended, until, sheet = ended_at(dossier), open_until(dossier), sheet_of(dossier)
    if ended is None or until is None or sheet is None or chance.random() >= figures["answers"]:
        return
    at = ended + timedelta(days=chance.expovariate(1 / figures["days"]))
    if at >= min(until, life.world.until):
        return
    unhappy = dossier.state != State.RETURNED or dossier.late_at(ended)
    marks = _marks(sheet, figures, figures["unhappy" if unhappy else "marks"], chance)
    words = chance.choice(UNHAPPY if unhappy else GLAD) if chance.random() < figures["words"] else ""
    online = dossier.channel == Channel.ONLINE
    way, person = (Way.ACCOUNT, dossier.applicant) if online else (Way.SLIP, None)
    answer(dossier, marks=marks, words=words, way=way, person=person, at=at)


def _marks(sheet: Sheet, figures: dict[str, Any], weights: dict[str, float], chance: Random) -> dict[str, int]:
    """All in all first; most other questions are marked likewise."""
    overall, *others = sheet.questions
    marks = {overall.key: int(pick(chance, weights))}
    for question in others:
        if chance.random() < figures["questions"]:
            alike = chance.random() < figures["as_overall"]
            marks[question.key] = marks[overall.key] if alike else int(pick(chance, weights))
    return marks


BESIDE.append(Beside(end=say_how_it_went))
