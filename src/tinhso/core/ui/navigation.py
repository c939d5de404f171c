"""What stands in the menus. A package hangs its entries in by a room `navigation.py`::

    nav("desk", _("My work"), "dossiers:inbox", icon="inbox", order=10, roles=[Role.OFFICER])

Sections: `citizen` (menu of the citizens' pages), `home` (large links on the home page),
`account` (menu under a person's name), `desk` (menu of officials), `admin` (menu of
administrators). Pages of core packages call `nav` at the foot of their module. An entry whose view the
person may not use is not shown, so a menu never leads to a refusal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.http import HttpRequest
from django.urls import resolve, reverse

from .access import allowed, declared

Words = Any  # a lazy translation or a string


@dataclass(frozen=True)
class Entry:
    """One link of a menu. `roles` empty: for everyone whom the section is for."""

    section: str
    label: Words
    url_name: str
    icon: str
    order: int = 100
    roles: frozenset[str] = frozenset()
    badge: Callable[[HttpRequest], int] | None = field(default=None, compare=False)

    @property
    def url(self) -> str:
        return reverse(self.url_name)


@dataclass(frozen=True)
class Errand:
    """One of the things people come for, as the home page shows it."""

    label: Words
    url: str
    icon: str
    note: Words = ""


@dataclass(frozen=True)
class Found:
    """One result of the search box."""

    title: Words
    url: str
    kind: Words
    note: Words = ""


_ENTRIES: list[Entry] = []
_ERRANDS: list[tuple[int, Callable[[], Iterable[Errand]]]] = []
_FINDERS: list[tuple[int, str, Callable[[HttpRequest, str], Iterable[Found]]]] = []


def nav(
    section: str,
    label: Words,
    url_name: str,
    *,
    icon: str,
    order: int = 100,
    roles: Sequence[str] = (),
    badge: Callable[[HttpRequest], int] | None = None,
) -> None:
    """Hang an entry into a menu. `badge` gives a number shown behind it (0 shows nothing)."""
    _ENTRIES.append(Entry(section, label, url_name, icon, order, frozenset(map(str, roles)), badge))


def errands(order: int = 100) -> Callable[[Any], Any]:
    """Register a function that gives errands of the home page; the first eight are shown."""

    def register(
        function: Callable[[], Iterable[Errand]],
    ) -> Callable[[], Iterable[Errand]]:
        _ERRANDS.append((order, function))
        return function

    return register


def finder(audience: str, order: int = 100) -> Callable[[Any], Any]:
    """Register a function (request, words) → results for the search box of "citizen" or "desk" pages.

    It gets the words as typed, folds them itself, and returns its best ten at most.
    """

    def register(function: Callable[[HttpRequest, str], Iterable[Found]]) -> Any:
        _FINDERS.append((order, audience, function))
        return function

    return register


def menu(section: str, request: HttpRequest) -> list[Entry]:
    """The entries of a section that this person may follow, in order."""
    staff = getattr(request, "staff", None)
    roles = frozenset(staff.roles) if staff else frozenset()
    shown = (
        entry
        for entry in _ENTRIES
        if entry.section == section
        and (not entry.roles or not entry.roles.isdisjoint(roles))
        and allowed(guard(entry.url_name), request)
    )
    return sorted(shown, key=lambda entry: entry.order)


@cache
def guard(url_name: str) -> frozenset[str]:
    """Who may use the view behind a menu entry."""
    match = resolve(reverse(url_name))
    return declared(match.func, match.url_name, match.route) or frozenset()


def all_errands(limit: int = 8) -> list[Errand]:
    """The errands of the home page."""
    found: list[Errand] = []
    for _order, function in sorted(_ERRANDS, key=lambda pair: pair[0]):
        found.extend(function())
    return found[:limit]


def find(audience: str, request: HttpRequest, words: str) -> list[Found]:
    """Results of every finder of this audience, in the finders' order."""
    results: list[Found] = []
    for _order, whom, function in sorted(_FINDERS, key=lambda row: row[0]):
        if whom == audience:
            results.extend(function(request, words))
    return results
