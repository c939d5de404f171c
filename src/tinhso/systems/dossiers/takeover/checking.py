"""Rows against the house: what of them can be taken over, and what is wrong in which column."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from tinhso.core.accounts import crypto, identity
from tinhso.core.accounts.models import Account, Person, Sex
from tinhso.core.agencies.models import Agency
from tinhso.core.agencies.queries import find_agency, staff_of
from tinhso.core.forms.definition import FormDefinition, nested
from tinhso.core.ledger.actions import Refused
from tinhso.core.ledger.events import is_code
from tinhso.core.process.graph import Join, Step, Targets, graph_of
from tinhso.core.search.text import fold
from tinhso.core.worktime.calendar import ZONE
from tinhso.core.worktime.clock import Clock
from tinhso.core.worktime.queries import calendar_for
from tinhso.systems.procedures.models import Variant
from tinhso.systems.procedures.queries import variant_in_force

from ..models import ApplicantKind, Channel, Dossier, State, TakenOver
from .reading import Row

# Where a dossier may stand. Between signing and sealing it cannot come in: the draft is made here.
STATES = {"receive": State.NEW, "assign": State.ACCEPTED, "appraise": State.IN_PROCESS, "return": State.PROCESSED}
FIRST = datetime(2000, 1, 1, tzinfo=ZONE)
LAST = datetime(2090, 1, 1, tzinfo=ZONE)
_SYSTEM = re.compile(r"[a-z][a-z0-9-]{0,39}")
_CODE = re.compile(r"[A-Z0-9][A-Z0-9./-]{4,58}[A-Z0-9]")
_TIME = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d\d)(?::(\d\d))?")
_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


@dataclass(frozen=True)
class Fault:
    """One thing to mend in the file; it repeats nothing personal."""

    row: int
    column: str
    words: str


@dataclass(frozen=True)
class Line:
    """A line of history, or with `until` a pause of the clock."""

    at: datetime
    until: datetime | None = None
    what: str = ""
    who: str = ""
    words: str = ""


@dataclass
class Coming:
    """One dossier as it would stand here. Whole only where nothing is wrong with its row."""

    key: bytes
    values: dict[str, Any] = field(default_factory=dict)  # fields of the dossier
    variant: Variant | None = None
    step: str = ""
    step_since: datetime | None = None
    assignee: Account | None = None
    person: dict[str, Any] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)


@dataclass
class Checked:
    """A row with what was found about it; `known`: it is here already, or was and is erased."""

    row: Row
    coming: Coming
    known: bool = False
    faults: list[Fault] = field(default_factory=list)
    remarks: list[Fault] = field(default_factory=list)


def check_all(rows: Sequence[Row], *, at: datetime) -> Iterator[Checked]:
    """Every row checked against the database as it is now, in the order of the file."""
    seen: dict[str, dict[Any, int]] = {"old_id": {}, "code": {}}
    for row in rows:
        checked = _Check(row, at).run()
        keys = {"old_id": (row["system"], row["old_id"]), "code": row["code"].upper() or None}
        for column, key in keys.items():
            first = seen[column].setdefault(key, row["row"]) if key else row["row"]
            if first != row["row"]:
                words = _("The same stands in row %(row)d already.") % {"row": first}
                checked.faults.append(Fault(row["row"], column, words))
        yield checked


def foreign_key(system: str, old_id: str) -> bytes:
    """What is kept of a foreign id for ever: it tells the same dossier again, and nothing else."""
    return crypto.keyed_hash(f"takeover:{system}:{old_id}")


class _Check:
    """The checks of one row."""

    def __init__(self, row: Row, at: datetime) -> None:
        self.row, self.at = row, at
        self.coming = Coming(foreign_key(row["system"], row["old_id"]))
        self.out = Checked(row, self.coming)

    def fault(self, column: str, words: Any) -> None:
        self.out.faults.append(Fault(self.row["row"], column, str(words)))

    def remark(self, column: str, words: str) -> None:
        self.out.remarks.append(Fault(self.row["row"], column, words))

    def run(self) -> Checked:
        row = self.row
        if not _SYSTEM.fullmatch(row["system"]) or not is_code(row["system"]):
            self.fault("system", _("Name the old system in small letters, digits and hyphens: mot-cua-cu."))
        if not 0 < len(row["old_id"]) <= 80:
            self.fault("old_id", _("Give the dossier's id in the old system, at most 80 characters."))
        self.out.known = TakenOver.objects.filter(key=self.coming.key).exists()
        if self.out.known:
            self.out.faults.clear()
            return self.out
        self._code()
        self._where()
        self._applicant()
        self._times()
        if self.coming.variant is not None:
            self._step(self.coming.variant)
            self._answers(self.coming.variant)
        return self.out

    def _code(self) -> None:
        code = self.row["code"].upper()
        if code and (not _CODE.fullmatch(code) or not is_code(code)):
            self.fault("code", _("A code has letters, digits, dots and hyphens, such as H15.24133-261122-0001."))
        elif code and Dossier.objects.filter(code=code).exists():
            self.fault("code", _("A dossier with this code is here already."))
        self.coming.values["code"] = code

    def _where(self) -> None:
        row, values = self.row, self.coming.values
        self.coming.variant = variant_in_force(row["procedure"], row["variant"])
        if self.coming.variant is None:
            self.fault(
                "variant" if variant_in_force(row["procedure"], "default") else "procedure",
                _("No such procedure is in force here, or it has several cases and none is named."),
            )
        values["receiving_agency"] = self._agency("receiving")
        values["agency"] = self._agency("competent") if row["competent"] else values["receiving_agency"]
        values["channel"] = self._choice("channel", Channel, Channel.COUNTER if not row["channel"] else None)
        kind = ApplicantKind.CITIZEN if not row["applicant_kind"] else None
        values["applicant_kind"] = self._choice("applicant_kind", ApplicantKind, kind)
        if row["fee_owed"].isdecimal() and row["fee_owed"].isascii() and len(row["fee_owed"]) < 10:
            values["fee"] = int(row["fee_owed"])
        else:
            self.fault("fee_owed", _("Say in whole dong what is still to be paid; 0 where nothing is."))

    def _agency(self, column: str) -> Agency | None:
        try:
            return find_agency(self.row[column], self.at)
        except Agency.DoesNotExist:
            self.fault(column, _("No open agency has this code."))
            return None

    def _choice(self, column: str, choices: Any, otherwise: Any) -> Any:
        given = self.row[column].lower()
        found = [one for one in choices if given in (one.name.lower(), str(one.value))]
        if found or otherwise is not None:
            return found[0] if found else otherwise
        names = ", ".join(one.name.lower() for one in choices)
        self.fault(column, _("One of these is meant: %(names)s.") % {"names": names})
        return None

    def _applicant(self) -> None:
        row, values = self.row, self.coming.values
        born, sex = self._day("birth_date"), row["sex"] if row["sex"] in Sex.values else ""
        checks: dict[str, Callable[[], str]] = {
            "applicant_name": lambda: identity.full_name(row["applicant_name"]),
            "phone": lambda: identity.phone(row["phone"]),
            "national_id": lambda: (
                identity.national_id(row["national_id"], birth_date=born, sex=sex) if row["national_id"] else ""
            ),
        }
        clean = {}
        for column, rule in checks.items():
            try:
                clean[column] = rule()
            except Refused as wrong:
                self.fault(column, wrong.message)
        if row["sex"] != sex:
            self.fault("sex", _("One of these is meant: %(names)s.") % {"names": "male, female"})
        if row["email"] and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", row["email"]):
            self.fault("email", _("This is no e-mail address."))
        values |= {"applicant_name": clean.get("applicant_name", ""), "phone": clean.get("phone", "")}
        values["email"] = row["email"].lower()
        if number := clean.get("national_id"):
            self._same_name(number, values["applicant_name"])
            self.coming.person = {"national_id": number, "birth_date": born, "sex": sex}

    def _same_name(self, number: str, name: str) -> None:
        """A mistyped number must not put a dossier into somebody else's list."""
        person = Person.objects.filter(id_hash=crypto.keyed_hash(number)).first()
        if person is not None and fold(person.full_name) != fold(name):
            self.fault("national_id", _("This number is known here under another name. Check both."))

    def _day(self, column: str) -> date | None:
        text = self.row[column]
        try:
            if found := _DATE.fullmatch(text):
                return date(int(found[3]), int(found[2]), int(found[1]))
            return date.fromisoformat(text) if text else None
        except ValueError:
            self.fault(column, _("A date is written 22/11/2026 or 2026-11-22."))
            return None

    def _time(self, column: str, text: str) -> datetime | None:
        try:
            if found := _TIME.fullmatch(text):
                day, month, year, hour, minute, second = (int(part or 0) for part in found.groups())
                return self._between(column, datetime(year, month, day, hour, minute, second, tzinfo=ZONE))
            moment = datetime.fromisoformat(text) if len(text) > 10 else None
        except ValueError:
            moment = None
        if moment is None:
            if text:
                self.fault(column, _("A time is written 22/11/2026 14:05 or 2026-11-22T14:05."))
            return None
        return self._between(column, moment if moment.tzinfo else moment.replace(tzinfo=ZONE))

    def _between(self, column: str, moment: datetime) -> datetime | None:
        if FIRST <= moment <= (LAST if column == "due_at" else self.at):
            return moment
        self.fault(column, _("This time lies ahead of now, or too far back."))
        return None

    def _times(self) -> None:
        row, values = self.row, self.coming.values
        for column in ("submitted_at", "accepted_at", "due_at", "finished_at"):
            values[column] = self._time(column, row[column])
        if not row["submitted_at"]:
            self.fault("submitted_at", _("Say when it was handed in."))
        order = [(column, values[column]) for column in ("submitted_at", "accepted_at", "finished_at")]
        order = [(column, moment) for column, moment in order if moment]
        for (_before, earlier), (column, later) in pairwise(order):
            if later < earlier:
                self.fault(column, _("This lies before the step that comes earlier."))
        self.coming.step_since = self._time("step_since", row["step_since"])
        for number, line in enumerate(row["history"], 1):
            moment = self._time("history_at", line["at"])
            if moment is None or not line["what"]:
                self.fault(
                    "history_what", _("Line %(n)d of the history needs a time and what happened.") % {"n": number}
                )
            else:
                self.coming.lines.append(
                    Line(moment, what=line["what"][:200], who=line["who"][:120], words=line["words"])
                )
        for pause in row["pauses"]:
            begin, end = self._time("pause_from", pause["from"]), self._time("pause_to", pause["to"])
            if begin is None or end is None or end <= begin:
                self.fault(
                    "pause_to",
                    _("A pause has a beginning and an end. Take a dossier that still waits over once it was answered."),
                )
            else:
                self.coming.lines.append(Line(begin, until=end))
        self.coming.lines.sort(key=lambda line: line.at)

    def _step(self, variant: Variant) -> None:
        row, coming = self.row, self.coming
        steps = main_steps(variant.process_id)
        named = [one for one in steps if row["step"] and row["step"] in (one.key, *one.names.values())]
        if len(named) != 1 or named[0].kind not in STATES:
            possible = ", ".join(one.key for one in steps if one.kind in STATES)
            self.fault("step", _("It can go on at one of these steps: %(steps)s.") % {"steps": possible})
            return
        step = named[0]
        coming.step, state = step.key, STATES[step.kind]
        coming.values["state"] = state
        needed = {
            "accepted_at": state != State.NEW,
            "due_at": state != State.NEW,
            "finished_at": state == State.PROCESSED,
        }
        for column, need in needed.items():
            if need and not row[column]:
                self.fault(column, _("A dossier at this step has one."))
            elif row[column] and not need:
                self.fault(column, _("A dossier at this step has none yet."))
        coming.step_since = coming.step_since or (coming.values["submitted_at"] if state == State.NEW else self.at)
        self._promise(variant)
        if row["assignee"]:
            self._assignee(step)

    def _promise(self, variant: Variant) -> None:
        """The promise made is kept; where it is not what this house would have counted, that is said."""
        values = self.coming.values
        accepted, due, agency = values["accepted_at"], values["due_at"], values["agency"]
        if accepted is None or due is None or agency is None:
            return
        if due <= accepted:
            self.fault("due_at", _("This lies before the dossier was accepted."))
            return
        pauses = tuple((line.at, line.until) for line in self.coming.lines if line.until)
        counted = Clock(accepted, variant.duration, variant.cutoff, pauses).due(calendar_for(agency.pk))
        if counted != due and counted is not None:
            when = f"{counted.astimezone(ZONE):%d/%m/%Y %H:%M}"
            self.remark("due_at", _("The promise is kept. Counted here it would be %(when)s.") % {"when": when})

    def _assignee(self, step: Step) -> None:
        account = Account.objects.filter(username=self.row["assignee"]).first()
        place = self.coming.values["receiving_agency" if step.agency == "receiving" else "agency"]
        posts = staff_of(account, self.at) if account and place else []
        if any(post.agency_id == place.pk and step.role in post.roles for post in posts):
            self.coming.assignee = account
        else:
            self.fault("assignee", _("Nobody with this username does this step at that agency."))

    def _answers(self, variant: Variant) -> None:
        """What is given must be right; what the old system never asked stays open for the officer."""
        form, given = FormDefinition.load(variant.form), dict(self.row["answers"])
        for column, part in (
            ("applicant_name", "full_name"),
            ("national_id", "national_id"),
            ("phone", "phone"),
            ("email", "email"),
        ):
            path = f"{variant.applicant}.{part}"
            if path in form.questions and self.row[column]:
                given.setdefault(path, self.row[column])
        for path, value in given.items():
            question = form.questions.get(path)
            if question and isinstance(value, str):
                many = question.schema.get("type") == "array"
                given[path] = question.kind.typed(value.split(";") if many else value)
        submitted = self.coming.values.get("submitted_at") or self.at
        checked = form.check(nested(given), on=submitted.astimezone(ZONE).date())
        for path, words in checked.errors.items():
            if path in given and path in self.row["answers"]:
                self.fault(f"answers.{path}", words)
        if open_ones := [path for path in checked.errors if path not in given]:
            self.remark("answers", _("%(n)d questions of the form stay open.") % {"n": len(open_ones)})
        self.coming.values["answers"] = nested(checked.clean)


def main_steps(digest: str) -> list[Step]:
    """The steps of a process that lie outside parallel branches: only there a dossier can begin midway."""
    graph = graph_of(digest)
    found: dict[str, Step] = {}
    todo: list[Targets] = [(graph.start,)]
    seen: set[str] = set()
    while todo:
        targets = todo.pop()
        if len(targets) > 1:  # the branches meet again in a join; what lies between is not ours
            join = graph.nodes.get(graph.meets.get(frozenset(targets), ""))
            targets = join.next if isinstance(join, Join) else ()
        for key in targets:
            if key not in seen:
                seen.add(key)
                node = graph.nodes[key]
                if isinstance(node, Step):
                    found[key] = node
                todo += [following for _outcome, following in node.ways()]
    return list(found.values())
