"""Speaks LDAP with the staff directory.

Always encrypted (ldaps://, or STARTTLS before anything is said), the certificate checked. Whoever
no longer matches `LDAP_FILTER` counts as disabled there. Never called inside a transaction.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ldap3 import NONE, SUBTREE
from ldap3.core.connection import Connection
from ldap3.core.exceptions import LDAPException, LDAPInvalidCredentialsResult
from ldap3.core.server import Server
from ldap3.core.tls import Tls
from ldap3.utils.conv import escape_bytes, escape_filter_chars

from .directory import DirectoryAway, Listed

SECONDS = 5  # for a connection and for each answer
PAGE = 500


@dataclass(frozen=True)
class Directory:
    """One directory, as configured. Every method raises `DirectoryAway`."""

    url: str
    ca: str
    bind_dn: str
    bind_password: str
    base: str
    filter: str
    username: str
    id: str

    def find(self, username: str) -> Listed | None:
        """The one enabled entry with this username; None for none or several."""
        return self._one(f"({self.username}={escape_filter_chars(username)})")

    def find_id(self, ident: str) -> Listed | None:
        """The enabled entry with this unchanging id."""
        try:
            value = escape_bytes(bytes.fromhex(ident)) if "-" not in ident else escape_filter_chars(ident)
        except ValueError:
            value = escape_filter_chars(ident)
        return self._one(f"({self.id}={value})")

    def check(self, entry: Listed, password: str) -> bool:
        """Whether the password is this entry's. An empty one never is: LDAP would take it for an anonymous bind."""
        if not password:
            return False
        try:
            with self._connected(entry.dn, password):
                return True
        except LDAPInvalidCredentialsResult:
            return False

    def everyone(self) -> set[str]:
        """Ids of all enabled entries."""
        with self._connected() as connection:
            pages = connection.extend.standard.paged_search(
                self.base, self.filter, SUBTREE, attributes=[self.id, self.username], paged_size=PAGE, generator=True
            )
            return {entry.id for row in pages if (entry := self._listed(row))}

    def _one(self, condition: str) -> Listed | None:
        with self._connected() as connection:
            connection.search(
                self.base, f"(&{self.filter}{condition})", SUBTREE, attributes=[self.id, self.username], size_limit=2
            )
            found = [entry for row in connection.response or () if (entry := self._listed(row))]
        return found[0] if len(found) == 1 else None

    def _listed(self, row: dict[str, Any]) -> Listed | None:
        raw = row.get("raw_attributes") or {}
        ident, username = raw.get(self.id), raw.get(self.username)
        if row.get("type") != "searchResEntry" or not ident or not username:
            return None  # a referral to another directory, or an entry one cannot name
        return Listed(_text(ident[0]), str(row["dn"]), username[0].decode("utf-8", "replace").lower())

    @contextmanager
    def _connected(self, dn: str = "", password: str = "") -> Iterator[Connection]:
        tls = Tls(validate=ssl.CERT_REQUIRED, version=ssl.PROTOCOL_TLS_CLIENT, ca_certs_file=self.ca or None)
        server = Server(
            self.url, use_ssl=self.url.startswith("ldaps://"), tls=tls, connect_timeout=SECONDS, get_info=NONE
        )
        connection = Connection(
            server,
            user=dn or self.bind_dn,
            password=password or self.bind_password,
            receive_timeout=SECONDS,
            read_only=True,
            raise_exceptions=True,
            auto_referrals=False,
        )
        try:
            connection.open()
            if not server.ssl:
                connection.start_tls()
            connection.bind()
            yield connection
        except LDAPInvalidCredentialsResult as wrong:
            if dn:
                raise
            raise DirectoryAway("the directory refuses LDAP_BIND_DN") from wrong
        except (LDAPException, OSError) as error:
            raise DirectoryAway(type(error).__name__) from error
        finally:
            connection.strategy.close()
            if connection.socket is not None:  # the library leaves it open where connecting failed
                connection.socket.close()


def _text(raw: bytes) -> str:
    """`entryUUID` is text, `objectGUID` sixteen bytes."""
    try:
        text = raw.decode("ascii")
    except UnicodeDecodeError:
        return raw.hex()
    return text if text.isprintable() else raw.hex()
