"""A condition on the screen: rows picked from lists, in the order of `choosing`; drawn by `forms/when.html`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from ..ledger.actions import Refused
from . import choosing
from .choosing import Asking, Test
from .conditions import Condition
from .layout import Question

ROWS = choosing.MOST


@dataclass(frozen=True)
class Row:
    """One test as the page shows it. `joined`: and/or before it; empty for the first."""

    number: int
    path: str
    label: str
    joined: str
    how: str
    comparisons: list[tuple[str, str]]
    options: list[tuple[str, str, bool]]  # to tick: value, words, ticked
    single: bool  # whether one is ticked at most
    typed: str
    wrong: str  # why the row cannot be kept as it is


class When:
    """A condition on the screen: `rows` to change, or `words` of what is kept now, which is all there is where it
    does not come apart (`kept`).

    What a page sends (`sent`) stays as it was typed, finished or not; `check` says what has to be corrected first.
    """

    def __init__(self, definition: Asking, known: Iterable[str], condition: Condition | None) -> None:
        """`known` are the paths asked before the piece."""
        self.definition = definition
        self.called = choosing.labels(definition)
        self.known = [path for path in known if path in definition.questions]
        self.condition = condition
        groups = choosing.rows(condition) if condition else []
        if groups and not all(self._shows(test) for group in groups for test in group):
            groups = None
        self.words = choosing.in_words(condition, definition) if condition else ""
        self.kept = groups is None
        self.groups: list[list[Test]] = groups or []
        self.added = -1  # number of the row that was just added
        self._faults: dict[int, Refused] = {}  # by number of the row; -1: a question that is not asked any more
        self._checked = False

    def _shows(self, test: Test) -> bool:
        """Whether a row can show all that a test says, and gives it back as it is."""
        question = self.definition.questions.get(test.field)
        if question is None or test.how not in dict(choosing.comparisons(question)):
            return False
        shown, options = self._shown(question, test), dict(choosing.values(question))
        if options:
            return all(value in options for value in shown)
        back = [question.kind.typed(str(value)) for value in shown]
        kind = int if question.schema["type"] == "integer" else str
        return len(back) < 2 and back == list(test.values) and all(type(one) is kind for one in test.values)

    @staticmethod
    def _shown(question: Question, test: Test) -> list[Any]:
        """The values as fields show them."""
        several = question.kind.input == "checkboxes"
        return [value if several else question.kind.shown_in_field(value) for value in test.values]

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Questions that can decide."""
        return [(path, self.called.get(path, path)) for path in self.known]

    @property
    def rows(self) -> list[Row]:
        """Test by test, alternatives one after the other."""
        out: list[Row] = []
        for group in self.groups:
            for position, test in enumerate(group):
                joined = "" if not out else "and" if position else "or"
                out.append(self._row(len(out), test, joined))
        return out

    def _row(self, number: int, test: Test, joined: str) -> Row:
        question = self.definition.questions[test.field]
        options, shown = choosing.values(question), self._shown(question, test)
        return Row(
            number=number,
            path=test.field,
            label=self.called.get(test.field, test.field),
            joined=joined,
            how=test.how,
            comparisons=choosing.comparisons(question),
            options=[(value, words, value in shown) for value, words in options],
            single=question.kind.input == "checkboxes",
            typed="" if options or not shown else str(shown[0]),
            wrong=str(self._faults[number]) if self._checked and number in self._faults else "",
        )

    def add(self, path: str, joined: str = "and") -> None:
        """One row more, not kept yet. Raises `Refused`, also where a row that was sent had to be left out."""
        if -1 in self._faults:
            raise self._faults[-1]
        if path not in self.known:
            raise Refused("not_asked_before", _("Choose a question that is asked before."), field="new", status=422)
        how = choosing.comparisons(self.definition.questions[path])[0][0]
        if joined == "or" or not self.groups:
            self.groups.append([])
        self.groups[-1].append(Test(path, how))
        self.added = sum(map(len, self.groups)) - 1

    @classmethod
    def sent(cls, definition: Asking, known: Iterable[str], data: QueryDict, before: Condition | None) -> When:
        """As a page sent it, whatever is missing; a question that is not asked any more is left out and told.

        `before` is what stands there now: it is said until another is saved, and what rows cannot show (`kept`) also
        stays the condition when no row was sent and nobody took it out.
        """
        one = cls(definition, known, before)
        one.groups = []
        gone = []
        for number in range(ROWS):
            path = data.get(f"t-{number}-field", "")
            if not path or data.get(f"t-{number}-drop"):
                continue
            question = definition.questions.get(path)
            if question is None or path not in one.known:
                gone.append(one.called.get(path, path))
                continue
            try:
                test = _read(question, one.called.get(path, path), number, data)
            except Refused as fault:
                test = _typed(question, number, data)
                one._faults[sum(map(len, one.groups))] = fault
            if data.get(f"t-{number}-join") == "or" or not one.groups:
                one.groups.append([])
            one.groups[-1].append(test)
        if gone:
            words = _("“%(labels)s” is not asked before this any more and was left out. Read the rest, then save.")
            one._faults[-1] = Refused("not_asked_before", words % {"labels": "”, “".join(gone)}, status=422)
        if not one._faults and (one.groups or not one.kept or data.get("t-drop")):
            one.condition = choosing.condition(one.groups)
        return one

    def check(self) -> None:
        """Raises `Refused` with what has to be corrected first; every row then says so at its place, too."""
        self._checked = True
        for _number, fault in sorted(self._faults.items()):
            raise fault


def _typed(question: Question, number: int, data: QueryDict) -> Test:
    """A row just as it was left."""
    hows = [how for how, _words in choosing.comparisons(question)]
    how = data.get(f"t-{number}-how", "")
    several = question.kind.input == "checkboxes"
    sent = [value for value in data.getlist(f"t-{number}-value") if value.strip()]
    return Test(
        question.path, how if how in hows else hows[0], tuple(v if several else question.kind.typed(v) for v in sent)
    )


def _read(question: Question, label: str, number: int, data: QueryDict) -> Test:
    how = data.get(f"t-{number}-how", "")
    if how not in dict(choosing.comparisons(question)):
        raise Refused("comparison", _("Choose how “%(label)s” is compared.") % {"label": label}, status=422)
    if how in ("answered", "empty"):
        return Test(question.path, how)
    sent = [value for value in data.getlist(f"t-{number}-value") if value.strip()]
    if known := dict(choosing.values(question)):
        sent = [value for value in sent if value in known]
    values = tuple(question.kind.typed(value) for value in sent) if question.kind.input != "checkboxes" else tuple(sent)
    whole = question.schema["type"] == "integer"
    if not values or (whole and not all(isinstance(value, int) for value in values)):
        words = _("Enter a whole number for “%(label)s”.") if whole else _("Choose a value for “%(label)s”.")
        raise Refused("value_missing", words % {"label": label}, status=422)
    if how in ("has", "hasnot", "least", "most"):
        values = values[:1]
    return Test(question.path, how, values)
