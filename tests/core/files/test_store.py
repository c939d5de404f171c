"""Storing, owning and letting go, also all at once."""

from __future__ import annotations

import io
import threading
import time
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from tests.core.files import samples
from tests.core.files.samples import LAN, NOW, TUAN

from tinhso.core.files import actions, disk, jobs, queries
from tinhso.core.files.models import FileLink, StoredFile
from tinhso.core.ledger.actions import NotAllowed, Refused

pytestmark = pytest.mark.usefixtures("db")
DOSSIER = ("tests.dossier", uuid4())


def stored(data: bytes | None = None, name: str = "to-khai.pdf") -> FileLink:
    return actions.store_bytes(samples.pdf() if data is None else data, name=name, by=LAN, at=NOW)


def on_disk() -> list[str]:
    return list(disk.hashes()) if disk.root().exists() else []


def coming_in() -> list[str]:
    return [p.name for p in disk.incoming().iterdir()]


def collect_all() -> None:
    """Run the jobs that releases left behind."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT args->>'sha256' FROM procrastinate_jobs WHERE task_name = 'files.collect'")
        for (sha256,) in cursor.fetchall():
            jobs.collect(sha256=sha256)


def in_threads(count: int, function: Callable[[int], object]) -> list[object]:
    """Run `function` in so many threads at the same moment; returns results and exceptions."""
    gate = threading.Barrier(count)

    def run(number: int) -> object:
        gate.wait()
        try:
            return function(number)
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_what_was_stored_is_read_back() -> None:
    link = stored(samples.pdf("Nguyễn Thị Lan"), "Tờ khai.pdf")
    assert queries.read_bytes(link) == samples.pdf("Nguyễn Thị Lan")
    assert (link.name, link.file.mime, link.file.size) == (
        "Tờ khai.pdf",
        "application/pdf",
        len(samples.pdf("Nguyễn Thị Lan")),
    )
    assert coming_in() == []


def test_the_same_content_is_kept_once_and_lives_until_its_last_link() -> None:
    first, second = stored(name="a.pdf"), stored(name="b.pdf")
    assert first.pk != second.pk
    assert len(on_disk()) == 1
    actions.release(first, by=LAN, at=NOW)
    collect_all()
    assert queries.read_bytes(second) == samples.pdf()
    actions.release(second, by=LAN, at=NOW)
    collect_all()
    assert on_disk() == []
    assert not StoredFile.objects.exists()


def test_a_release_that_is_rolled_back_deletes_nothing() -> None:
    link = stored()
    with transaction.atomic():
        actions.release(link, by=LAN, at=NOW)
        transaction.set_rollback(True)
    collect_all()
    assert queries.read_bytes(link) == samples.pdf()


def test_all_files_of_an_owner_go_with_it() -> None:
    mine = [actions.attach(stored(samples.pdf(str(n))), DOSSIER, by=LAN, at=NOW) for n in range(3)]
    kept = stored(samples.pdf("other"))
    assert {link.pk for link in queries.links_of(DOSSIER)} == {link.pk for link in mine}
    actions.release_of(DOSSIER, by=LAN, at=NOW)
    collect_all()
    assert on_disk() == [kept.file_id]


def test_a_loose_upload_is_attached_by_its_uploader_only_and_once() -> None:
    link = stored()
    with pytest.raises(NotAllowed):
        actions.attach(link, DOSSIER, by=TUAN, at=NOW)
    actions.attach(link, DOSSIER, by=LAN, at=NOW)
    actions.attach(link, DOSSIER, by=LAN, at=NOW)  # a form sent twice
    with pytest.raises(Refused) as refused:
        actions.attach(link, ("tests.dossier", uuid4()), by=LAN, at=NOW)
    assert refused.value.code == "file_owned"


def test_a_file_moves_from_a_draft_to_the_dossier_it_became() -> None:
    draft = ("tests.draft", uuid4())
    link = actions.attach(stored(), draft, by=LAN, at=NOW)
    moved = actions.attach(link, DOSSIER, by=TUAN, at=NOW, moved_from=draft)
    assert moved.owner == DOSSIER


def test_a_file_over_the_limit_is_refused_and_leaves_nothing(settings) -> None:
    settings.TINHSO = settings.TINHSO.model_copy(update={"max_upload_mb": 1})
    with pytest.raises(Refused) as refused:
        actions.store(io.BytesIO(samples.noise(1 << 20)), name="to.pdf", by=LAN, at=NOW)
    assert (refused.value.code, refused.value.status) == ("file_too_large", 413)
    assert "1 MB" in str(refused.value)
    assert on_disk() == coming_in() == []


def test_a_stream_that_breaks_leaves_nothing() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int = -1) -> bytes:
            if self.tell() > 3_000_000:
                raise ConnectionResetError
            return super().read(size)

    with pytest.raises(ConnectionResetError):
        actions.store(Broken(samples.noise(5_000_000)), name="to.pdf", by=LAN, at=NOW)
    assert on_disk() == coming_in() == []


def test_a_hundred_megabytes_pass_through_a_few(settings) -> None:
    settings.TINHSO = settings.TINHSO.model_copy(update={"max_upload_mb": 101})

    class Long(io.RawIOBase):
        """100 MB that exist nowhere at once."""

        left = 100 << 20

        def read(self, size: int = -1) -> bytes:
            first = self.left == 100 << 20
            size = min(size, self.left)
            self.left -= size
            head, tail = (b"%PDF-1.7" if first else b""), (b"%%EOF" if not self.left and size else b"")
            return head + bytes(size - len(head) - len(tail)) + tail if size else b""

    tracemalloc.start()
    link = actions.store(Long(), name="lon.pdf", by=LAN, at=NOW)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert link.file.size == 100 << 20
    assert peak < 8 << 20


def test_sixteen_who_store_the_same_share_one_run_of_bytes() -> None:
    data = samples.noise(300_000)
    links = in_threads(16, lambda n: stored(data, f"{n}.pdf"))
    assert all(isinstance(link, FileLink) for link in links), links
    assert len({link.pk for link in links}) == 16
    assert StoredFile.objects.count() == len(on_disk()) == 1
    assert all(queries.read_bytes(link) == data for link in links)


def test_bytes_with_a_link_are_never_removed_while_others_release_the_same() -> None:
    """Storing, releasing, collecting and sweeping one content, over and over, in 8 threads."""
    data, kept = samples.noise(50_000), []

    def churn(number: int) -> None:
        for round_ in range(12):
            link = stored(data)
            assert queries.read_bytes(link) == data
            if (number + round_) % 3:
                actions.release(link, by=LAN, at=NOW)
                jobs.collected(link.file_id)
            else:
                kept.append(link)
            if number == 0:
                jobs.sweep_disk()

    errors = [e for e in in_threads(8, churn) if e is not None]
    assert errors == []
    assert kept
    assert all(queries.read_bytes(link) == data for link in kept)
    actions.release(kept, by=LAN, at=NOW)
    collect_all()
    assert on_disk() == []


def test_two_who_attach_one_link_to_two_dossiers_one_wins() -> None:
    link = stored()
    owners = [("tests.dossier", uuid4()) for _ in range(8)]
    results = in_threads(8, lambda n: actions.attach(link, owners[n], by=LAN, at=NOW))
    won = [r for r in results if isinstance(r, FileLink)]
    assert len(won) == 1
    assert all(isinstance(r, Refused) for r in results if r not in won)
    assert FileLink.objects.get(pk=link.pk).owner == won[0].owner


def test_a_link_that_is_attached_while_it_is_swept_is_either_kept_or_refused() -> None:
    late = NOW + timedelta(days=2)
    for _ in range(10):
        link = stored(samples.noise(100))

        def act(number: int, link: FileLink = link) -> object:
            return jobs.sweep_at(late) if number else actions.attach(link, DOSSIER, by=LAN, at=late)

        attached = in_threads(2, act)[0]
        if isinstance(attached, FileLink):
            assert queries.read_bytes(attached).startswith(b"%PDF")
        else:
            assert isinstance(attached, Refused)
            assert attached.code == "file_gone"


def test_bytes_of_a_rolled_back_store_are_swept() -> None:
    with transaction.atomic():
        stored()
        transaction.set_rollback(True)
    assert len(on_disk()) == 1
    jobs.sweep_disk()
    assert on_disk() == []


def test_the_sweep_spares_bytes_whose_store_is_not_committed_yet() -> None:
    with transaction.atomic():
        link = stored()
        in_threads(1, lambda _: jobs.sweep_disk())
    jobs.sweep_disk()
    assert queries.read_bytes(link) == samples.pdf()


def test_nobodys_uploads_go_after_a_day_and_owned_ones_stay() -> None:
    stored(samples.pdf("loose"))
    owned = actions.attach(stored(samples.pdf("owned")), DOSSIER, by=LAN, at=NOW)
    jobs.sweep_at(NOW + timedelta(hours=23))
    assert len(on_disk()) == 2
    jobs.sweep_at(NOW + timedelta(hours=25))
    assert on_disk() == [owned.file_id]


def test_what_a_killed_process_left_coming_in_is_swept_after_an_hour() -> None:
    left = disk.incoming() / "left-by-a-kill"
    left.write_bytes(b"x")
    jobs.sweep_at(NOW)
    assert left.exists()
    hour_ago = time.time() - 3700
    import os

    os.utime(left, (hour_ago, hour_ago))
    jobs.sweep_at(NOW)
    assert not left.exists()


def test_bytes_missing_on_disk_are_said_so() -> None:
    link = stored()
    disk.place_of(link.file_id).unlink()
    with pytest.raises(Refused) as refused:
        queries.open_link(link)
    assert (refused.value.code, refused.value.status) == ("file_missing", 503)
