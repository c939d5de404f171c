"""Finds the install a command works on: its configuration and its database."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from tinhso.config.config import Config, Mode, load

from . import safety
from .embedded_postgres import APP, OWNER, embedded

RESTORING = "restoring.json"  # in DATA_DIR while a restore is under way


class Stop(Exception):
    """A command cannot go on; the message says why and what to do. Exit code 2."""


def configured() -> Config:
    """The configuration; its data folder exists."""
    config = load()
    config.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    return config


@contextlib.contextmanager
def install(*, restoring: bool = False) -> Iterator[Config]:
    """The configuration, with a database that runs for as long as the block.

    Without `DATABASE_URL` that is the embedded PostgreSQL of `DATA_DIR`. Raises `Stop` where
    production is set up unsafely, or where a restore is not through (unless `restoring`).
    """
    config = configured()
    if not restoring and (note := config.data_dir / RESTORING).exists():
        raise Stop(f"A restore was begun and is not through. Run its `tinhso restore` again (see {note}).")
    if config.mode is Mode.PRODUCTION and (unsafe := safety.unsafe_settings(config)):
        raise Stop("Production refuses these settings:\n" + "\n".join(f"  - {line}" for line in unsafe))
    if config.mode is Mode.PRODUCTION and safety.is_copy(config.database_url):
        raise Stop("The database is an anonymised copy. It is for training, tests and repairs, not for production.")
    if config.database_url:
        yield config
        return
    with embedded(config.data_dir).hold() as cluster:
        yield config.model_copy(update={"database_url": cluster.url(APP), "database_owner_url": cluster.url(OWNER)})


def start_django(config: Config, *, owner: bool = False) -> None:
    """Make models and settings usable in this process, as the application or as the owner of the tables."""
    publish(config, owner=owner)
    import django

    django.setup()


def publish(config: Config, *, owner: bool = False) -> None:
    """Let this process and those it starts find `config`'s data and database."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tinhso.config.settings"
    os.environ["DATA_DIR"] = str(config.data_dir)
    os.environ["DATABASE_URL"] = (owner and config.database_owner_url) or config.database_url
