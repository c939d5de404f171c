"""Staff from a table: accounts and posts, shown first, then done as a whole; a second run changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext as _

from ..agencies import codes
from ..agencies import events as agency_events
from ..agencies.imports import CHANGED, NEW, SAME
from ..agencies.models import Agency, Capacity, Role, Staff
from ..agencies.queries import agencies_of
from ..agencies.tables import Column, Row, plain
from ..ledger.actions import Actor, Fact, Refused, action, record_all
from . import events, identity
from .models import Account, AccountKind
from .queries import accounts_of

COLUMNS = (
    Column("username", ("Tên đăng nhập",), "nguyen.van.a", needed=True),
    Column("display_name", ("Họ và tên",), "Nguyễn Văn A", needed=True),
    Column("agency", ("Mã cơ quan", "Mã định danh cơ quan"), "H15.24133", needed=True),
    Column("roles", ("Vai trò",), "Chuyên viên; Văn thư", needed=True),
    Column("title", ("Chức danh",), "Công chức Tư pháp - Hộ tịch"),
    Column("capacity", ("Thẩm quyền ký",), ""),
    Column("phone", ("Số điện thoại", "Điện thoại"), "0900000001"),
    Column("email", ("Thư điện tử", "Email"), "a@example.gov.vn"),
)
_USERNAME = re.compile(r"[a-z][a-z0-9._-]{2,59}")
_OWN = ("display_name", "phone", "email")
_POST = ("roles", "title", "capacity")


def roles() -> dict[str, str]:
    """Roles by what may stand in the table: code or name."""
    return {plain(str(word)): value for value, label in Role.choices for word in (value, label)}


def plan(rows: Iterable[Row], staff: Staff, at: datetime) -> list[tuple[Row, str]]:
    """What each row would do, after filling in `row.errors` where it cannot be done; nothing is changed."""
    rows = list(rows)
    world = _World(rows, staff, at)
    return [(row, world.check(row)) for row in rows]


class _World:
    """What there is now, read once for all rows."""

    def __init__(self, rows: list[Row], staff: Staff, at: datetime) -> None:
        self.agencies = {agency.code: agency for agency in agencies_of(staff).open_at(at)}
        names = [row.values["username"].lower() for row in rows]
        self.accounts = {one.username: one for one in Account.objects.filter(username__in=names)}
        self.mine = set(accounts_of(staff).filter(username__in=names).values_list("username", flat=True))
        posts = Staff.objects.filter(account__username__in=names, valid_to=None).select_related("account", "agency")
        self.posts = {(post.account.username, post.agency.code): post for post in posts}
        self.seen: set[tuple[str, str]] = set()
        self.first: dict[str, dict[str, Any]] = {}

    def check(self, row: Row) -> str:
        self._clean(row)
        v, errors = row.values, row.errors
        if errors:
            return ""
        key = (v["username"], v["agency"])
        if key in self.seen:
            errors["username"] = _("This person stands in the table twice for this agency.")
        self.seen.add(key)
        own = {name: v[name] for name in _OWN}
        if self.first.setdefault(v["username"], own) != own:
            errors["username"] = _("Name, telephone or e-mail differ from another row of the same person.")
        account, post = self.accounts.get(v["username"]), self.posts.get(key)
        if account is not None and account.kind != AccountKind.OFFICIAL:
            errors["username"] = _("Another account has this username.")
        elif account is not None and v["username"] not in self.mine and self._differs(account, v):
            errors["username"] = _(
                "This account belongs beyond your reach; its name and contacts are not yours to change."
            )
        if account is None or post is None:
            return NEW
        own_same = not self._differs(account, v)
        return SAME if own_same and all(getattr(post, name) == v[name] for name in _POST) else CHANGED

    def _differs(self, account: Account, v: dict[str, Any]) -> bool:
        return any(v[name] and getattr(account, name) != v[name] for name in _OWN)

    def _clean(self, row: Row) -> None:
        v: dict[str, Any] = row.values
        errors = row.errors
        v["username"] = v["username"].lower()
        if not _USERNAME.fullmatch(v["username"]):
            errors["username"] = _(
                "A username has 3 to 60 letters without marks, digits, dots or hyphens, and begins with a letter."
            )
        for name, clean in (("display_name", identity.full_name), ("phone", identity.phone)):
            try:
                v[name] = clean(v[name])
            except Refused as refused:
                errors[name] = str(refused)
        v["email"] = v["email"].lower()
        if v["email"] and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", v["email"]):
            errors["email"] = _("This is not an e-mail address.")
        try:
            v["agency"] = codes.parse(v["agency"])
        except ValueError:
            errors["agency"] = _("This is not an agency code such as H15.50.05.")
        if "agency" not in errors and v["agency"] not in self.agencies:
            errors["agency"] = _("No agency within your reach has this code.")
        known = roles()
        words = v["roles"] if isinstance(v["roles"], list) else [w for w in re.split(r"[;,]", v["roles"]) if w.strip()]
        chosen = {known.get(plain(word), word) for word in words}
        if not chosen or not chosen <= set(Role.values):
            errors["roles"] = _("Choose among: %(roles)s.") % {"roles": "; ".join(str(label) for label in Role.labels)}
        v["roles"] = [role for role in Role.values if role in chosen] if "roles" not in errors else v["roles"]
        v["capacity"] = v["capacity"].rstrip(".").upper()
        if v["capacity"] not in Capacity.values:
            errors["capacity"] = _("Write TM., KT., TL., TUQ. or nothing.")
        if len(v["title"]) > 120:
            errors["title"] = _("Write between 1 and %(limit)d letters.") % {"limit": 120}


@action
def import_staff(rows: Iterable[Row], staff: Staff, *, by: Actor, at: datetime) -> dict[str, int]:
    """Do the whole table in one transaction and few statements; how many were new, changed and the same.

    New accounts have no password: their owners come in by the directory or by a link. Raises
    `Refused` when any row cannot be done, and for taking one's own rights away.
    """
    planned = plan(rows, staff, at)
    if any(row.errors for row, _what in planned):
        raise Refused("table_errors", _("The table has errors, so nothing of it was taken over."), status=422)
    names = {row.values["username"] for row, _what in planned}
    there = {a.username: a for a in Account.objects.select_for_update().filter(username__in=names).order_by("pk")}
    agencies = {agency.code: agency for agency in agencies_of(staff).open_at(at)}
    open_posts = Staff.objects.select_for_update(of=("self",)).filter(account__username__in=names, valid_to=None)
    posts = {(post.account_id, post.agency_id): post for post in open_posts.order_by("pk")}
    facts: list[Fact] = []
    new_accounts: dict[str, Account] = {}
    changed_accounts: dict[str, Account] = {}
    new_posts, changed_posts = [], []
    for row, _what in planned:
        v: dict[str, Any] = row.values
        account = there.get(v["username"]) or new_accounts.get(v["username"])
        if account is None:
            account = new_accounts[v["username"]] = _account(v, at)
            facts.append(Fact(events.AccountCreated(account.kind, None), account))
        elif fields := [name for name in _OWN if v[name] and getattr(account, name) != v[name]]:
            for name in fields:
                setattr(account, name, v[name])
            changed_accounts[account.username] = account
            facts.append(Fact(events.AccountChanged(sorted(fields)), account))
        agency = agencies[v["agency"]]
        post = posts.get((account.pk, agency.pk))
        if post is None:
            post = _post(account, agency, v, at)
            new_posts.append(post)
            facts.append(Fact(agency_events.StaffAdded(account.pk, post.roles, post.capacity), post, agency.pk))
        elif fields := [name for name in _POST if getattr(post, name) != v[name]]:
            _keeps_own_rights(post, v["roles"], by)
            for name in fields:
                setattr(post, name, v[name])
            changed_posts.append(post)
            facts.append(Fact(agency_events.StaffChanged(post.roles, post.capacity, sorted(fields)), post, agency.pk))
    Account.objects.bulk_create(new_accounts.values())
    Account.objects.bulk_update(changed_accounts.values(), _OWN, batch_size=500)
    Staff.objects.bulk_create(new_posts)
    Staff.objects.bulk_update(changed_posts, _POST, batch_size=500)
    if facts:
        record_all(facts, by=by, at=at)
    return {what: sum(one == what for _row, one in planned) for what in (NEW, CHANGED, SAME)}


def _account(v: dict[str, Any], at: datetime) -> Account:
    own = {name: v[name] for name in _OWN}
    return Account(
        username=v["username"], kind=AccountKind.OFFICIAL, password=make_password(None), created_at=at, **own
    )


def _post(account: Account, agency: Agency, v: dict[str, Any], at: datetime) -> Staff:
    return Staff(account=account, agency=agency, valid_from=at, **{name: v[name] for name in _POST})


def _keeps_own_rights(post: Staff, wanted: list[str], by: Actor) -> None:
    if by.id == str(post.account_id) and Role.ADMINISTRATOR in post.roles and Role.ADMINISTRATOR not in wanted:
        raise Refused("own_post", _("Ask another administrator to end your own post or rights."))
