"""A filter as an address says it, and the filters an official has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tinhso.core.agencies.models import Staff
from tinhso.core.process.graph import ASIDES, KINDS
from tinhso.core.process.models import Task
from tinhso.core.process.queries import inbox

from .models import Filter

DUE = {"late": _("Late"), "today": _("Late or due today"), "week": _("Late or due this week")}
LONGEST = 100  # letters of words
OURS = ("dossiers.dossier",)  # whose steps a desk of dossiers shows


@dataclass(frozen=True)
class Look:
    """What is looked for; all empty: everything."""

    words: str = ""
    step: str = ""
    due: str = ""
    mine: bool = False

    @property
    def query(self) -> str:
        """As the address of the desk has it."""
        given = {"q": self.words, "buoc": self.step, "han": self.due, "cua_toi": "1" if self.mine else ""}
        return urlencode({name: value for name, value in given.items() if value})

    @property
    def more(self) -> bool:
        """Whether it asks for more than words."""
        return bool(self.step or self.due or self.mine)


def steps() -> dict[str, Any]:
    """What the steps that officials do are called."""
    found = {kind.name: kind.label for kind in KINDS.values() if kind.drawn}
    return found | {aside.kind: aside.label for aside in ASIDES.values() if aside.role}


def read(given: Mapping[str, Any]) -> Look:
    """From an address or a form; what nobody offers is passed over."""
    step, due = str(given.get("buoc", "")), str(given.get("han", ""))
    return Look(
        str(given.get("q", "")).strip()[:LONGEST],
        step if step in steps() else "",
        due if due in DUE else "",
        bool(given.get("cua_toi")),
    )


def kept(one: Filter) -> Look:
    """What a filter looks for."""
    return read(dict(parse_qsl(one.look)))


def found(staff: Staff, look: Look, at: datetime, *, after: tuple[datetime, Any] | None, limit: int) -> list[Task]:
    """The queue as far as it fits."""
    kinds = (look.step,) if look.step else ()
    return inbox(
        staff, after=after, limit=limit, query=look.words, kinds=kinds, subjects=OURS, mine=look.mine,
        until=_until(look, at),
    )  # fmt: skip


def _until(look: Look, at: datetime) -> datetime | None:
    midnight = timezone.localtime(at).replace(hour=23, minute=59, second=59)
    week = midnight + timedelta(days=6 - midnight.weekday())
    return {"late": at, "today": midnight, "week": week}.get(look.due)


def filters_of(staff: Staff) -> QuerySet[Filter]:
    """One's own, and those colleagues of the agency share."""
    mine = Q(owner=staff.account_id) | Q(shared=True)
    return Filter.objects.filter(mine, agency=staff.agency_id).select_related("owner").order_by("name", "pk")


def default_of(staff: Staff) -> Filter | None:
    """The filter with which this desk begins."""
    return filters_of(staff).filter(default_of__contains=[staff.account_id]).first()
