"""Bundles: which procedures go together, read from `data/`; law with a date of effect."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from django.utils import timezone

from tinhso.core.forms.conditions import Condition, holds, problem
from tinhso.core.forms.definition import FormDefinition, flat
from tinhso.core.forms.text import localized
from tinhso.systems.dossiers.models import CLOSED, Dossier, State
from tinhso.systems.procedures.queries import variant_in_force

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Planned:
    """One part as its bundle plans it.

    `after`: the part whose result it needs; it is opened when that is there, and never where that ends without one.
    `give`: question of its form → what the earlier result says: `number`, `issued_on` or `stated.<path>`.
    `when`: what the joint application must answer for this part to be there at all (`forms.conditions`); None: always.
    `decided_by`: an agency outside this house; empty: an agency of this province decides it here.
    """

    key: str
    procedure: str
    variant: str = ""
    after: str = ""
    decided_by: Mapping[str, str] = field(default_factory=dict)
    give: Mapping[str, str] = field(default_factory=dict)
    when: Condition | None = None

    @property
    def decider(self) -> str:
        """Who decides, outside this house, in the reader's language; empty: an agency of this province."""
        return localized(self.decided_by) if self.decided_by else ""


@dataclass(frozen=True)
class Bundle:
    """The parts of a joint procedure, in force from a day."""

    procedure: str
    since: date
    law: str
    parts: tuple[Planned, ...]

    def part(self, key: str) -> Planned:
        return next(one for one in self.parts if one.key == key)


class Standing(StrEnum):
    """How far a part of a joint dossier is."""

    WAITING = "waiting"  # for the part it comes after
    READY = "ready"  # to be opened
    OPEN = "open"
    DONE = "done"  # its result is there
    ENDED = "ended"  # refused, stopped or withdrawn
    DROPPED = "dropped"  # never opened: what it needs ended without a result


SETTLED = (Standing.DONE, Standing.ENDED, Standing.DROPPED)


@cache
def bundles() -> dict[str, list[Bundle]]:
    """All versions by joint procedure, the newest first."""
    found = {}
    for path in sorted(DATA.glob("*.json")):
        raw = json.loads(path.read_text(encoding="utf-8"))
        versions = [_bundle(raw["procedure"], one) for one in raw["versions"]]
        found[raw["procedure"]] = sorted(versions, key=lambda one: one.since, reverse=True)
    return found


def _bundle(procedure: str, raw: Mapping[str, Any]) -> Bundle:
    parts = tuple(Planned(**one) for one in raw["parts"])
    return Bundle(procedure, date.fromisoformat(raw["since"]), raw["law"], parts)


@cache
def part_codes() -> frozenset[str]:
    """Procedures that some bundle has as a part."""
    return frozenset(one.procedure for versions in bundles().values() for v in versions for one in v.parts)


def bundle_of(dossier: Dossier) -> Bundle | None:
    """What a joint dossier is split into: as its law was on the day it was handed in, and as its answers ask. None: it
    is no joint one."""
    on = timezone.localtime(dossier.submitted_at).date()
    found = next((one for one in bundles().get(dossier.procedure_code, ()) if one.since <= on), None)
    return found and _asked_for(found, dossier)


def _asked_for(bundle: Bundle, dossier: Dossier) -> Bundle:
    """Without the parts that the answers do not ask for, nor those that come after such a one."""
    if not any(one.when for one in bundle.parts):
        return bundle
    answers = flat(dossier.answers)
    kept: dict[str, Planned] = {}
    for one in bundle.parts:
        if (not one.after or one.after in kept) and (one.when is None or holds(one.when, answers)):
            kept[one.key] = one
    return replace(bundle, parts=tuple(kept.values()))


def standings(bundle: Bundle, opened: Mapping[str, Dossier]) -> dict[str, Standing]:
    """How far each part is, from the dossiers opened so far by key. A part stands after the one it needs."""
    found: dict[str, Standing] = {}
    for one in bundle.parts:
        dossier = opened.get(one.key)
        if dossier is None:
            needed = found[one.after] if one.after else Standing.DONE
            lost = needed in (Standing.ENDED, Standing.DROPPED)
            ready = needed == Standing.DONE
            found[one.key] = Standing.DROPPED if lost else Standing.READY if ready else Standing.WAITING
        elif dossier.state in (State.PROCESSED, State.RETURNED):
            found[one.key] = Standing.DONE
        else:
            found[one.key] = Standing.ENDED if dossier.state in CLOSED else Standing.OPEN
    return found


def fault_of(bundle: Bundle) -> str:
    """Why a bundle cannot work with the procedures in force; empty when it can: whatever a part must know is asked by
    the joint form under the same name and in the same way, or given by the part it comes after."""
    joint = variant_in_force(bundle.procedure)
    if joint is None:
        return f"{bundle.procedure} is not in force"
    form = FormDefinition.load(joint.form)
    asked = form.source["schema"]["properties"]
    before: set[str] = set()
    if all(one.when or one.after for one in bundle.parts):
        return "no part is there whatever is answered"
    for one in bundle.parts:
        if one.when is not None and (wrong := problem(one.when, form.questions)):
            return f"{one.key}: {wrong}"
        variant = variant_in_force(one.procedure, one.variant)
        if variant is None:
            return f"{one.procedure} is not in force"
        if one.after and one.after not in before:
            return f"{one.key} comes after {one.after}, which does not stand before it"
        for key, schema in FormDefinition.load(variant.form).source["schema"]["properties"].items():
            if key not in one.give and asked.get(key) != schema:
                return f"{one.key} asks {key}, the joint form does not, or otherwise"
        before.add(one.key)
    return ""


def decider_of(dossier: Dossier) -> str:
    """Which agency outside this house decides on a dossier, as the bundles say of its procedure."""
    parts = [one for versions in bundles().values() for version in versions for one in version.parts]
    found = [one.decider for one in parts if one.procedure == dossier.procedure_code and one.decided_by]
    return found[0] if found else dossier.variant.version.authority
