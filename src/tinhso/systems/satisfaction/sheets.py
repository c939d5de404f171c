"""What is asked, and the few figures that may change: data with a date of effect, `data/sheets.json`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from django.utils.translation import get_language

Words = dict[str, str]  # language → text


def _in_language(words: Words) -> str:
    return words["en" if get_language() == "en" else "vi"]


@dataclass(frozen=True)
class Mark:
    """One of the marks, the best first."""

    mark: int
    words: Words
    points: int  # of the circular's two, where a question stands for one of its indices

    @property
    def label(self) -> str:
        return _in_language(self.words)


@dataclass(frozen=True)
class Question:
    """What is asked; some questions read otherwise to whoever applied online."""

    key: str
    words: Words
    online: Words
    must: bool

    @property
    def label(self) -> str:
        """As the heads' page names it."""
        return _in_language(self.words)

    def asked(self, *, online: bool) -> str:
        return _in_language(self.online if online else self.words)


@dataclass(frozen=True)
class Index:
    """One of the circular's indices: by what rule of `points` the record gives it points, which question stands for it;
    and where the record does not know it, why."""

    number: int
    words: Words
    record: str
    question: str
    why: Words

    @property
    def label(self) -> str:
        return _in_language(self.words)

    @property
    def reason(self) -> str:
        return _in_language(self.why)


@dataclass(frozen=True)
class Sheet:
    """The questions in force from a day on.

    One may answer for `open_for` after the dossier ended; shares and words are shown from `enough` answers on.
    """

    since: date
    open_for: timedelta
    enough: int
    marks: tuple[Mark, ...]
    questions: tuple[Question, ...]
    indices: tuple[Index, ...]


@cache
def _all() -> tuple[Sheet, ...]:
    rows = json.loads((Path(__file__).parent / "data" / "sheets.json").read_text(encoding="utf-8"))
    made = [
        Sheet(
            date.fromisoformat(row["from"]),
            timedelta(days=row["days"]),
            row["enough"],
            tuple(Mark(one["mark"], one, one["points"]) for one in row["marks"]),
            tuple(Question(q["key"], q, q.get("online", q), q.get("must", False)) for q in row["questions"]),
            tuple(
                Index(i["index"], i, i.get("record", ""), i.get("question", ""), i.get("why", {"vi": "", "en": ""}))
                for i in row["indices"]
            ),
        )
        for row in rows
    ]
    return tuple(sorted(made, key=lambda one: one.since))


def sheet(day: date) -> Sheet:
    """The one in force on a day; before the first, the first."""
    return next((one for one in reversed(_all()) if one.since <= day), _all()[0])
