"""What accounts and persons tell the ledger: ids, states and names of fields, never their contents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ..ledger.events import Event


@dataclass(frozen=True)
class PersonRegistered(Event, name="person.registered"):
    identified: bool  # by a national ID


@dataclass(frozen=True)
class PersonChanged(Event, name="person.changed"):
    fields: list[str]


@dataclass(frozen=True)
class PersonLookedUp(Event, name="person.looked_up"):
    """In the access log: an administrator saw what is held, to erase it."""


@dataclass(frozen=True)
class PersonErased(Event, name="person.erased"):
    pass


@dataclass(frozen=True)
class AccountCreated(Event, name="account.created"):
    kind: str
    person: UUID | None


@dataclass(frozen=True)
class AccountChanged(Event, name="account.changed"):
    fields: list[str]


@dataclass(frozen=True)
class SignedIn(Event, name="account.signed_in"):
    method: str  # password, vneid, passkey, directory
    second_factor: bool


@dataclass(frozen=True)
class SignInFailed(Event, name="account.sign_in_failed"):
    method: str  # password, second_factor, directory
    failures: int  # in a row


@dataclass(frozen=True)
class SignedOut(Event, name="account.signed_out"):
    reason: str  # asked, idle


@dataclass(frozen=True)
class AccountLocked(Event, name="account.locked"):
    until: datetime


@dataclass(frozen=True)
class AccountUnlocked(Event, name="account.unlocked"):
    pass


@dataclass(frozen=True)
class AccountDisabled(Event, name="account.disabled"):
    reason: str  # idle, administrator, erased, directory


@dataclass(frozen=True)
class AccountIdleWarned(Event, name="account.idle_warned"):
    """Nobody has used it for long; unless someone does, it is disabled then."""

    until: datetime


@dataclass(frozen=True)
class AccountEnabled(Event, name="account.enabled"):
    pass


@dataclass(frozen=True)
class PasswordChanged(Event, name="account.password_changed"):
    pass


@dataclass(frozen=True)
class DirectoryChosen(Event, name="account.directory_chosen"):
    """The staff directory checks the password from now on."""


@dataclass(frozen=True)
class DirectoryLinked(Event, name="account.directory_linked"):
    """The account is tied to one entry of the directory, whatever its name becomes."""


@dataclass(frozen=True)
class PasswordHandedOut(Event, name="account.password_handed_out"):
    """On paper, for one sign-in, to somebody an official has identified."""

    until: datetime
    identified_by: str  # id_card


@dataclass(frozen=True)
class SecondFactorChanged(Event, name="account.second_factor_changed"):
    kind: str  # totp, webauthn, recovery_codes
    state: str  # added, removed, renewed


@dataclass(frozen=True)
class ApiClientIssued(Event, name="api_client.issued"):
    account: UUID
    scopes: list[str]
    valid_to: datetime | None


@dataclass(frozen=True)
class DeviceAdded(Event, name="device.added"):
    """It has a code to enrol with, and no key yet."""

    account: UUID
    kind: str
    scopes: list[str]


@dataclass(frozen=True)
class DeviceEnrolled(Event, name="device.enrolled"):
    account: UUID
    key: str  # SHA-256 of its public key


@dataclass(frozen=True)
class ApiClientRevoked(Event, name="api_client.revoked"):
    account: UUID


@dataclass(frozen=True)
class BusinessRegistered(Event, name="business.registered"):
    """An official has seen its registration; its code and name stay in the row."""


@dataclass(frozen=True)
class BusinessRenamed(Event, name="business.renamed"):
    pass


@dataclass(frozen=True)
class AuthorityGiven(Event, name="business.authority_given"):
    """A person may act for the business from now on, until then if a time is named."""

    authority: UUID
    person: UUID
    role: str  # legal, authorised
    until: datetime | None


@dataclass(frozen=True)
class AuthorityEnded(Event, name="business.authority_ended"):
    authority: UUID
    person: UUID
