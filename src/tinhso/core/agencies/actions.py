"""Every change of agencies and of who works in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypedDict, Unpack
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from ..ledger.actions import Actor, Fact, Refused, action, new_id, record, record_all
from . import codes, events
from .models import Agency, Capacity, Role, Staff
from .substitution import dependent_on, end_all


class AgencyFields(TypedDict, total=False):
    """What `change_agency` may change."""

    code: str
    old_code: str
    name: str
    short_name: str
    unit_code: str


class StaffFields(TypedDict, total=False):
    """What `change_staff` may change."""

    roles: Sequence[str]
    title: str
    capacity: str


@action
def create_agency(
    code: str,
    *,
    name: str,
    short_name: str,
    kind: str,
    parent: Agency | None = None,
    old_code: str | None = None,
    unit_code: str = "",
    constructed: bool = False,
    by: Actor,
    at: datetime,
) -> Agency:
    """Open an agency under `parent`, or a root. `old_code` None: derived from the new one where it fits.

    Raises `Refused` for a code that is malformed or in use, or a parent that is closed.
    """
    code = _parsed(code)
    _lock_tree()
    path = []
    if parent is not None:
        path = _open(parent, at).path
    key = new_id()
    agency = Agency(
        id=key,
        code=code,
        old_code=codes.to_old(code) if old_code is None else _old(old_code),
        name=name.strip(),
        short_name=short_name.strip(),
        kind=kind,
        parent=parent,
        path=[*path, key],
        unit_code=unit_code,
        constructed=constructed,
        valid_from=at,
    )
    with _code_conflicts():
        agency.save(force_insert=True)
    event = events.AgencyCreated(code, kind, parent.pk if parent else None, unit_code, constructed)
    record(event, subject=agency, agency=agency.pk, by=by, at=at)
    return agency


@action
def change_agency(agency: Agency, *, by: Actor, at: datetime, **fields: Unpack[AgencyFields]) -> Agency:
    """Correct codes or names. Raises `Refused` for a code that is malformed or in use."""
    agency = _open(agency, at)
    if "code" in fields:
        fields["code"] = _parsed(fields["code"])
    if "old_code" in fields:
        fields["old_code"] = _old(fields["old_code"])
    changed = _set(agency, fields)
    if not changed:
        return agency
    with _code_conflicts():
        agency.save(update_fields=changed)
    record(events.AgencyChanged(agency.code, changed), subject=agency, agency=agency.pk, by=by, at=at)
    return agency


@action
def move_agency(agency: Agency, parent: Agency | None, *, by: Actor, at: datetime) -> Agency:
    """Hang an agency, with all below it, under another parent. Raises `Refused` for a circle."""
    _lock_tree()
    agency = _open(agency, at)
    above: list[UUID] = [] if parent is None else _open(parent, at).path
    if agency.pk in above:
        raise Refused("agency_circle", _("An agency cannot hang under itself."), field="parent")
    depth = len(agency.path) - 1
    below = list(Agency.objects.below(agency))
    for one in below:
        one.path = [*above, *one.path[depth:]]
        if one.pk == agency.pk:
            one.parent = parent
    Agency.objects.bulk_update(below, ["path", "parent"], batch_size=500)
    record(events.AgencyMoved(parent.pk if parent else None), subject=agency, agency=agency.pk, by=by, at=at)
    return Agency.objects.get(pk=agency.pk)


@action
def close_agency(agency: Agency, *, by: Actor, at: datetime) -> Agency:
    """End an agency and the posts in it. Raises `Refused` while agencies below it are open."""
    _lock_tree()
    agency = _open(agency, at)
    if agency.children.open_at(at).exists():
        raise Refused("agency_has_children", _("Close or move the agencies below it first."))
    posts = list(agency.staff.select_for_update().filter(valid_to=None))
    substitutions = end_all(dependent_on(posts), at)
    Staff.objects.filter(pk__in=[post.pk for post in posts]).update(valid_to=at)
    agency.valid_to = at
    agency.save(update_fields=["valid_to"])
    facts = [Fact(events.AgencyClosed(agency.code), agency, agency.pk)]
    facts += [Fact(events.StaffEnded(post.account_id), post, agency.pk) for post in posts]
    record_all([*facts, *substitutions], by=by, at=at)
    return agency


@action
def add_staff(
    account: Any,
    agency: Agency,
    *,
    roles: Sequence[str],
    title: str = "",
    capacity: str = Capacity.OWN,
    by: Actor,
    at: datetime,
) -> Staff:
    """Give an official account a post in an agency. Raises `Refused` for a second post there or no role."""
    if account.kind != "official":
        raise Refused("not_official", _("Only an official's account can hold a post."), field="account")
    agency = _open(agency, at)
    staff = Staff(
        account=account,
        agency=agency,
        roles=_roles(roles),
        title=title.strip(),
        capacity=_capacity(capacity),
        valid_from=at,
    )
    try:
        with transaction.atomic():
            staff.save(force_insert=True)
    except IntegrityError as wrong:
        raise Refused("already_staff", _("This person already works in this agency."), field="account") from wrong
    record(events.StaffAdded(account.pk, staff.roles, staff.capacity), subject=staff, agency=agency.pk, by=by, at=at)
    return staff


@action
def change_staff(staff: Staff, *, by: Actor, at: datetime, **fields: Unpack[StaffFields]) -> Staff:
    """Change roles, title or signing capacity from now on."""
    staff = _in_post(staff)
    if "roles" in fields:
        fields["roles"] = _roles(fields["roles"])
        if Role.ADMINISTRATOR in staff.roles and Role.ADMINISTRATOR not in fields["roles"]:
            _not_oneself(staff, by)
    if "capacity" in fields:
        fields["capacity"] = _capacity(fields["capacity"])
    changed = _set(staff, fields)
    if changed:
        staff.save(update_fields=changed)
        broader = [one for one in staff.substitutes.all() if not set(one.roles) <= set(staff.roles)]
        if facts := end_all(broader, at):  # nobody stands in for rights that are gone
            record_all(facts, by=by, at=at)
        event = events.StaffChanged(staff.roles, staff.capacity, changed)
        record(event, subject=staff, agency=staff.agency_id, by=by, at=at)
    return staff


@action
def end_staff(staff: Staff, *, by: Actor, at: datetime) -> Staff:
    """End a post; the account stays. Raises `Refused` for one's own post."""
    staff = _in_post(staff)
    _not_oneself(staff, by)
    staff.valid_to = at
    staff.save(update_fields=["valid_to"])
    ended = Fact(events.StaffEnded(staff.account_id), staff, staff.agency_id)
    record_all([ended, *end_all(dependent_on([staff]), at)], by=by, at=at)
    return staff


