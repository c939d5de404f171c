"""Every change of persons, accounts and API clients."""

from .accounts import (
    appoint,
    change_account,
    change_password,
    create_account,
    disable_account,
    disable_idle,
    enable_account,
    unlock_account,
    warn_idle,
)
from .businesses import authorise, end_authority, give_authority, register_business
from .clients import issue_api_client, revoke_api_client
from .counter import open_at_counter
from .devices import add_device, enrol_device
from .directory import link_to_directory, still_listed, sync_directory, use_directory
from .erasure import erase_person
from .persons import Details, Profile, change_profile, identify, register_person
from .sign_in import (
    Attempted,
    begin_attempt,
    end_attempt,
    fail_attempt,
    locked,
    password_attempt,
    second_factor_changed,
    signed_in,
    signed_out,
    sweep_attempts,
)

__all__ = [
    "Attempted",
    "Details",
    "Profile",
    "add_device",
    "appoint",
    "authorise",
    "begin_attempt",
    "change_account",
    "change_password",
    "change_profile",
    "create_account",
    "disable_account",
    "disable_idle",
    "enable_account",
    "end_attempt",
    "end_authority",
    "enrol_device",
    "erase_person",
    "fail_attempt",
    "give_authority",
    "identify",
    "issue_api_client",
    "link_to_directory",
    "locked",
    "open_at_counter",
    "password_attempt",
    "register_business",
    "register_person",
    "revoke_api_client",
    "second_factor_changed",
    "signed_in",
    "signed_out",
    "still_listed",
    "sweep_attempts",
    "sync_directory",
    "unlock_account",
    "use_directory",
    "warn_idle",
]
