"""A case with all that belongs to it, as a pattern from which more like it are printed.

Read are the rows of the case, of its parts (foreign keys), of what these refer to one to one, of what
points at any of them by `subject_id` or `owner_id`, the person, and the ledger's entries: as the lines
that COPY writes. So a case may have several subjects, such as dossiers opened from the first one.
What is a case's own becomes a named gap: ids, codes, agency, officials, person, numbers, digests.
Nothing here knows what the rows mean, so what a later system keeps with a case comes along.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection, models

from tinhso.core.accounts.models import Person
from tinhso.core.ledger.consumers import Placed
from tinhso.core.ledger.events import canonical, read
from tinhso.core.ledger.models import AbstractEntry, Cursor
from tinhso.core.numbering.models import Book, Number
from tinhso.core.search.text import fold

from .people import Citizen
from .rooms import LEFT, Room
from .world import Place, World

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
ENTRY, NUMBER, PERSON = "ledger_entry", Number._meta.db_table, Person._meta.db_table
ENTRY_COLUMNS = "id, cause, event, version, subject_kind, subject_id, actor, agency_id, at, payload"
NOBODY = UUID(int=0)
NULL = r"\N"  # as COPY writes it
TOP = 1 << 24  # ids keep all but their first 24 bits; one step is 4.7 hours of a UUIDv7


@dataclass(frozen=True)
class Taking:
    """A number taken from a book, under a name that is the gap's; `agency`: whose, where it is not the place's."""

    gap: str
    agency: UUID | None
    kind: str
    year: int
    at: datetime


@dataclass(frozen=True)
class Coded:
    """A subject of a case: its code is of the day on which it came; `digest`: what its digest is of, with gaps."""

    at: datetime
    salt: bytes
    digest: str


@dataclass
class Pattern:
    """One case: lines by table with gaps, and what fills them. Its first subject is the case itself."""

    id: UUID
    place: Place
    citizen: Citizen
    person: UUID | None  # whom its lines bring along; None where an earlier pattern does
    subjects: list[Coded]
    tops: list[int]
    takings: list[Taking]
    lines: dict[str, str]
    entries: list[Placed]


def moved(one: UUID, copy: int) -> UUID:
    """The id that stands for `one` in a copy."""
    rest = one.int & ((1 << 104) - 1)
    return UUID(int=(((one.int >> 104) - copy) % TOP) << 104 | rest)


@cache
def model_of(table: str) -> type[models.Model]:
    return next(model for model in apps.get_models() if model._meta.db_table == table)


@cache
def columns(model: type[models.Model]) -> str:
    return ", ".join(f'"{f.column}"' for f in model._meta.concrete_fields if not getattr(f, "generated", False))


def parts(model: type[models.Model]) -> Iterator[tuple[type[models.Model], str]]:
    """Models whose rows are parts of a row of `model`: their foreign key takes them along when it goes."""
    for relation in model._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ManyToOneRel) and relation.on_delete is models.CASCADE:
            part: Any = relation.related_model
            if part._meta.label_lower not in LEFT:
                yield part, str(relation.field.column)


def mates(model: type[models.Model]) -> Iterator[tuple[type[models.Model], str, str]]:
    """Models whose rows a row of `model` refers to one to one, so that nobody else has them: with the column that
    refers and the one referred to."""
    for field in model._meta.concrete_fields:
        if isinstance(field, models.OneToOneField) and issubclass(field.related_model, models.Model):
            yield field.related_model, str(field.column), str(field.target_field.column)


@cache
def pointers() -> tuple[tuple[type[models.Model], str], ...]:
    """Models outside the ledger that point at any subject by its bare id."""
    kept = [
        model
        for model in apps.get_models()
        if model._meta.managed and model is not Cursor and not issubclass(model, AbstractEntry)
    ]
    return tuple(
        (model, column.name)
        for model in kept
        for column in model._meta.concrete_fields
        if column.name in ("subject_id", "owner_id") and isinstance(column, models.UUIDField)
    )


def _lines(table: str, names: str, where: str, params: list[Any]) -> list[str]:
    with connection.cursor() as cursor:
        query = f"COPY (SELECT {names} FROM {table} WHERE {where}) TO STDOUT"  # noqa: S608  # names of our models
        with cursor.copy(query, params) as copy:
            return b"".join(bytes(block) for block in copy).decode().splitlines()


class Reader:
    """Reads patterns of a room's cases, some hundred at a time."""

    def __init__(self, world: World, room: Room) -> None:
        self.world, self.room = world, room
        self.staff: dict[str, str] = {}
        for place in world.places:
            for role, them in place.staff.items():
                for index, one in enumerate(them):
                    self.staff.setdefault(str(one.account_id), f"account {role} {index}")
                    self.staff.setdefault(str(one.pk), f"staff {role} {index}")
        self.books = _books()
        self.seen: set[UUID] = set()  # persons that a pattern before brings along
        taken = _lines(ENTRY, f"serial, {ENTRY_COLUMNS}", "event = %s", ["numbering.taken"])
        self.taken = {json.loads(line.rpartition("\t")[2])["data"]["subject"]: line for line in taken}

    def read(self, cases: Mapping[UUID, int]) -> Iterator[Pattern]:
        """Patterns of these cases (id → number of the arrival), in that order."""
        rows = self._rows(list(cases))
        owners: dict[str, UUID] = {str(pk): pk for pk in cases}  # of each row's id, the case
        for _round in range(4):  # parts of parts, and what points at them
            for model, lines in rows.items():
                names = columns(model).replace('"', "").split(", ")
                own = [names.index(str(model._meta.pk.column)), *(names.index(key) for _m, key, _to in mates(model))]
                for line in lines:
                    case = next((owners[u] for u in _UUID.findall(line) if u in owners), None)
                    if case:
                        values = line.split("\t")
                        owners |= {values[at]: case for at in own if values[at] != NULL and values[at] not in owners}
        entries = self._entries(owners)
        subjects = self._subjects(rows, owners)
        persons = {getattr(one, "applicant_id", None) for them in subjects.values() for one in them}
        persons -= self.seen | {None}
        ids = [[str(one) for one in persons]]
        people = {
            UUID(line.split("\t")[0]): line for line in _lines(PERSON, columns(Person), "id = ANY(%s::uuid[])", ids)
        }
        registered: dict[UUID, list[str]] = defaultdict(list)
        for line in _lines(ENTRY, ENTRY_COLUMNS, "subject_id = ANY(%s::uuid[]) ORDER BY serial", ids):
            registered[UUID(line.split("\t")[5])].append(line)
        by_case: dict[UUID, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for model, lines in rows.items():
            for line in lines:
                case = next((owners[u] for u in _UUID.findall(line) if u in owners), None)
                if case:
                    by_case[case][model._meta.db_table].append(line)
        for case, number in cases.items():
            person: UUID = getattr(subjects[case][0], "applicant_id", None) or NOBODY
            brought = people.get(person, "") if person not in self.seen else ""
            self.seen.add(person)
            told = [*(registered[person] if brought else ()), *entries[case]]
            yield self._pattern(subjects[case], number, by_case[case], told, brought)

    def _rows(self, ids: list[UUID]) -> dict[type[models.Model], list[str]]:
        """Lines of the cases, of their parts, and of what points at any of these."""
        rows: dict[type[models.Model], list[str]] = {}
        todo: list[tuple[type[models.Model], str, list[str]]] = [(self.room.subject, "id", [str(i) for i in ids])]
        while todo:
            model, column, keys = todo.pop(0)
            found = _lines(model._meta.db_table, columns(model), f'"{column}" = ANY(%s::uuid[])', [keys])
            known = set(rows.get(model, ()))
            fresh = [line for line in found if line not in known]
            if not fresh:
                continue
            rows.setdefault(model, []).extend(fresh)
            names = columns(model).replace('"', "").split(", ")
            pks = [line.split("\t")[names.index(str(model._meta.pk.column))] for line in fresh]
            todo += [(part, key, pks) for part, key in parts(model)]
            for other, column, to in mates(model):
                had = [line.split("\t")[names.index(column)] for line in fresh]
                todo.append((other, to, [one for one in had if one != NULL]))
            todo += [(other, name, pks) for other, name in pointers()]
        return rows

    def _subjects(
        self, rows: Mapping[type[models.Model], list[str]], owners: Mapping[str, UUID]
    ) -> dict[UUID, list[Any]]:
        """The subjects of each case, itself first, the others as they came."""
        model, found = self.room.subject, defaultdict[UUID, list[Any]](list)
        at = columns(model).replace('"', "").split(", ").index(str(model._meta.pk.column))
        there = model._default_manager.in_bulk([line.split("\t")[at] for line in rows[model]])
        for one in sorted(there.values(), key=lambda one: str(one.pk)):
            found[owners[str(one.pk)]].append(one)
        return {case: sorted(them, key=lambda one: one.pk != case) for case, them in found.items()}

    def _entries(self, owners: Mapping[str, UUID]) -> dict[UUID, list[str]]:
        """Entries about any row of a case, and of numbers taken for one, in the order they were recorded."""
        where = "subject_id = ANY(%s::uuid[]) AND event <> 'numbering.taken'"
        lines = _lines(ENTRY, f"serial, {ENTRY_COLUMNS}", where, [list(owners)])
        lines += [self.taken[one] for one in owners if one in self.taken]
        found: dict[UUID, list[tuple[int, str]]] = defaultdict(list)
        for line in lines:
            case = next((owners[u] for u in _UUID.findall(line) if u in owners), None)
            if case:
                serial, _tab, rest = line.partition("\t")
                found[case].append((int(serial), rest))
        return defaultdict(list, {case: [line for _serial, line in sorted(many)] for case, many in found.items()})

    def _pattern(
        self, subjects: list[Any], number: int, tables: dict[str, list[str]], entries: list[str], brought: str
    ) -> Pattern:
        arrival, person = self.world.arrival(number), getattr(subjects[0], "applicant_id", None)
        own = self._own(tables, entries, person)
        takings = self._takings(tables, arrival.place)
        order = {str(one.pk): index for index, one in enumerate(subjects)}
        gaps = Gaps(self, arrival.place, arrival.citizen, [one.code for one in subjects], own)
        for (_book, value), taking in takings.items():
            for one in subjects:
                if printed := self.room.printed(one, taking.kind):
                    gaps.number(printed.format(value), printed.format(f"%({taking.gap})s"))
        lines = {table: "".join(f"{gaps.fill(line)}\n" for line in many) for table, many in tables.items()}
        lines[NUMBER] = self._numbers(tables, takings, gaps)
        lines[ENTRY] = "".join(f"{self._told(line, takings, gaps, order)}\n" for line in entries)
        lines[PERSON] = _anonymous(brought, gaps) if brought else ""
        told = [_placed(line) for line in entries]
        came = {one.subject_id: one.at for one in told if one.event == self.room.digest[0]}
        return Pattern(
            id=subjects[0].pk,
            place=arrival.place,
            citizen=arrival.citizen,
            person=person if brought else None,
            subjects=[
                Coded(came[one.pk], bytes(one.salt), gaps.fill(canonical(getattr(one, self.room.digest[2]))))
                for one in subjects
            ],
            tops=sorted(gaps.tops),
            takings=list(takings.values()),
            lines={table: text for table, text in lines.items() if text},
            entries=told,
        )

    def _own(self, tables: Mapping[str, list[str]], entries: Iterable[str], person: UUID | None) -> set[str]:
        """Ids that are this case's alone: all it is made of, but not what it refers to."""
        own = {str(person)} if person else set()
        for table, many in tables.items():
            model = model_of(table)
            names = columns(model).replace('"', "").split(", ")
            unique = [
                names.index(str(f.column))
                for f in model._meta.concrete_fields
                if f.unique and not f.is_relation and isinstance(f, models.UUIDField)
            ]
            own |= {line.split("\t")[at] for line in many for at in unique}
        for line in entries:
            own |= set(line.split("\t", 2)[:2])
        return own

    def _takings(self, tables: Mapping[str, list[str]], place: Place) -> dict[tuple[str, str], Taking]:
        """Numbers by (book's id, value) as the lines write them."""
        names = columns(Number).replace('"', "").split(", ")
        found = {}
        for index, line in enumerate(tables.get(NUMBER, ())):
            values = dict(zip(names, line.split("\t"), strict=True))
            agency, kind, year = self.books[values["book_id"]]
            other, at = None if agency == place.agency.pk else agency, datetime.fromisoformat(values["taken_at"])
            found[values["book_id"], values["value"]] = Taking(f"n{index}", other, kind, year, at)
        return found

    def _numbers(self, tables: Mapping[str, list[str]], takings: Mapping[tuple[str, str], Taking], gaps: Gaps) -> str:
        names, text = columns(Number).replace('"', "").split(", "), ""
        book, value = names.index("book_id"), names.index("value")
        for line in tables.get(NUMBER, ()):
            had = line.split("\t")
            values = [gaps.fill(one) for one in had]
            values[value] = f"%({takings[had[book], had[value]].gap})s"
            text += "\t".join(values) + "\n"
        return text

    def _told(self, line: str, takings: Mapping[tuple[str, str], Taking], gaps: Gaps, order: Mapping[str, int]) -> str:
        """An entry's line with gaps; numbers and the digest are found by the names of its fields."""
        *head, payload = line.split("\t")
        said = json.loads(payload)
        event, data, marks = said["event"], said["data"], {}
        if event == "numbering.taken":
            marks['"«value»"'] = takings[said["subject"][1], str(data["value"])].gap
            data["value"] = "«value»"
        for (name, key), book in self.room.books.items():
            if name == event:
                kind, value = book.format(**data), data[key]
                told = datetime.fromisoformat(said["at"])  # two years may have given this number: the last one is meant
                fits = [t for (_b, v), t in takings.items() if v == value and t.kind.startswith(kind) and t.at <= told]
                marks[f"«{key}»"] = max(fits, key=lambda taking: taking.at).gap
                data[key] = f"«{key}»"
        if event == self.room.digest[0]:
            data[self.room.digest[1]] = "«digest»"
            marks["«digest»"] = f"digest{order[said['subject'][1]]}"
        text = gaps.fill(canonical(said))
        for mark, gap in marks.items():
            text = text.replace(mark, f"%({gap})s")
        return "\t".join([*(gaps.fill(one) for one in head), text])


class Gaps:
    """Puts named gaps where a line says what is a case's own."""

    def __init__(self, reader: Reader, place: Place, citizen: Citizen, codes: list[str], own: set[str]) -> None:
        self.reader, self.place, self.own, self.tops = reader, place, own, set[int]()
        self.words = [
            *((code, f"%(code{index})s") for index, code in enumerate(codes)),
            *((fold(code), f"%(folded_code{index})s") for index, code in enumerate(codes)),
            (citizen.full_name, "%(name)s"),
            (fold(citizen.full_name), "%(folded_name)s"),
            (citizen.national_id, "%(national_id)s"),
            (citizen.phone, "%(phone)s"),
            (f'"{place.agency.unit_code}"', '"%(unit)s"'),
        ]

    def number(self, printed: str, gap: str) -> None:
        """A number as it is printed, which a paper or another application names: at the beginning of a value."""
        self.words += [(f"{mark}{printed}", f"{mark}{gap}") for mark in ('"', "\t")]

    def fill(self, text: str) -> str:
        """The text with gaps for `str % dict`."""
        text = text.replace("%", "%%")
        for word, gap in self.words:
            text = text.replace(word, gap)
        return _UUID.sub(self._id, text)

    def _id(self, found: re.Match[str]) -> str:
        one = found[0]
        if one in self.own:
            self.tops.add(int(one[:6], 16))
            return f"%(t{one[:6]})s{one[6:]}"
        if one == str(self.place.agency.pk):
            return "%(agency)s"
        if one in self.reader.staff:
            return f"%({self.reader.staff[one]})s"
        agency, kind, year = self.reader.books.get(one, (None, "", 0))
        return f"%(book {kind} {year})s" if agency == self.place.agency.pk else one


def _books() -> dict[str, tuple[UUID, str, int]]:
    """Agency, kind and year of each book, by its id."""
    books = Book.objects.values_list("id", "agency_id", "kind", "year")
    return {str(pk): (agency, kind, year) for pk, agency, kind, year in books}


def _anonymous(line: str, gaps: Gaps) -> str:
    """A person's line; hash and cipher of the number are made anew for each."""
    names = columns(Person).replace('"', "").split(", ")
    values = [gaps.fill(one) for one in line.split("\t")]
    for name in ("id_hash", "id_cipher"):
        values[names.index(name)] = f"%({name})s"
    return "\t".join(values) + "\n"


def _placed(line: str) -> Placed:
    said = json.loads(line.split("\t")[-1])
    agency = said["agency"]
    return Placed(
        0,
        UUID(said["id"]),
        UUID(said["cause"]),
        said["event"],
        said["version"],
        said["subject"][0],
        UUID(said["subject"][1]),
        said["actor"],
        UUID(agency) if agency else None,
        datetime.fromisoformat(said["at"]),
        read(said["event"], said["version"], said["data"]),
    )
