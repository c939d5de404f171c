"""Joint applications of the demo commune: one half way, one just accepted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from tinhso.core.agencies import demo as places
from tinhso.core.agencies.models import Agency, Role
from tinhso.core.worktime.calendar import WorkDuration
from tinhso.systems.dossiers import actions as dossiers
from tinhso.systems.dossiers import demo, jobs
from tinhso.systems.dossiers.models import Dossier
from tinhso.systems.procedures import demo as procedures
from tinhso.systems.procedures import results
from tinhso.systems.procedures.actions import publish
from tinhso.systems.procedures.queries import variant_in_force

from . import actions
from .bundles import DATA, bundles, fault_of
from .queries import opened

BIRTH = "2.000986"


def shipped() -> Iterator[dict[str, Any]]:
    """The data of every procedure that a bundle needs, in the form of those that come with the catalogue."""
    for path in sorted((DATA / "procedures").glob("*.json")):
        yield json.loads(path.read_text(encoding="utf-8"))


def publish_procedures() -> None:
    """Bring them into force; those already in force as they are stay untouched."""
    for data in shipped():
        publish(data, by=procedures.BY, at=procedures.SINCE)


def load(progress: Callable[[str], None]) -> None:
    """Make them once, by the real actions at real times."""
    if Dossier.objects.filter(procedure_code=BIRTH).exists():
        return
    publish_procedures()
    for versions in bundles().values():
        if fault := fault_of(versions[0]):
            raise SystemExit(f"linked procedures: {fault}")
    progress("joint applications")
    _province, commune, _sibling = places.home()
    team = demo.Team(commune)
    now = timezone.now()
    for number, hours in enumerate((14, 3)):
        clock = demo.Hours(team, team.calendar.subtract(now, WorkDuration(hours, "working_hours")), now)
        joint = _accepted(team, number, clock)
        if not number:
            _half_way(team, joint, clock)


def _accepted(team: demo.Team, number: int, clock: demo.Hours) -> Dossier:
    """Handed in at the counter and accepted; its first part is opened."""
    variant = variant_in_force(BIRTH)
    assert variant is not None
    given = demo.application_of(team, variant, _answers(team.commune, number, clock), clock.at)
    joint = dossiers.submit(given, by=team.by(Role.RECEPTIONIST), at=clock.at)
    dossiers.accept(joint, by=team.by(Role.RECEPTIONIST), at=clock.later())
    actions.go_on(joint, at=clock.at)
    return joint


def _half_way(team: demo.Team, joint: Dossier, clock: demo.Hours) -> None:
    """The birth is registered, the police have answered, the insurance office has not."""
    birth, leader = opened(joint)["birth"], team.posts[Role.LEADER]
    content = results.starting_content(birth.variant, birth.answers)
    result = dossiers.propose(
        birth, content=content, signer=leader, opinion="Đủ điều kiện.", by=team.by(Role.OFFICER), at=clock.later()
    )
    jobs.draft_result(result=str(result.pk), revision=result.revision)
    demo.sign(team, leader, birth, clock.later())
    result = dossiers.number_result(birth, by=team.by(Role.CLERK), at=clock.later())
    jobs.seal_and_issue(str(result.pk), by=team.by(Role.CLERK), at=clock.at)
    actions.go_on(joint, at=clock.at)
    residence = opened(joint)["residence"]
    day = timezone.localtime(clock.later(3)).date()
    actions.decide(
        residence, agency="Công an phường", number="000123/TB-CT", day=day, words="Đã đăng ký thường trú cho cháu.",
        file=None, by=team.by(Role.RECEPTIONIST), at=clock.at,
    )  # fmt: skip
    actions.go_on(joint, at=clock.at)


def _answers(commune: Agency, number: int, clock: demo.Hours) -> dict[str, Any]:
    place = {"province": settings.TINHSO.province, "commune": commune.unit_code}
    address = {**place, "detail": f"{20 + number} đường Nơ Trang Lơng"}
    mother, child = (("H'Lan Niê", "Y Khôi Niê"), ("Phạm Thị Thu", "Phạm Gia Bảo"))[number]
    identity = f"06619600010{number}"
    return {
        "relation": "mother",
        "requester": {"full_name": mother, "national_id": identity, "phone": f"090010020{number}", "address": address},
        "own": {"birth_date": "1996-04-12", "ethnicity": "Kinh", "nationality": "Việt Nam"},
        "child": {
            "full_name": child,
            "birth_date": (timezone.localtime(clock.at).date() - timedelta(days=12)).isoformat(),
            "sex": "male",
            "ethnicity": "Kinh",
            "nationality": "Việt Nam",
        },
        "birth_place": "Bệnh viện Đa khoa vùng Tây Nguyên",
        "home_town": "Đắk Lắk",
        "parents": "mother",
        "proof": "data",
        "place": place,
        "home": address,
        "home_of": "mother",
        "head_name": mother,
        "clinic": "Trạm Y tế phường",
        "receive": "online",
        "declaration": True,
    }
