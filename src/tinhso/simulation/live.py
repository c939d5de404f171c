"""The mode `live`: constructed people use the pages and the API of a running install, so that the wall moves.

Applications come in by the API as from the post; the demo commune's officials sign in at the sign-in page,
open what is on top of their desk and send the forms they find there, the leader signs with a passphrase.
Letters are made, signed and sealed for real, by the install's own worker.
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from http import HTTPStatus
from random import Random
from uuid import UUID, uuid4

from django.conf import settings
from django.utils import timezone

from tinhso.core.accounts import demo
from tinhso.core.agencies.models import Role
from tinhso.core.signing.demo import DEMO_PASSPHRASE

from . import profile
from .rooms import Room, rooms
from .visitor import Form, Page, Visitor
from .world import World

NEW = 0.14  # of what is done, how much is a new application: each is then worked on about seven times
WORDS = "Mô phỏng: nội dung do chương trình mô phỏng ghi."
LOOKED_AT = 6  # rows from the top of a desk
SPAN = timedelta(days=30)  # of the days constructed applications are drawn from; they come in now all the same
AWAY = 3.0  # seconds until an install that does not answer is tried again


def live(base: str, speed: float, seed: int, say: Callable[[str], None], *, most: int = 0) -> int:
    """Do `speed` things a minute until stopped, or `most` things; returns how many went well."""
    now = timezone.localtime(timezone.now())
    world = World(profile.of_province(settings.TINHSO.province), seed, now - SPAN, now, 10**6, 1)
    (room,) = rooms()
    bearer = {"Authorization": f"Bearer {(settings.TINHSO.data_dir / demo.TOKEN).read_text()}"}
    chance, tried, well = Random(seed), 0, 0  # noqa: S311  # it must be repeatable, not secret
    acts = things(base, bearer, world, room, chance)
    while not most or tried < most:
        started = time.monotonic()
        try:
            done = next(acts)
        except (OSError, http.client.HTTPException) as away:
            say(f"the install does not answer, tried again in {AWAY:.0f} s: {away}")
            time.sleep(AWAY)
            acts = things(base, bearer, world, room, chance)
            tried += 1
            continue
        tried, well = tried + 1, well + 1
        say(done)
        time.sleep(max(0.0, 60 / speed - (time.monotonic() - started)))
    return well


def things(base: str, bearer: dict[str, str], world: World, room: Room, chance: Random) -> Iterator[str]:
    """One thing after the other, in words."""
    desks: dict[str, Visitor] = {}
    who = [one.username for one in demo.COMMUNE if Role.ADMINISTRATOR not in one.roles]
    while True:
        done = (
            "" if chance.random() < NEW else _somebody(base, desks, chance.sample(who, len(who)), world, room, chance)
        )
        yield done or _apply(Visitor(base), bearer, world, room, chance)


def _somebody(base: str, desks: dict[str, Visitor], who: list[str], world: World, room: Room, chance: Random) -> str:
    """The first of these officials who finds something to do does it; empty where nobody has any work."""
    for username in who:
        if username not in desks:
            desks[username] = sign_in(Visitor(base), username)
        if done := _work(desks[username], username, world, room, chance):
            return done
    return ""


def sign_in(visitor: Visitor, username: str) -> Visitor:
    """Sign a demo official in. Raises RuntimeError where the page does not let them in."""
    page = visitor.get("/dang-nhap/")
    form = next(form for form in page.forms if "password" in form.fields)
    page = visitor.submit(page, form, login=username, password=demo.PASSWORD)
    if any("password" in form.fields for form in page.forms) or page.status != HTTPStatus.OK:
        raise RuntimeError(f"{username} could not sign in: {page.status} at {page.path}")
    return visitor


def _apply(visitor: Visitor, bearer: dict[str, str], world: World, room: Room, chance: Random) -> str:
    body = room.application(world, world.arrival(chance.randrange(world.count)))
    page = visitor.post_json(f"/api/v1/{room.name}", body, {**bearer, "Idempotency-Key": str(uuid4())})
    return f"API: {page.status} {page.text[:60]}"


def _work(visitor: Visitor, username: str, world: World, room: Room, chance: Random) -> str:
    """Open one of the first things on a desk and do what it asks for."""
    desk = visitor.get(room.desk)
    if desk.path.startswith("/dang-nhap/"):  # away too long
        desk = sign_in(visitor, username).get(room.desk)
    cases = list(dict.fromkeys(link for link in desk.links if _is_case(link, room.desk)))[:LOOKED_AT]
    if not cases:
        return ""
    page = visitor.get(chance.choice(cases))
    form = _choose(page, world, room, chance)
    if form is None:
        return ""
    filled = dict.fromkeys(form.empty, WORDS)
    if "passphrase" in form.fields:
        filled["passphrase"] = DEMO_PASSPHRASE
    after = visitor.submit(page, form, **filled)
    return f"{username}: {form.verb} {after.status}"


def _is_case(link: str, desk: str) -> bool:
    try:
        return link.startswith(desk) and bool(UUID(link.rstrip("/").rpartition("/")[2]))
    except ValueError:
        return False


def _choose(page: Page, world: World, room: Room, chance: Random) -> Form | None:
    """One of the forms of the case: an unusual verb as often as the profile says, what comes first before the rest."""
    forms = {form.verb: form for form in page.forms if form.action.startswith(page.path) and form.method == "post"}
    odds = {verb: world.profile["outcomes"][key] for verb, key in room.unusual.items() if verb in forms}
    for verb, share in odds.items():
        if chance.random() < share:
            return forms[verb]
    usual = [verb for verb in forms if verb not in odds and verb not in room.aside]
    return forms[min(usual, key=lambda verb: verb not in room.first)] if usual else None
