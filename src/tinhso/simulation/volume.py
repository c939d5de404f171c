"""The mode `volume`: a world that lived through the actions, printed many times over into the tables.

Copy number c is the whole sample once more: its communes changed round among those of their kind, its
people others of the same age and sex, its ids shifted, its codes and numbers the next of their books.
Times stay, so every due time stays right. What is printed is loaded by COPY, some hundred cases a commit.

It may be killed at any moment: what numbers it took is written down first (`DATA_DIR/simulation/`),
loaded groups are known by their first case, figures move in one commit with the cursors; the next run
of the same world goes on from there. Nobody else may work meanwhile; it refuses where somebody does.
"""

from __future__ import annotations

import hmac
import time
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import cache, partial
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from tinhso.core.accounts import crypto
from tinhso.core.api.models import IdempotencyKey
from tinhso.core.ledger import seals
from tinhso.core.ledger.actions import Refused
from tinhso.core.ledger.consumers import REGISTRY
from tinhso.core.ledger.models import Cursor
from tinhso.core.search.text import fold
from tinhso.core.worktime.calendar import ZONE

from . import bare, placing, run
from .check import settle
from .family import ENTRY, Pattern, Reader, columns, model_of, moved
from .figures import fold_copies
from .gaps import Text
from .people import Citizen
from .rooms import Room, rooms
from .staff import BY, pairs
from .state import State
from .world import ROOM, Place, World

SHARE = 100  # a sample is one in so many
LEAST = 200
PATTERNS = 5_000  # at most: each takes 20 ms and 14 KB
GROUP = 250  # cases a commit
LEAVING = 5.0  # seconds that others have to be gone
_folded = cache(fold)  # of names: constructed people have some thousand


@dataclass(frozen=True)
class Volume:
    """What a run did."""

    sample: int
    copies: int
    cases: int
    entries: int
    seconds: dict[str, float]


