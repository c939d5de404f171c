"""Officials for communes that have none: constructed, marked as such by their user names, without a password."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from tinhso.core.accounts.actions import create_account
from tinhso.core.accounts.models import AccountKind
from tinhso.core.agencies.actions import add_staff
from tinhso.core.agencies.models import Capacity, Role, Staff
from tinhso.core.ledger.actions import Actor, one_change

from .people import Citizen
from .world import Place, World

BY = Actor.system("simulation")
POSTS = [
    (Role.RECEPTIONIST, "Công chức Một cửa", Capacity.OWN),
    (Role.OFFICER, "Công chức Tư pháp - Hộ tịch", Capacity.OWN),
    (Role.OFFICER, "Công chức Văn hóa - Xã hội", Capacity.OWN),
    (Role.UNIT_HEAD, "Trưởng phòng Văn hóa - Xã hội", Capacity.TL),
    (Role.LEADER, "Chủ tịch", Capacity.TM),
    (Role.CLERK, "Văn thư", Capacity.OWN),
]


def staff_places(world: World, progress: Callable[[str], None]) -> None:
    """Give every office of the world the officials it lacks, then note who works where."""
    _note(world)
    short = [place for place in world.offices.values() if _missing(place)]
    if short:
        progress(f"officials of {len(short)} offices")
        for place in short:
            with one_change():
                for number, (role, title, capacity) in _missing(place):
                    name = Citizen(place.index * 1000 + number * 17 + 1, "66").full_name
                    account = create_account(
                        f"mp.{place.agency.unit_code}.{number}",
                        kind=AccountKind.OFFICIAL,
                        display_name=name,
                        by=BY,
                        at=world.since,
                    )
                    add_staff(
                        account,
                        place.agency,
                        roles=[role],
                        title=title,
                        capacity=capacity,
                        by=BY,
                        at=world.since - timedelta(days=1),
                    )
        _note(world)


def _missing(place: Place) -> list[tuple[int, tuple[Role, str, Capacity]]]:
    had = {role: len(them) for role, them in place.staff.items()}
    missing = []
    for number, post in enumerate(POSTS):
        had[post[0]] = had.get(post[0], 0) - 1
        if had[post[0]] < 0:
            missing.append((number, post))
    return missing


def _note(world: World) -> None:
    for place in world.offices.values():
        place.staff = {}
    them = Staff.objects.open_at(world.since).filter(agency__in=world.offices)
    for one in them.select_related("account", "agency").order_by("valid_from", "account__username"):
        for role in one.roles:
            world.offices[one.agency_id].staff.setdefault(role, []).append(one)


def pairs(place: Place, there: Place) -> Iterator[tuple[str, Staff, Staff]]:
    """Who plays whose part when a place's cases happen there: the name of the part, the one, the other."""
    for role, them in place.staff.items():
        if role in there.staff:  # the demo commune has more roles
            for index, one in enumerate(them):
                yield f"{role} {index}", one, there.staff[role][index % len(there.staff[role])]
