"""What happens in an install under test, in processes of its own: `python -m tests.operations.work WHAT …`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tinhso.cli.install import install, start_django

PDF = b"%%PDF-1.7\n%s\n%%%%EOF\n"


def person(name: str) -> Any:
    from tinhso.core.accounts.actions import register_person
    from tinhso.core.ledger.actions import Actor

    return register_person("", full_name=name, by=Actor.system("test"), at=datetime.now(UTC))


def paper(text: str) -> None:
    from django.db import transaction

    from tinhso.core.files.actions import attach, store_bytes
    from tinhso.core.ledger.actions import Actor, new_id

    by, at = Actor.system("test"), datetime.now(UTC)
    link = store_bytes(PDF % text.encode(), name="to-khai.pdf", by=by, at=at)
    with transaction.atomic():
        attach(link, ("tests.thing", new_id()), by=by, at=at)


def numbers() -> str:
    """The next number of a book and the next code of an agency."""
    from tinhso.core.agencies.actions import create_agency
    from tinhso.core.agencies.models import Agency
    from tinhso.core.ledger.actions import Actor, new_id
    from tinhso.core.numbering.actions import dossier_code, next_number

    by, at = Actor.system("test"), datetime.now(UTC)
    agency = Agency.objects.filter(code="H1").first() or create_agency(
        code="H1", name="UBND xã Thử", short_name="Xã Thử", kind="commune", by=by, at=at
    )
    number = next_number("outgoing", agency=agency.pk, subject=("tests.thing", new_id()), by=by, at=at)
    return f"{number.value} {dossier_code(agency.code, at=at).rpartition('-')[2]}"


def settle() -> None:
    """What a worker does within a second, and what its copying thread does within ten."""
    from django.utils.module_loading import autodiscover_modules

    from tinhso.core.ledger import consumers, loop

    autodiscover_modules("consumers")
    loop.seal_now()
    consumers.catch_up()


def a_morning() -> str:
    """People, a paper and numbers; returns what `look` says."""
    person("Người Ở Lại")
    paper("to be replaced")
    numbers()
    settle()
    return look()


def two_days(backups: str, own: str = "") -> str:
    """Work, a backup, more work; then a moment; then work that a restore undoes, with an erasure.

    `own`: the database is a server of the operator's own.
    """
    from django.conf import settings

    from tinhso.cli.backup import backup, carry
    from tinhso.core.accounts.actions import erase_person
    from tinhso.core.ledger.actions import Actor

    forgotten = person("Người Được Xóa")
    paper("before the backup")
    numbers()
    settle()
    backup(settings.TINHSO, Path(backups), 2, print, own=bool(own))
    person("Người Ở Lại")
    paper("after the backup")
    numbers()
    settle()
    moment = datetime.now(UTC).isoformat()
    person("Người Đến Sau")
    erase_person(forgotten, by=Actor.system("test"), at=datetime.now(UTC))
    numbers()
    numbers()
    settle()
    carry(settings.TINHSO, 0)
    return moment


def earlier() -> None:
    """Data, under the tables of an earlier version."""
    from django.core.management import call_command

    person("Người Ở Lại")
    paper("before the upgrade")
    settle()
    call_command("migrate", "ledger", "0002", verbosity=0)


def look() -> str:
    """Names of persons, stored files whose bytes are there, events of restores and erasures."""
    from tinhso.core.accounts.models import Person
    from tinhso.core.files.disk import place_of
    from tinhso.core.files.models import StoredFile
    from tinhso.core.ledger.models import Entry

    names = sorted(Person.objects.values_list("full_name", flat=True))
    whole = sum(place_of(sha256).exists() for sha256 in StoredFile.objects.values_list("pk", flat=True))
    events = Entry.objects.filter(event__in=["ledger.restored", "person.erased"]).order_by("serial")
    return f"{names} {whole} files {list(events.values_list('event', flat=True))}"


if __name__ == "__main__":
    with install() as config:
        start_django(config, owner=sys.argv[1] == "earlier")
        print(globals()[sys.argv[1]](*sys.argv[2:]))
