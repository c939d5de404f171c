"""From a database address to Django's settings."""

from __future__ import annotations

import functools
import os
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from .config import Config

SOCKET_PATH_LIMIT = 107  # bytes that the address of a unix socket can hold


def database_settings(config: Config, *, owner: bool = False) -> dict[str, Any]:
    """Settings of the application role, or of the owner of the tables for migrations."""
    return parse_url((owner and config.database_owner_url) or config.database_url)


def parse_url(url: str) -> dict[str, Any]:
    """`postgresql://user:password@host:port/name?host=/socket/folder` as Django wants it."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": reachable(query.pop("host", None) or unquote(parts.hostname or "")),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": query,
    }


@functools.cache
def reachable(host: str) -> str:
    """`host`, or a short way to the same socket folder where its path is too long for a socket's address.

    The folder is opened once a process and stays open, so the way holds across restarts of the server.
    """
    if not host.startswith("/") or len(os.fsencode(f"{host}/.s.PGSQL.5432")) <= SOCKET_PATH_LIMIT:
        return host
    return f"/proc/self/fd/{os.open(host, os.O_RDONLY | os.O_DIRECTORY)}"