def volume(world: World, *, processes: int, progress: run.Progress, sample: int = 0) -> Volume:
    """Make about `world.count` cases: a sample by actions, the rest by copies of it.

    Raises `Refused` where others work on this database at the same time.
    """
    _alone()
    clock = run.Clock()
    sample = sample or min(world.count, max(LEAST, world.count // SHARE))
    step = -(-sample // PATTERNS)  # of a large sample every n-th is a pattern
    used = -(-sample // step)
    copies = max(0, -(-(world.count - sample) // used))
    small = World(world.profile, world.seed, world.since, world.until, sample, world.communes)
    if (copies + 1) * small.people_of_each > ROOM:
        raise Refused("too_many_copies", "There are not so many constructed people. Make the sample larger.")
    run.prepare(small, progress)
    run.run(small, processes=processes, progress=progress)
    clock.lap("actions")
    if not copies:  # the sample is all that was asked for
        return Volume(sample, 0, sample, 0, clock.laps)
    state = State.of(small, copies)
    if done := state.said.get("done"):
        return Volume(**done)
    if not state.path.exists():
        if Cursor.objects.exclude(consumer__in=REGISTRY).exists():  # a worker has run here
            autodiscover_modules("consumers")  # so the sample is read as it would, and printed with what came of that
        settle(timezone.now())
    bare.bring_back(state.taken)  # of a run that was killed
    placing.place_waiting()
    (room,) = rooms()
    progress(f"reading {used} cases as patterns")
    patterns = list(_patterns(small, room, step))
    printer = Printer(small, room, patterns, copies)
    state.begin(*printer.wanted())
    clock.lap("patterns")
    printer.number(state)
    if "loaded" not in state.said:
        progress(f"loading {copies} copies")
        bare.take(state.lay_bare({table for one in patterns for table in one.lines}))
        _load_all(printer, processes, progress)
        state.say("loaded", True)
    clock.lap("loading")
    entries = copies * sum(len(one.entries) for one in patterns)
    progress(f"sealing the last of {entries} entries")
    placing.finish()
    progress("figures and indexes")
    with ThreadPoolExecutor(1) as beside:
        back = beside.submit(bare.bring_back, state.taken)
        fold_copies(printer, state.said["position"], entries)
        back.result()
    clock.lap("finishing")
    seals.copy_roots()
    made = Volume(sample, copies, sample + copies * len(patterns), entries, clock.laps)
    state.end(asdict(made))
    return made


def _alone() -> None:
    deadline = time.monotonic() + LEAVING
    with connection.cursor() as cursor:
        while (others := _others(cursor)) and time.monotonic() < deadline:
            time.sleep(0.1)  # of a run that was killed, the server's side may still be leaving
    if others:
        raise Refused("not_alone", f"{others} other connections work on this database. Stop the install first.")


def _others(cursor: Any) -> int:
    cursor.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user"
        " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    return int(cursor.fetchone()[0])


def _patterns(world: World, room: Room, step: int) -> Iterator[Pattern]:
    keys = IdempotencyKey.objects.filter(owner=str(BY), key__startswith=f"{world.name}:")
    lived = {UUID(one.answer["id"]): int(one.key.rpartition(":")[2]) for one in keys if one.answer}
    cases = {case: number for case, number in lived.items() if number % step == 0}
    ordered, reader = sorted(cases, key=lambda case: cases[case]), Reader(world, room)
    for start in range(0, len(ordered), GROUP):
        yield from reader.read({case: cases[case] for case in ordered[start : start + GROUP]})


class Printer:
    """Fills the gaps of every pattern for every copy."""

    def __init__(self, world: World, room: Room, patterns: list[Pattern], copies: int) -> None:
        self.world, self.room, self.patterns, self.copies = world, room, patterns, copies
        self.texts = [{table: Text(text) for table, text in one.lines.items()} for one in patterns]
        kinds: dict[str, list[Place]] = defaultdict(list)
        for place in world.places:
            kinds[place.kind].append(place)
        self.kinds = kinds
        self.rank = {place.index: kinds[place.kind].index(place) for place in world.places}
        self.values: dict[tuple[int, str], array[int]] = {}
        self.codes: list[list[array[int]]] = []  # of each pattern, of each of its subjects
        self.books: dict[UUID, dict[str, str]] = defaultdict(dict)  # of each agency, by the name of the gap
        self.days: list[list[str]] = []  # of each pattern, the day in the code of each of its subjects

    def target(self, place: Place, copy: int) -> Place:
        """Where a commune's part is played in a copy: another of its kind, each by one."""
        them = self.kinds[place.kind]
        return them[(self.rank[place.index] + copy) % len(them)]

    def wanted(self) -> tuple[Counter[tuple[UUID, str, int]], Counter[tuple[str, Any]]]:
        """How many numbers of which book, and codes of which day, all copies need."""
        numbers: Counter[tuple[int, UUID | None, str, int]] = Counter()
        days: Counter[tuple[int, Any]] = Counter()
        for one in self.patterns:
            days.update((one.place.index, subject.at.astimezone(ZONE).date()) for subject in one.subjects)
            numbers.update((one.place.index, taking.agency, taking.kind, taking.year) for taking in one.takings)
        books: Counter[tuple[UUID, str, int]] = Counter()
        codes: Counter[tuple[str, Any]] = Counter()
        for copy in range(1, self.copies + 1):
            for (index, other, kind, year), many in numbers.items():
                books[other or self.target(self.world.places[index], copy).agency.pk, kind, year] += many
            for (index, day), many in days.items():
                codes[self.target(self.world.places[index], copy).agency.code, day] += many
        return books, codes

    def number(self, state: State) -> None:
        """Decide every code and number of every copy, each book's in the order of its times."""
        books = Counter(state.said["books"])
        taken = sorted(
            ((taking.at, index, taking) for index, one in enumerate(self.patterns) for taking in one.takings),
            key=lambda row: row[:2],
        )
        for _at, index, taking in taken:
            values = self.values[index, taking.gap] = array("I")
            for copy in range(1, self.copies + 1):
                agency = taking.agency or self.target(self.patterns[index].place, copy).agency.pk
                key = f"{agency} {taking.kind} {taking.year}"
                books[key] += 1
                values.append(books[key])
        codes = Counter(state.said["codes"])
        self.codes = [[array("I") for _subject in one.subjects] for one in self.patterns]
        self.days = [[f"{subject.at.astimezone(ZONE):%y%m%d}" for subject in one.subjects] for one in self.patterns]
        came = [
            (subject.at, index, which)
            for index, one in enumerate(self.patterns)
            for which, subject in enumerate(one.subjects)
        ]
        for at, index, which in sorted(came):
            day = at.astimezone(ZONE).date()
            for copy in range(1, self.copies + 1):
                key = f"{self.target(self.patterns[index].place, copy).agency.code} {day}"
                codes[key] += 1
                self.codes[index][which].append(codes[key])
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, agency_id, kind, year FROM numbering_book")
            for pk, agency, kind, year in cursor.fetchall():
                self.books[agency][f"book {kind} {year}"] = str(pk)

    def common(self, copy: int) -> dict[int, dict[str, str]]:
        """What all patterns of a commune have in common in a copy."""
        found = {}
        for place in self.world.places:
            there = self.target(place, copy)
            fills = {"agency": str(there.agency.pk), "unit": there.agency.unit_code}
            for part, _one, who in pairs(place, there):
                fills[f"account {part}"], fills[f"staff {part}"] = str(who.account_id), str(who.pk)
            found[place.index] = fills | self.books[there.agency.pk]
        return found

    def fills(self, index: int, copy: int, common: dict[int, dict[str, str]]) -> dict[str, str]:
        """Everything that goes into one pattern's gaps in one copy."""
        one = self.patterns[index]
        there = self.target(one.place, copy)
        number = one.citizen.number + (there.index - one.place.index) * ROOM + copy * self.world.people_of_each
        citizen = Citizen(number, one.citizen.province)
        name, national_id = citizen.full_name, citizen.national_id
        fills = {
            **common[one.place.index],
            "name": name,
            "folded_name": _folded(name),
            "national_id": national_id,
            "phone": citizen.phone,
        }
        for top in one.tops:
            fills[f"t{top:06x}"] = f"{(top - copy) % (1 << 24):06x}"
        for taking in one.takings:
            fills[taking.gap] = str(self.values[index, taking.gap][copy - 1])
        for which, subject in enumerate(one.subjects):
            code = f"{there.agency.code}-{self.days[index][which]}-{self.codes[index][which][copy - 1]:04d}"
            fills |= {f"code{which}": code, f"folded_code{which}": fold(code)}
            digest = hmac.digest(subject.salt, (subject.digest % fills).encode(), "sha256")
            fills[f"digest{which}"] = digest.hex()
        if one.person is not None:
            fills["id_hash"] = "\\\\x" + crypto.keyed_hash(national_id).hex()
            fills["id_cipher"] = "\\\\x" + crypto.seal(national_id, moved(one.person, copy)).hex()
        return fills

    def group(self, copy: int, start: int, common: dict[int, dict[str, str]]) -> dict[str, list[str]]:
        """The lines of a group of cases, by table."""
        lines: dict[str, list[str]] = defaultdict(list)
        for index in range(start, min(start + GROUP, len(self.patterns))):
            fills = self.fills(index, copy, common)
            for table, text in self.texts[index].items():
                lines[table].append(text.fill(fills))
        return lines


def _load_all(printer: Printer, processes: int, progress: run.Progress) -> None:
    """Every copy, the oldest ids first."""
    connection.close()
    if processes == 1:
        _load(printer, 1, progress, 0)
        return
    global _printer
    _printer = printer  # the forks find it in their memory; it is too much to send
    run.together(processes, partial(_load_mine, processes, progress))
    _printer = None


_printer: Printer | None = None


def _load_mine(of: int, progress: run.Progress, mine: int) -> None:
    assert _printer is not None
    _load(_printer, of, progress, mine)
    connection.close()


def _load(printer: Printer, of: int, progress: run.Progress, mine: int) -> None:
    said, done = time.monotonic(), 0
    table = printer.room.subject._meta.db_table
    with run.patient(), connection.cursor() as cursor:
        for copy in range(printer.copies - mine, 0, -of):
            common = printer.common(copy)
            for start in range(0, len(printer.patterns), GROUP):
                first = moved(printer.patterns[start].id, copy)
                cursor.execute(f"SELECT 1 FROM {table} WHERE id = %s", [first])  # noqa: S608  # a model's table
                if cursor.fetchone():
                    continue
                group = printer.group(copy, start, common)
                with transaction.atomic():
                    cursor.execute("SET LOCAL synchronous_commit TO off")  # a group is there whole or not at all
                    entries = group.pop(ENTRY)
                    for name, lines in group.items():
                        with cursor.copy(f"COPY {name} ({columns(model_of(name))}) FROM STDIN") as into:
                            into.write("".join(lines))
                    last = placing.record(entries)
                done += GROUP
                placing.keep_up(last)
                if time.monotonic() - said > run.SAID_EVERY:
                    said = time.monotonic()
                    progress(f"process {mine + 1}: {done} cases loaded, {copy} copies to go")
