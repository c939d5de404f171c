"""Dossiers of the demo commune in every state, made by the real actions at real times."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from tinhso.core.agencies import demo as places
from tinhso.core.agencies.models import Agency, Role, Staff
from tinhso.core.files import actions as files
from tinhso.core.files.queries import read_bytes
from tinhso.core.forms.definition import FormDefinition
from tinhso.core.ledger.actions import Actor
from tinhso.core.signing.demo import DEMO_PASSPHRASE
from tinhso.core.signing.results import sign_result
from tinhso.core.worktime.calendar import WorkDuration
from tinhso.core.worktime.queries import calendar_for
from tinhso.systems.procedures import demo as procedures
from tinhso.systems.procedures import results
from tinhso.systems.procedures.models import Variant
from tinhso.systems.procedures.queries import variant_in_force

from . import actions, jobs
from .intake import application
from .models import Channel, Dossier, Result

FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Niê", "Mlô")
MIDDLE = ("Văn", "Thị", "Minh", "Ngọc", "Đức", "Thanh", "Quốc", "Thu")
GIVEN = ("An", "Bình", "Chi", "Dũng", "Giang", "Hà", "Hưng", "Khánh", "Lan", "Long", "Mai", "Nam", "Phúc", "Quỳnh")
# How far each dossier has come, and how many working hours ago it was submitted.
STAGES = (
    [("received", hours) for hours in (0, 0, 1, 2, 3, 4, 6, 9)]
    + [("accepted", hours) for hours in (3, 5, 7, 9)]
    + [("assigned", hours) for hours in (8, 12, 16, 30, 34)]
    + [("proposed", hours) for hours in (14, 18, 22, 40)]
    + [("signed", hours) for hours in (20, 24)]
    + [("issued", hours) for hours in (22, 28)]
    + [("returned", hours) for hours in (26, 34, 48)]
    + [("refused", 30), ("withdrawn", 28)]
)
# The month before, all of it over: how each ended, and after how many days of that month it came.
LAST_MONTH = [("returned", day) for day in (0, 1, 4, 5, 7, 9, 12)] + [("refused", 6)]


def load(progress: Callable[[str], None]) -> None:
    """Make them once. Letters and results are rendered and signed for real."""
    if Dossier.objects.exists():
        return
    procedures.load(progress)  # systems load by name, and these come later
    progress("dossiers of the demo commune")
    chance = random.Random(66)  # noqa: S311  # the same demo every time
    _province, commune, _sibling = places.home()
    variant = variant_in_force("1.004873", "")
    if variant is None:
        raise SystemExit("Procedure 1.004873 is not published.")
    team = Team(commune)
    now = timezone.now()
    before = _last_month(timezone.localtime(now))
    for number, (stage, day) in enumerate(LAST_MONTH, len(STAGES)):
        start = team.calendar.opening(before + timedelta(days=day))
        answers = _answers(variant, commune, number, random.Random(number))  # noqa: S311  # likewise
        _one(team, application_of(team, variant, answers, start), stage, Hours(team, start, now))
    for number, (stage, hours) in enumerate(STAGES):
        start = team.calendar.subtract(now, WorkDuration(hours, "working_hours")) if hours else now
        answers = _answers(variant, commune, number, chance)
        _one(team, application_of(team, variant, answers, start), stage, Hours(team, start, now))


def _last_month(now: datetime) -> datetime:
    """A morning on its first day."""
    last = now.replace(day=1, hour=8, minute=10, second=0, microsecond=0) - timedelta(days=1)
    return last.replace(day=1)


class Team:
    """The demo staff of one commune, by role."""

    def __init__(self, commune: Agency) -> None:
        self.commune, self.calendar = commune, calendar_for(commune.pk)
        self.posts: dict[str, Staff] = {}
        for staff in Staff.objects.filter(agency=commune, valid_to=None).select_related("account").order_by("pk"):
            for role in staff.roles:
                self.posts.setdefault(role, staff)

    def by(self, role: str) -> Actor:
        return Actor("account", str(self.posts[role].account_id), self.commune.pk)


class Hours:
    """A clock that runs only while the office is open, so that the demo's history is plausible."""

    def __init__(self, team: Team, start: datetime, now: datetime) -> None:
        self.calendar, self.at, self.now = team.calendar, start, now

    def later(self, hours: int = 1) -> datetime:
        """Some working hours on, never in the future."""
        self.at = min(self.now, self.calendar.add(self.at, WorkDuration(hours, "working_hours")))
        return self.at


