"""Reading the national database: each row lands by itself, a second reading changes nothing."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from tinhso.core.forms.definition import digest
from tinhso.core.ledger.actions import Actor, Refused, action, new_id, record
from tinhso.core.worktime.calendar import Unit, WorkDuration

from .. import rules
from ..events import CatalogueImported, DoubtSeen, QuestionAnswered
from ..generate import doubts, propose
from ..models import Flag, ImportRun, NationalRow, Procedure, ProcedureVersion
from ..national import READER
from ..national.doubts import Doubt
from ..national.row import BadRow, Row, read_row
from .publishing import publish

Origin, State = ProcedureVersion.Origin, NationalRow.State
MOST_BAD = 100


@dataclass
class Outcome:
    """What a reading did: counts by name, and the rows that could not be read."""

    counts: Counter[str] = field(default_factory=Counter)
    bad: list[tuple[int, str]] = field(default_factory=list)

    @property
    def changed(self) -> int:
        return self.counts["published"] + self.counts["updated"]


def import_rows(
    lines: Iterable[tuple[int, bytes]], *, file: str, sha256: str, by: Actor, at: datetime,
    progress: Callable[[int], None] = lambda done: None,
) -> Outcome:  # fmt: skip
    """Read numbered lines of JSON; good rows land, bad ones are listed with their number and why.

    Each row is a transaction of its own: a reading that was killed is simply started again.
    """
    outcome = Outcome()
    seen: dict[str, int] = {}
    for number, line in lines:
        outcome.counts["rows"] += 1
        try:
            raw = _loads(line)
            row = read_row(raw)
            if row.code in seen:
                raise BadRow(f"{row.code} stands already in line {seen[row.code]}")
            seen[row.code] = number
            outcome.counts.update(import_row(row, raw, by=by, at=at))
        except (BadRow, Refused) as wrong:
            outcome.bad.append((number, str(wrong)))
        progress(number)
    outcome.counts["bad"] = len(outcome.bad)
    if outcome.changed or (outcome.bad and not ImportRun.objects.filter(digest=sha256).exists()):
        _log(outcome, file, sha256, by=by, at=at)
    return outcome


def _loads(line: bytes) -> Any:
    try:
        text = line.decode()
        if "\\u0000" in text:
            raise BadRow("the line has a NUL character")
        return json.loads(text)
    except ValueError as wrong:  # JSON or UTF-8
        raise wrong if isinstance(wrong, BadRow) else BadRow(f"the line is no JSON: {wrong}") from wrong


@action
def _log(outcome: Outcome, file: str, sha256: str, *, by: Actor, at: datetime) -> None:
    run = ImportRun(
        id=new_id(),
        file=file[:200],
        digest=sha256,
        at=at,
        counts=dict(outcome.counts),
        bad=[{"line": line, "reason": reason[:300]} for line, reason in outcome.bad[:MOST_BAD]],
    )
    run.save(force_insert=True)
    counts = outcome.counts
    record(CatalogueImported(sha256, counts["rows"], counts["published"], counts["bad"]), subject=run, by=by, at=at)


@action
def import_row(row: Row, raw: Mapping[str, Any], *, by: Actor, at: datetime) -> Counter[str]:
    """Bring one row up to date; counts of what happened. Raises `Refused` where it cannot be published."""
    on = timezone.localtime(at).date()
    found = doubts(row, on)
    counts = _counted(row, found)
    known = NationalRow.objects.select_for_update().filter(pk=row.code).first()
    answers = _answers(known, row)
    fingerprint = _fingerprint(raw, answers)
    if known and known.digest == fingerprint:
        return counts + Counter({known.state: 1, "unchanged": 1})
    proposal = propose(row, answers, on=on)
    state = proposal.state
    if _ours(row.code):
        state = State.KEPT
    else:
        publish(proposal.data, origin=Origin.NATIONAL, by=by, at=at)
        counts["published"] += 1
    NationalRow.objects.update_or_create(
        code=row.code, defaults={"raw": raw, "digest": fingerprint, "state": state, "read_at": at}
    )
    _flags(row.code, found)
    return counts + Counter({str(state): 1, "updated": int(known is not None)})


def _counted(row: Row, found: Sequence[Doubt]) -> Counter[str]:
    """Questions by reason (`why:…`), and ways by the unit of their limit (`unit:…`, `bare` without one, `none`)."""
    counts = Counter({"flags": len(found), "blocking": sum(doubt.blocks for doubt in found)})
    counts.update(f"why:{doubt.why}" for doubt in found)
    counts.update(f"unit:{way.time.unit or ('none' if way.time.amount is None else 'bare')}" for way in row.ways)
    return counts


def _ours(code: str) -> bool:
    """Whether people made or withdrew what is here: the national database changes neither."""
    versions = ProcedureVersion.objects.filter(procedure__code=code).order_by("-number")
    last = versions.only("origin", "withdrawn_at").first()
    return last is not None and (last.origin != Origin.NATIONAL or last.withdrawn_at is not None)


def _fingerprint(raw: Mapping[str, Any], answers: Mapping[str, Any]) -> str:
    """Changes with the row, with the answers, with the rules and with the reader."""
    return digest({"row": raw, "answers": answers, "rules": _rules(), "reader": READER})


@lru_cache
def _rules() -> str:
    return digest({path.stem: rules.read(path.stem) for path in sorted(rules.FOLDER.glob("*.json"))})


def _answers(known: NationalRow | None, row: Row) -> dict[str, dict[str, Any]]:
    """What officials answered, as long as the row still says what it said then."""
    if known is None:
        return {}
    asked = {(doubt.where, str(doubt.why)): doubt.excerpt for doubt in row.doubts}
    return {
        flag.where: flag.answer
        for flag in known.flags.exclude(answered_at=None)
        if flag.answer and asked.get((flag.where, flag.why)) == flag.excerpt
    }


def _flags(code: str, found: Iterable[Doubt]) -> None:
    wanted = {(doubt.where, str(doubt.why)): doubt for doubt in found}
    for flag in Flag.objects.filter(row_id=code):
        doubt = wanted.get((flag.where, flag.why))
        if doubt is None or (doubt.excerpt, doubt.blocks) != (flag.excerpt, flag.blocks):
            flag.delete()
        else:
            del wanted[flag.where, flag.why]
    Flag.objects.bulk_create(
        Flag(row_id=code, why=str(doubt.why), where=doubt.where, excerpt=doubt.excerpt, blocks=doubt.blocks)
        for doubt in wanted.values()
    )


@action
def answer(flag: Flag, *, amount: int, unit: str = "", by: Actor, at: datetime) -> list[Flag]:
    """An official says what the row means: a limit (`unit` of `worktime`) or a fee in đồng.

    The same words of the same procedure mean the same in every channel, so they are answered together;
    what has become certain is published at once.
    """
    limit = flag.asks == "time"
    if not flag.asks:
        raise Refused("nothing_asked", _("This is only to be looked at."), status=422)
    if limit:
        try:
            WorkDuration(amount, Unit(unit))
        except ValueError as wrong:
            raise Refused("limit_invalid", _("Say how long, and in which unit."), field="amount", status=422) from wrong
    elif not 0 <= amount <= 10**12:
        raise Refused("fee_invalid", _("Enter the amount in whole dong."), field="amount", status=422)
    said = {"amount": amount, "unit": str(Unit(unit))} if limit else {"amount": amount}
    row, same = _closed(flag, said, by=by, at=at)
    import_row(read_row(row.raw), row.raw, by=by, at=at)
    subject = Procedure.objects.get(code=row.code)
    record(
        QuestionAnswered(row.code, flag.why, flag.where, amount, unit if limit else "dong"),
        subject=subject,
        by=by,
        at=at,
    )
    return same


@action
def see(flag: Flag, *, by: Actor, at: datetime) -> list[Flag]:
    """An official looked at what no amount answers, and leaves it as it was read; so for the same words elsewhere."""
    if flag.asks:
        raise Refused("amount_missing", _("Enter a whole number."), field="amount", status=422)
    row, same = _closed(flag, None, by=by, at=at)
    subject = Procedure.objects.get(code=row.code)
    record(DoubtSeen(row.code, flag.why, flag.where), subject=subject, by=by, at=at)
    return same


def _closed(flag: Flag, said: Mapping[str, Any] | None, *, by: Actor, at: datetime) -> tuple[NationalRow, list[Flag]]:
    """The row, locked, and its flags with the same words, which are closed now."""
    row = NationalRow.objects.select_for_update().get(pk=flag.row_id)
    same = list(row.flags.filter(why=flag.why, excerpt=flag.excerpt, answered_at=None).order_by("where"))
    if not same:
        raise Refused("already_answered", _("Somebody has answered this already."))
    for one in same:
        one.answer, one.answered_at, one.answered_by = said, at, str(by)
    Flag.objects.bulk_update(same, ["answer", "answered_at", "answered_by"])
    return row, same


def sha256_of(data: bytes) -> str:
    """Of a file's bytes."""
    return hashlib.sha256(data).hexdigest()
