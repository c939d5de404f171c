"""Substitutes (uỷ quyền): for a stated period B does A's work and signs in A's stead; it ends by itself.

A substitute's post is a post like any other, in A's agency, so that rights, scope and inbox follow
from it with no rule of their own; it only says whom it stands in for, and from when to when.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Q
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from ..ledger.actions import Actor, Fact, NotAllowed, Refused, action, record, record_all
from . import events
from .models import Capacity, Role, Staff

NEVER = {Role.ADMINISTRATOR}  # administrators are appointed, never stood in for


@action
def name_substitute(
    staff: Staff,
    substitute: Staff,
    *,
    valid_from: datetime,
    valid_to: datetime,
    roles: Sequence[str] = (),
    capacity: str = Capacity.TUQ,
    by: Actor,
    at: datetime,
) -> Staff:
    """`substitute` stands in for `staff` during [valid_from, valid_to): their tasks, and their signing as
    `capacity` (TUQ. or KT., NĐ 30/2020 article 13) where the roles include signing.

    `roles` empty: all of them but the administrator's. Raises `Refused`, naming the field: a period
    that is over or meets another one, oneself, someone who works neither in the agency nor below it,
    roles that `staff` does not have, a post that is itself a substitute's.
    """
    staff = Staff.objects.select_for_update(of=("self",)).select_related("agency").get(pk=staff.pk)
    substitute = Staff.objects.select_related("agency", "account").get(pk=substitute.pk)
    if staff.valid_to is not None or staff.stands_in_for_id is not None:
        raise Refused("not_ones_own", _("Only who holds a post themselves can name a substitute for it."))
    _check_period(staff, max(valid_from, at), valid_to, at)
    own = substitute.valid_to is None and substitute.stands_in_for_id is None
    near = staff.agency_id in substitute.agency.path
    if not own or not near or substitute.account_id == staff.account_id or substitute.account.disabled_at:
        message = _("Choose someone else who works in this agency or below it.")
        raise Refused("substitute", message, field="substitute", status=422)
    wanted = set(roles or staff.roles) - NEVER
    if not wanted or not wanted <= set(staff.roles):
        raise Refused("roles", _("Choose among the roles of who is away."), field="roles", status=422)
    if capacity not in (Capacity.TUQ, Capacity.KT):
        message = _("A substitute signs TUQ. or, as deputy, KT.")
        raise Refused("capacity", message, field="capacity", status=422)
    post = Staff(
        account_id=substitute.account_id,
        agency_id=staff.agency_id,
        roles=[role for role in Role.values if role in wanted],
        title=substitute.title,
        capacity=capacity,
        stands_in_for=staff,
        valid_from=max(valid_from, at),
        valid_to=valid_to,
    )
    post.save(force_insert=True)
    event = events.SubstituteNamed(staff.pk, post.account_id, post.roles, capacity, post.valid_from, valid_to)
    record(event, subject=post, agency=staff.agency_id, by=by, at=at)
    return post


@action
def end_substitution(post: Staff, *, by: Actor, at: datetime) -> None:
    """Ask for the work back before its time. Nothing happens when the period is over."""
    if post.stands_in_for_id is None:
        raise NotAllowed(_("This post is not a substitute's."))
    facts = end_all(Staff.objects.filter(pk=post.pk), at)
    if facts:
        record_all(facts, by=by, at=at)


def substitutes_at(posts: Iterable[Staff], at: datetime) -> list[Staff]:
    """Who stands in for these posts now or later, soonest first."""
    running = Staff.objects.filter(stands_in_for__in=posts, valid_to__gt=at)
    return list(running.select_related("account", "agency", "stands_in_for__account").order_by("valid_from", "pk"))


def end_all(posts: Iterable[Staff], at: datetime) -> list[Fact]:
    """End the substitutes' posts among `posts` that run or lie ahead; what is to be recorded."""
    running = Staff.objects.filter(pk__in=[post.pk for post in posts], stands_in_for__isnull=False, valid_to__gt=at)
    ended = list(running.select_for_update().order_by("pk"))
    facts = [Fact(events.SubstitutionEnded(one.account_id), one, one.agency_id) for one in ended]
    Staff.objects.filter(pk__in=[one.pk for one in ended if one.valid_from < at]).update(valid_to=at)
    Staff.objects.filter(pk__in=[one.pk for one in ended if one.valid_from >= at]).delete()  # never began
    return facts


def dependent_on(posts: Iterable[Staff]) -> list[Staff]:
    """Substitutes' posts that fall with these: of who is stood in for, and of the substitutes' own standing."""
    posts = list(posts)
    return list(
        Staff.objects.filter(
            Q(stands_in_for__in=posts) | Q(account__in=[p.account_id for p in posts], stands_in_for__isnull=False)
        )
    )


def _check_period(staff: Staff, start: datetime, end: datetime, at: datetime) -> None:
    if end <= start:
        message = _("The period must end after it begins, and not lie in the past.")
        raise Refused("period", message, field="until", status=422)
    meets = staff.substitutes.filter(valid_from__lt=end, valid_to__gt=start).select_related("account").first()
    if meets is not None and meets.valid_to is not None:
        message = _("%(who)s already stands in until %(day)s. End that first, or choose another period.")
        said = {"who": meets.account, "day": f"{localtime(meets.valid_to):%d/%m/%Y}"}
        raise Refused("period_taken", message % said, field="since")
