"""From page to page: the task list, the next page, and the last page that reads like a letter.

Pure functions over a definition and raw answers; pages of systems put them on the screen.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from .definition import Checked, FormDefinition, flat, nested
from .layout import Block, Page, Question
from .page import PageForm
from .text import localized


class Status(StrEnum):
    DONE = "done"
    ATTENTION = "attention"
    NOT_STARTED = "not_started"


@dataclass(frozen=True)
class Step:
    """A page of the form as the task list shows it. `number` counts from 1."""

    key: str
    number: int
    title: str
    status: Status


@dataclass(frozen=True)
class Row:
    """One answer read out; `origin` says where it was prefilled from."""

    label: str
    value: str
    path: str
    origin: str = ""
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """Answers of one block; `page` is where to change them."""

    title: str
    page: str
    rows: tuple[Row, ...]


def applicable(definition: FormDefinition, checked: Checked) -> list[Page]:
    """Pages that ask anything, given the answers so far."""
    return [
        page
        for page in definition.pages.values()
        if any(question.applies(checked.clean) for question in page.questions())
    ]


def steps(
    definition: FormDefinition, answers: Mapping[str, Any], *, on: date, seen: Collection[str] = ()
) -> list[Step]:
    """The task list. A page that was seen or holds an answer is done or needs attention."""
    checked, given = definition.check(answers, on=on), flat(answers)
    out = []
    for number, page in enumerate(applicable(definition, checked), 1):
        paths = {question.path for question in page.questions()}
        status = Status.DONE
        if page.key not in seen and not paths & given.keys():
            status = Status.NOT_STARTED
        elif paths & checked.errors.keys():
            status = Status.ATTENTION
        out.append(Step(page.key, number, page.words, status))
    return out


def next_page(definition: FormDefinition, answers: Mapping[str, Any], current: str, *, on: date) -> str | None:
    """Key of the page after `current` among those that apply; None after the last."""
    keys = [page.key for page in applicable(definition, definition.check(answers, on=on))]
    order = list(definition.pages)
    return next((key for key in keys if order.index(key) > order.index(current)), None)


def bind(
    definition: FormDefinition,
    page: str | None,
    data: QueryDict | MultiValueDict[str, str] | None,
    *,
    answers: Mapping[str, Any],
    on: date,
    **shown: Any,
) -> PageForm:
    """The form of one page, or of all pages at the counter (`page=None`)."""
    pages = definition.pages.values() if page is None else [definition.pages[page]]
    return PageForm(definition, pages, data=data, answers=answers, on=on, **shown)


def summary(
    definition: FormDefinition,
    answers: Mapping[str, Any],
    *,
    on: date | None = None,
    file_names: Mapping[str, str] | None = None,
    origins: Mapping[str, str] | None = None,
) -> list[Section]:
    """Answers in the order of asking, block by block, an address in one line.

    Clean answers as a dossier keeps them are read as they are. For the raw answers of a draft give
    `on`, the day they are checked for: only what is right then is read out.
    """
    clean = flat(answers) if on is None else definition.check(answers, on=on).clean
    answers = nested(clean)
    sections = []
    for page in definition.pages.values():
        for block in page.blocks:
            rows = _rows(definition, block, clean, answers, file_names or {}, origins or {})
            if rows:
                sections.append(Section(localized(block.legend) or page.words, page.key, tuple(rows)))
    return sections


def _rows(
    definition: FormDefinition,
    block: Block,
    clean: Mapping[str, Any],
    told: Mapping[str, Any],
    names: Mapping[str, str],
    origins: Mapping[str, str],
) -> list[Row]:
    rows: list[Row] = []
    for item in block.items:
        if isinstance(item, Question) and item.path in clean:
            kept = clean[item.path]
            files = tuple(names.get(one, one) for one in kept) if item.kind.input == "file" else ()
            rows.append(Row(item.words, definition.read(item.path, told), item.path, origins.get(item.path, ""), files))
        elif isinstance(item, Block):
            address = f"{item.path}.province"
            if address in clean:
                value = definition.read(item.path, told)
                rows.append(Row(localized(item.legend), value, item.path, origins.get(address, "")))
            elif address not in definition.questions:
                rows.extend(_rows(definition, item, clean, told, names, origins))
    return rows
