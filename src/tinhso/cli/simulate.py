"""`tinhso simulate`: make a province's year happen, and check that all of it is right."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tinhso.config.config import Config

from .install import Stop, install, start_django

if TYPE_CHECKING:
    from tinhso.simulation.world import World


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What the command can be told."""
    command.add_argument("--mode", choices=["actions", "volume", "live"], default="actions", help="how it is made")
    command.add_argument("--profile", default="", help="the province's figures; by default those of PROVINCE")
    command.add_argument("--dossiers", type=int, metavar="N", help="how many applications; by default the profile's")
    command.add_argument("--days", type=int, default=365, help="the span they come in")
    command.add_argument("--until", default="", metavar="YYYY-MM-DD", help="the day it ends; by default today")
    command.add_argument("--seed", type=int, default=1, help="another seed is another year")
    command.add_argument(
        "--communes", type=int, metavar="N", help="how many take part, 0: all; by default the profile's"
    )
    command.add_argument("--processes", type=int, default=os.cpu_count() or 1, metavar="N")
    command.add_argument("--speed", type=float, default=20.0, help="live: things done a minute")
    command.add_argument(
        "--check", action="store_true", help="check everything afterwards; with --dossiers 0 only that"
    )
    command.add_argument("--figures", action="store_true", help="print the profile, each figure with its source")
    command.set_defaults(run=simulate)


def simulate(arguments: argparse.Namespace) -> int:
    """Run one mode, then the checks where asked."""
    from tinhso.simulation import profile

    if arguments.figures:
        for key in [arguments.profile] if arguments.profile else profile.names():
            one = _profile(key)
            print("\n".join([f"{one.name} (unit {one.unit})", *(f"  {line}" for line in one.describe())]))
        return 0
    with install() as config:
        if not config.demo:
            raise Stop("A simulated year is not for production. Set TINHSO_MODE=demo on another install.")
        start_django(config)
        if arguments.mode == "live":
            from tinhso.simulation.live import live

            live(config.base_url, arguments.speed, arguments.seed, _say)
            return 0
        from tinhso.core.ledger.actions import Refused

        try:
            if arguments.dossiers != 0:
                _make(config, arguments)
        except Refused as refusal:
            raise Stop(str(refusal)) from refusal
        return _check() if arguments.check else 0


def _say(line: str) -> None:
    print(line, flush=True)


def _profile(key: str):  # type: ignore[no-untyped-def]
    from tinhso.simulation import profile

    try:
        return profile.load(key)
    except KeyError:
        raise Stop(f"There is no profile {key}; there are {', '.join(profile.names())}.") from None


def world_of(province: str, arguments: argparse.Namespace) -> World:
    """The world that is asked for: how much of what is not said, the profile says."""
    from django.utils import timezone

    from tinhso.core.worktime.calendar import ZONE
    from tinhso.simulation import profile
    from tinhso.simulation.world import World

    figures = _profile(arguments.profile) if arguments.profile else profile.of_province(province)
    # Whole days, so that a run that was broken off is the same world when it is started again.
    ends = datetime.fromisoformat(arguments.until) if arguments.until else timezone.localtime(timezone.now())
    until = ends.replace(hour=12, minute=0, second=0, microsecond=0, tzinfo=ZONE)
    since = (until - timedelta(days=arguments.days)).replace(hour=0)
    if arguments.days < 14:  # around Tết the offices are closed for more than a week
        raise Stop("A span has at least 14 days.")
    count = figures.dossiers_in(arguments.days) if arguments.dossiers is None else arguments.dossiers
    communes = figures["communes"] if arguments.communes is None else arguments.communes
    return World(figures, arguments.seed, since, until, count, communes)


def _make(config: Config, arguments: argparse.Namespace) -> None:
    from tinhso.simulation import run

    world = world_of(config.province, arguments)
    _say(f"{world.profile.name}: {world.count:,} dossiers in {arguments.days} days, in {len(world.places)} communes")
    if arguments.mode == "volume":
        from tinhso.simulation.volume import volume

        volume(world, processes=arguments.processes, progress=_say)
        return
    run.prepare(world, _say)
    done = run.run(world, processes=arguments.processes, progress=_say)
    print(f"{done.made} dossiers lived in {done.seconds:.0f} s, {done.before} were there before.")


def _check() -> int:
    from django.utils import timezone

    from tinhso.simulation.check import check

    faults = 0
    for fault in check(timezone.now()):
        faults += 1
        print(fault, file=sys.stderr)
    print("Everything holds." if not faults else f"{faults} faults.")
    return 1 if faults else 0
