"""Agencies from a table: planned and shown first, then done as a whole or not at all; a second run changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from ..ledger.actions import Actor, Refused, action
from . import codes, units
from .actions import change_agency, create_agency
from .models import Agency, Kind, Staff
from .queries import agencies_of
from .tables import Column, Row, plain

COLUMNS = (
    Column("code", ("Mã định danh", "Ma dinh danh"), "H15.24133.01", needed=True),
    Column("parent", ("Mã cơ quan cấp trên",), "H15.24133", needed=True),
    Column("name", ("Tên cơ quan",), "Phòng Văn hóa - Xã hội", needed=True),
    Column("short_name", ("Tên ngắn",), "Phòng VHXH", needed=True),
    Column("kind", ("Loại",), "Đơn vị thuộc, trực thuộc", needed=True),
    Column("unit_code", ("Mã đơn vị hành chính",), ""),
    Column("old_code", ("Mã định danh cũ",), ""),
)
NEW, CHANGED, SAME = "new", "changed", "same"
_FIELDS = ("name", "short_name", "unit_code", "old_code")


def kinds() -> dict[str, str]:
    """Kinds by what may stand in the table: code or name, in the language of the page."""
    return {plain(str(word)): value for value, label in Kind.choices for word in (value, label)}


def plan(rows: Iterable[Row], staff: Staff, at: datetime) -> list[tuple[Row, str]]:
    """What each row would do, after filling in `row.errors` where it cannot be done; nothing is changed."""
    within = {agency.code: agency for agency in agencies_of(staff).open_at(at).select_related("parent")}
    taken = dict(Agency.objects.filter(valid_to=None).values_list("code", "pk"))
    seen: set[str] = set()
    planned = []
    for row in rows:
        planned.append((row, _checked(row, within, taken, seen)))
        if not row.errors:
            seen.add(row.values["code"])
    return planned


def _checked(row: Row, within: dict[str, Agency], taken: dict[str, Any], seen: set[str]) -> str:
    _clean(row)
    values, errors = row.values, row.errors
    if errors:
        return ""
    if values["code"] in seen:
        errors["code"] = _("This code stands in the table twice.")
    elif values["parent"] not in within and values["parent"] not in seen:
        errors["parent"] = _("No agency within your reach has this code; one made by this table must stand above.")
    there = within.get(values["code"])
    if there is None and values["code"] in taken:
        errors["code"] = _("Another agency has this code.")
    if errors or there is None:
        return NEW
    if there.parent is None or there.parent.code != values["parent"]:
        errors["parent"] = _("It hangs elsewhere now. Move it on its own page.")
    if there.kind != values["kind"]:
        errors["kind"] = _("Its kind cannot be changed.")
    wanted = {name: values[name] for name in _FIELDS if values[name]}
    return CHANGED if any(getattr(there, name) != value for name, value in wanted.items()) else SAME


def _clean(row: Row) -> None:
    """Bring the values into their form; what cannot be is an error of its column."""
    values, errors, known = row.values, row.errors, kinds()
    for name in ("code", "parent"):
        try:
            values[name] = codes.parse(values[name])
        except ValueError:
            errors[name] = _("This is not an agency code such as H15.50.05.")
    for name, limit in (("name", 250), ("short_name", 60)):
        if not 0 < len(values[name]) <= limit:
            errors[name] = _("Write between 1 and %(limit)d letters.") % {"limit": limit}
    values["kind"] = known.get(plain(values["kind"]), values["kind"])
    if values["kind"] not in Kind.values:
        errors["kind"] = _("Choose one of: %(kinds)s.") % {"kinds": ", ".join(str(label) for label in Kind.labels)}
    if values["unit_code"] and units.unit(values["unit_code"]) is None:
        errors["unit_code"] = _("There is no administrative unit with this code.")
    if values["old_code"] and not codes.is_old(values["old_code"]):
        errors["old_code"] = _("An old agency code looks like 000.05.50.H15.")


@action
def import_agencies(rows: Iterable[Row], staff: Staff, *, by: Actor, at: datetime) -> dict[str, int]:
    """Do the whole table in one transaction; how many were new, changed and the same.

    Raises `Refused` when any row cannot be done: the world may have changed since the preview.
    """
    planned = plan(rows, staff, at)
    if any(row.errors for row, _what in planned):
        raise Refused("table_errors", _("The table has errors, so nothing of it was taken over."), status=422)
    there = {agency.code: agency for agency in agencies_of(staff).open_at(at)}
    for row, what in planned:
        v = row.values
        if what == NEW:
            there[v["code"]] = create_agency(
                v["code"], name=v["name"], short_name=v["short_name"], kind=v["kind"], parent=there[v["parent"]],
                unit_code=v["unit_code"], old_code=v["old_code"] or None, by=by, at=at,
            )  # fmt: skip
        elif what == CHANGED:
            fields: Any = {name: v[name] for name in _FIELDS if v[name]}
            change_agency(there[v["code"]], by=by, at=at, **fields)
    return {what: sum(one == what for _row, one in planned) for what in (NEW, CHANGED, SAME)}
