"""The parts of a definition once read: pages, blocks, questions, notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import conditions
from .text import Text, localized

if TYPE_CHECKING:
    from .kinds import Kind


class DefinitionError(ValueError):
    """A form definition that cannot be used; for the person who writes it."""


@dataclass(frozen=True)
class Question:
    """One thing asked, with one answer at `path`."""

    path: str
    kind: Kind
    schema: Mapping[str, Any]
    label: Text
    help: Text
    hint: Text  # when to answer, for readers without JavaScript
    required: bool
    optional_block: str  # path of a block that may be left out as a whole; empty: none
    when: tuple[conditions.Condition, ...]
    options: tuple[tuple[str, Text], ...]
    widget: str
    width: str  # full, half or short
    autocomplete: str
    depends_on: str  # path of the province of a commune
    columns: tuple[Question, ...] = ()  # of rows that repeat; their paths are keys within a row
    row: Text = ""  # what one row is called

    @property
    def words(self) -> str:
        """The label in the reader's language."""
        return localized(self.label)

    @property
    def named(self) -> str:
        """The label inside a sentence: without the mark it ends with."""
        return self.words.rstrip(" ?.:")

    def applies(self, answers: Mapping[str, Any]) -> bool:
        """Whether it is asked at all, given clean answers by path."""
        return all(conditions.holds(condition, answers) for condition in self.when)

    def looks_at(self) -> set[str]:
        """Paths that decide whether it applies."""
        return {path for condition in self.when for path in conditions.fields(condition)}


@dataclass(frozen=True)
class Note:
    """Words between questions."""

    text: Text
    when: tuple[conditions.Condition, ...]

    @property
    def words(self) -> str:
        return localized(self.text)

    def applies(self, answers: Mapping[str, Any]) -> bool:
        return all(conditions.holds(condition, answers) for condition in self.when)


@dataclass(frozen=True)
class Block:
    """A fieldset: questions, notes and blocks under one legend. `path` for a person or an address."""

    legend: Text
    help: Text
    items: tuple[Question | Note | Block, ...]
    path: str = ""

    def questions(self) -> Iterator[Question]:
        for item in self.items:
            if isinstance(item, Block):
                yield from item.questions()
            elif isinstance(item, Question):
                yield item


@dataclass(frozen=True)
class Page:
    """What is asked on one page."""

    key: str
    title: Text
    intro: Text
    when: tuple[conditions.Condition, ...]
    blocks: tuple[Block, ...]

    @property
    def words(self) -> str:
        return localized(self.title)

    def questions(self) -> list[Question]:
        return [question for block in self.blocks for question in block.questions()]
