"""Infected files are refused, recorded and gone; by a real clamd with one signature of our own."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from tests.core.files import samples
from tests.core.files.samples import LAN, NOW

from tinhso.core.files import actions, disk, queries, scan
from tinhso.core.files.models import FileLink, StoredFile
from tinhso.core.ledger.actions import Actor, Refused

pytestmark = [
    pytest.mark.usefixtures("db"),
    pytest.mark.skipif(not shutil.which("clamd"), reason="needs clamav-daemon (apt)"),
]
BAD = samples.pdf("một tệp mà chữ ký thử nhận ra")
NAME = "Tinhso.Test.Signature"
LIMIT = 2 << 20  # the daemon's StreamMaxLength here


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """clamd on a unix socket, knowing one file by its hash; ends with the module. Where it runs is its folder, and the
    socket's name is relative to it: the whole path may be longer than a socket's may be."""
    folder = tmp_path_factory.mktemp("clamd")
    (folder / "db").mkdir()
    (folder / "db" / "own.hdb").write_text(f"{hashlib.md5(BAD).hexdigest()}:{len(BAD)}:{NAME}\n")
    place = folder / "clamd.ctl"
    lines = [
        f"DatabaseDirectory {folder / 'db'}", "LocalSocket clamd.ctl", "Foreground yes", f"StreamMaxLength {LIMIT}",
        "MaxThreads 4", *(["User root"] if os.geteuid() == 0 else []),
    ]  # fmt: skip
    (folder / "clamd.conf").write_text("\n".join(lines) + "\n")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(["clamd", "-c", str(folder / "clamd.conf")], stdout=log, stderr=log, cwd=folder)
    try:
        _wait(place, process, folder / "log")
        yield folder
    finally:
        process.terminate()
        process.wait(20)


def _wait(place: Path, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while not place.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"clamd did not start:\n{log.read_text(errors='replace')}")
        time.sleep(0.02)


@pytest.fixture
def clamav(daemon: Path, settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(daemon)
    settings.TINHSO = settings.TINHSO.model_copy(update={"clamav_url": "unix:clamd.ctl"})


def stored(data: bytes, by: Actor = LAN) -> FileLink:
    return actions.store_bytes(data, name="to-khai.pdf", by=by, at=NOW)


def entries(event: str) -> list[dict[str, object]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload FROM ledger_entry WHERE event = %s", [event])
        return [row[0] for row in cursor.fetchall()]


def test_an_infected_file_is_refused_in_words_recorded_and_nothing_of_it_stays(clamav: None) -> None:
    with pytest.raises(Refused, match=NAME) as refused:
        stored(BAD)
    assert (refused.value.code, refused.value.status, refused.value.field) == ("file_infected", 422, "file")
    assert StoredFile.objects.count() == FileLink.objects.count() == 0
    assert list(disk.hashes()) == list(disk.incoming().iterdir()) == []
    (entry,) = entries("files.infected")
    assert NAME in str(entry)


def test_a_clean_file_is_taken(clamav: None) -> None:
    assert queries.read_bytes(stored(samples.noise(1 << 20))).startswith(b"%PDF")
    assert entries("files.infected") == entries("files.unscanned") == []


def test_while_the_daemon_is_away_nothing_is_taken(clamav: None, settings) -> None:
    settings.TINHSO = settings.TINHSO.model_copy(update={"clamav_url": "tcp://127.0.0.1:9"})
    with pytest.raises(Refused) as refused:
        stored(samples.pdf())
    assert (refused.value.code, refused.value.status) == ("scanner_away", 503)
    assert StoredFile.objects.count() == 0


def test_a_province_may_choose_to_take_files_meanwhile_and_it_is_recorded(clamav: None, settings) -> None:
    changes = {"clamav_url": "tcp://127.0.0.1:9", "clamav_when_away": "accept"}
    settings.TINHSO = settings.TINHSO.model_copy(update=changes)
    assert stored(samples.pdf()).pk
    assert len(entries("files.unscanned")) == 1


def test_a_file_longer_than_the_daemon_reads_counts_as_not_looked_at(clamav: None) -> None:
    with pytest.raises(Refused) as refused:
        stored(samples.noise(3 * LIMIT))
    assert refused.value.code == "scanner_away"


def test_what_the_house_makes_and_an_install_without_clamav_are_not_scanned(clamav: None, settings) -> None:
    assert stored(BAD, Actor.system("letters")).pk
    settings.TINHSO = settings.TINHSO.model_copy(update={"clamav_url": ""})
    assert stored(BAD).pk
    assert scan.TIMEOUT == 30
