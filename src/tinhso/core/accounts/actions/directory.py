"""Staff who sign in by the province's directory: tried there, linked here, disabled here when disabled there."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from ...ledger.actions import Actor, Fact, Refused, action, record, record_all
from .. import directory, events
from ..models import Account, AccountKind
from .accounts import disable_account

log = structlog.get_logger(__name__)
BY = Actor.system("directory")
MANY = 5  # so many may be gone at once without a second look; above it at most half


@action
def use_directory(account: Account, *, by: Actor, at: datetime) -> Account:
    """From now on this official signs in by the directory: the password kept here goes."""
    account = Account.objects.select_for_update().get(pk=account.pk)
    if account.kind != AccountKind.OFFICIAL:
        raise Refused("not_official", _("Only officials stand in the staff directory."))
    if by.id == str(account.pk):
        raise Refused("own_account", _("Keep your own password: it lets you in when the directory is away."))
    account.set_unusable_password()
    account.save(update_fields=["password"])
    record(events.DirectoryChosen(), subject=account, by=by, at=at)
    return account


@action
def link_to_directory(account: Account, ident: str, *, at: datetime) -> Account:
    """Remember the entry of the directory that this account is. Raises `Refused` when it is another's already."""
    if account.directory_id != ident:
        account.directory_id = ident
        try:
            with transaction.atomic():
                account.save(update_fields=["directory_id"])
        except IntegrityError as wrong:
            message = _("Your entry in the directory belongs to another account here. Tell your administrator.")
            raise Refused("directory_entry_taken", message, status=403) from wrong
        record(events.DirectoryLinked(), subject=account, by=BY, at=at)
    return account


def still_listed(account: Account, *, at: datetime) -> bool:
    """Whether a linked account may come in by other means (a passkey): not once it is disabled in the directory.

    While the directory is away the last hourly comparison counts.
    """
    where = directory.configured()
    if where is None or not account.directory_id:
        return True
    try:
        listed = where.find_id(account.directory_id) is not None
    except directory.DirectoryAway as away:
        log.warning("directory_away", error=str(away))
        return True
    if not listed and account.disabled_at is None:
        disable_account(account, reason="directory", by=BY, at=at)
    return listed


def sync_directory(*, at: datetime) -> int:
    """Disable linked accounts that are no longer enabled in the directory; says how many. Run hourly.

    Raises `DirectoryAway`; and `Refused` when more than half would go at once, which is rather
    a wrong `LDAP_BASE` or `LDAP_FILTER` than half a province leaving.
    """
    where = directory.configured()
    if where is None:
        return 0
    listed = where.everyone()
    return _disable_gone(listed, at=at)


@action
def _disable_gone(listed: set[str], *, at: datetime) -> int:
    linked = Account.objects.exclude(directory_id="").filter(disabled_at=None).select_for_update()
    accounts = list(linked.order_by("pk"))
    gone = [account for account in accounts if account.directory_id not in listed]
    if len(gone) > max(MANY, len(accounts) // 2):
        message = _("The directory no longer lists %(gone)d of %(all)d accounts. Check LDAP_BASE and LDAP_FILTER.")
        raise Refused("directory_suspicious", message % {"gone": len(gone), "all": len(accounts)})
    if gone:
        Account.objects.filter(pk__in=[account.pk for account in gone]).update(disabled_at=at)
        record_all([Fact(events.AccountDisabled("directory"), account) for account in gone], by=BY, at=at)
    return len(gone)