def _lock_tree() -> None:
    """One change of the tree's shape at a time: paths of a whole branch are rewritten together."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('agencies.tree'))")


def _open(agency: Agency, at: datetime) -> Agency:
    agency = Agency.objects.select_for_update().get(pk=agency.pk)
    if agency.valid_to is not None and agency.valid_to <= at:
        raise Refused("agency_closed", _("This agency is closed."))
    return agency


def _in_post(staff: Staff) -> Staff:
    staff = Staff.objects.select_for_update().get(pk=staff.pk)
    if staff.valid_to is not None:
        raise Refused("post_ended", _("This post has already ended."))
    return staff


def _not_oneself(staff: Staff, by: Actor) -> None:
    if by.id == str(staff.account_id):
        raise Refused("own_post", _("Ask another administrator to end your own post or rights."))


def _set(row: Any, fields: Any) -> list[str]:
    """Set what differs and say which fields those are."""
    changed = sorted(name for name, value in fields.items() if getattr(row, name) != value)
    for name in changed:
        setattr(row, name, fields[name])
    return changed


def _parsed(code: str) -> str:
    try:
        return codes.parse(code)
    except ValueError as wrong:
        message = _("An agency code has groups of capital letters and digits with dots between, such as H15.50.05.")
        raise Refused("agency_code_malformed", message, field="code", status=422) from wrong


def _old(code: str) -> str:
    code = code.strip().upper()
    if code and not codes.is_old(code):
        message = _("An old agency code looks like 000.05.50.H15.")
        raise Refused("agency_old_code_malformed", message, field="old_code", status=422)
    return code


def _roles(roles: Sequence[str]) -> list[str]:
    if not roles or not set(roles) <= set(Role.values):
        raise Refused("roles", _("Choose at least one role."), field="roles", status=422)
    return [role for role in Role.values if role in roles]


def _capacity(capacity: str) -> str:
    if capacity not in Capacity.values:
        raise Refused("capacity", _("Choose one of the signing capacities."), field="capacity", status=422)
    return str(capacity)


@contextmanager
def _code_conflicts() -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
    except IntegrityError as wrong:
        field = "old_code" if "old_code_once" in str(wrong) else "code"
        raise Refused("agency_code_taken", _("Another agency has this code."), field=field) from wrong
