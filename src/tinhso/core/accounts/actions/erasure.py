"""Erasing a person: rows go, the ledger's seals stay valid because it never held them."""

from __future__ import annotations

from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from ...ledger.actions import Actor, Fact, Refused, action, record_all
from ...ledger.models import Remark
from .. import events
from ..holdings import holdings
from ..models import Account, Person


@action
def erase_person(person: Person, *, reason: str = "", by: Actor, at: datetime) -> None:
    """Delete a person and all that any package holds about them, in one transaction.

    Their accounts stay as empty, disabled shells, because entries of the ledger name them. `reason`
    outlives the person, so it must not say who it was. Raises `Refused` for one that does, and when
    a package keeps data that the law does not let it delete.
    """
    _names_nobody(reason, person)
    person = Person.objects.select_for_update().get(pk=person.pk)
    for holding in reversed(holdings()):
        holding.erase(person, by, at)
    accounts = list(person.accounts.select_for_update())
    for account in accounts:
        _empty(account, at)
    facts = [Fact(events.PersonErased(), person, words=reason.strip())]
    facts += [Fact(events.AccountDisabled("erased"), account) for account in accounts]
    Remark.objects.filter(subject_id__in=[person.pk, *(account.pk for account in accounts)]).delete()
    record_all(facts, by=by, at=at)
    try:
        person.delete()
    except ProtectedError as wrong:
        raise Refused(
            "still_held", _("This person's data cannot be erased yet: records that must be kept name them.")
        ) from wrong


def _names_nobody(reason: str, person: Person) -> None:
    said = "".join(reason.casefold().split())
    known = (person.full_name, person.national_id, person.tax_code, person.phone, person.email)
    if any(value and "".join(value.casefold().split()) in said for value in known):
        message = _("The reason stays for good: write it without the person's name, numbers or address.")
        raise Refused("reason_names_person", message, field="reason", status=422)


def _empty(account: Account, at: datetime) -> None:
    for rows in (EmailAddress, SocialAccount, Authenticator):
        rows.objects.filter(user=account).delete()
    account.username, account.display_name = f"erased-{account.pk.hex}", "—"
    account.email = account.phone = ""
    account.person, account.disabled_at, account.one_time_until = None, at, None
    account.set_unusable_password()
    account.save()
