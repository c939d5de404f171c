"""The staff directory (LDAP or Active Directory): whom a name means there, and whether a password is theirs.

`Directory` speaks with it and is loaded only where one is configured.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from .ldap import Directory


class DirectoryAway(Exception):
    """The directory did not answer, or not as one that can be trusted."""


@dataclass(frozen=True)
class Listed:
    """An enabled entry: its unchanging id (hexadecimal where it is no text), where it stands, its name."""

    id: str
    dn: str
    username: str


def configured() -> Directory | None:
    """The directory of this install; None where there is none."""
    c = settings.TINHSO
    if not c.ldap_url:
        return None
    from .ldap import Directory

    return Directory(
        c.ldap_url, c.ldap_ca, c.ldap_bind_dn, c.ldap_bind_password, c.ldap_base, c.ldap_filter, c.ldap_username,
        c.ldap_id,
    )  # fmt: skip