def application_of(team: Team, variant: Variant, answers: dict[str, Any], at: datetime) -> actions.Application:
    """Someone hands it in at the counter of the commune."""
    clean = FormDefinition.load(variant.form).validate(answers, on=timezone.localtime(at).date())
    return application(
        variant,
        clean,
        channel=Channel.COUNTER,
        account=None,
        counter=team.commune,
        by=team.by(Role.RECEPTIONIST),
        at=at,
    )


def _one(team: Team, given: actions.Application, stage: str, clock: Hours) -> None:
    """One dossier as far as `stage`, each step by the one whose step it is."""
    receptionist, officer = team.by(Role.RECEPTIONIST), team.by(Role.OFFICER)
    dossier = actions.submit(given, by=receptionist, at=clock.at)
    if stage == "withdrawn":
        actions.withdraw(dossier, reason="Nộp nhầm thủ tục.", by=receptionist, at=clock.later())
    if stage == "refused":
        reason = "Tờ khai không thuộc thẩm quyền giải quyết của Ủy ban nhân dân phường."
        actions.refuse(dossier, reason=reason, by=receptionist, at=clock.later())
    if stage in ("received", "withdrawn", "refused"):
        return
    actions.accept(dossier, by=receptionist, at=clock.later())
    if stage == "accepted":
        return
    actions.assign(dossier, to=team.posts[Role.OFFICER].account, by=team.by(Role.UNIT_HEAD), at=clock.later())
    if stage == "assigned":
        return
    leader = team.posts[Role.LEADER]
    content = results.starting_content(dossier.variant, dossier.answers)
    stated = FormDefinition.load(dossier.variant.result_form).validate(content, on=clock.at.date())
    result = actions.propose(
        dossier, content=stated, signer=leader, opinion="Đủ điều kiện.", by=officer, at=clock.later(4)
    )
    jobs.draft_result(result=str(result.pk), revision=result.revision)
    if stage == "proposed":
        return
    sign(team, leader, dossier, clock.later(2))
    if stage == "signed":
        return
    clerk = team.by(Role.CLERK)
    result = actions.number_result(dossier, by=clerk, at=clock.later())
    jobs.seal_and_issue(str(result.pk), by=clerk, at=clock.later())
    if stage == "issued":
        return
    dossier.refresh_from_db()
    actions.take_fee(dossier, by=receptionist, at=clock.later())
    actions.return_result(dossier, by=receptionist, at=clock.later())


def sign(team: Team, leader: Staff, dossier: Dossier, at: datetime) -> None:
    """The leader signs the draft with the passphrase of the demo."""
    drafted = Result.objects.select_related("draft").get(dossier=dossier).draft
    assert drafted is not None
    by = team.by(Role.LEADER)
    signed = sign_result(read_bytes(drafted), staff=leader, passphrase=DEMO_PASSPHRASE, at=timezone.now())
    link = files.store_bytes(signed.pdf, name=f"{dossier.code}-KQ-da-ky.pdf", by=by, at=at)
    files.attach(link, dossier, by=by, at=at)
    actions.sign(
        dossier,
        signer=leader,
        drafted=drafted,
        file=link,
        certificate=signed.serial,
        digest=dossier.digest(signed.pdf),
        by=by,
        at=at,
    )


def _answers(variant: Variant, commune: Agency, number: int, chance: random.Random) -> dict[str, Any]:
    female = chance.random() < 0.5
    name = f"{chance.choice(FAMILY)} {chance.choice(MIDDLE)} {chance.choice(GIVEN)}"
    year = chance.randint(1965, 2004)
    century = (0 if year < 2000 else 2) + female
    return {
        "relation": "self",
        "requester": {
            "full_name": name,
            "national_id": f"066{century}{year % 100:02}{100000 + number}",
            "phone": f"09{10000000 + number}",
            "address": {
                "province": settings.TINHSO.province,
                "commune": commune.unit_code,
                "detail": f"{chance.randint(1, 200)} đường Nơ Trang Lơng",
            },
        },
        "own": {
            "birth_date": f"{year}-0{chance.randint(1, 9)}-1{chance.randint(0, 9)}",
            "sex": "female" if female else "male",
            "ethnicity": "Kinh",
            "nationality": "Việt Nam",
        },
        "status": "never",
        "purpose": "property",
        "earlier_paper": "none",
        "copies": 1,
        "exemption": "none",
        "receive": "online",
        "declaration": True,
    }
