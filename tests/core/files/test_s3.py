"""Files in a bucket: the same promises as on disk, against a server that speaks S3 over HTTP."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from uuid import uuid4

import botocore.session
import pytest
from django.db import connection, transaction
from django.test import Client
from moto.server import ThreadedMotoServer
from tests.core.files import samples
from tests.core.files.samples import LAN, NOW
from tests.core.ui.people import a_citizen

from tinhso.cli.safety import missing_files
from tinhso.core.files import actions, disk, jobs, queries
from tinhso.core.files.models import FileLink, StoredFile
from tinhso.core.files.storage import storage
from tinhso.core.ledger.actions import Actor, Refused

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    running = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def bucket(server: str, settings) -> str:
    name = f"tinhso-{uuid4().hex[:8]}"
    given = {"s3_url": server, "s3_bucket": name, "s3_key": "key", "s3_secret": "secret"}
    settings.TINHSO = settings.TINHSO.model_copy(update=given)
    session = botocore.session.get_session()
    client = session.create_client(
        "s3", endpoint_url=server, region_name="us-east-1", aws_access_key_id="key", aws_secret_access_key="secret"
    )
    client.create_bucket(Bucket=name)
    return name


def stored(data: bytes | None = None, by: Actor = LAN) -> FileLink:
    return actions.store_bytes(data or samples.pdf(), name="to-khai.pdf", by=by, at=NOW)


def test_bytes_are_kept_once_in_the_bucket_and_nowhere_else(bucket: str) -> None:
    data = samples.noise(3 << 20)
    one, two = stored(data), stored(data)
    assert list(storage().hashes()) == [one.file_id] == [two.file_id]
    assert queries.read_bytes(one) == data
    assert list(disk.hashes()) == []
    assert list(disk.incoming().iterdir()) == []


def test_any_part_of_a_file_is_read_without_the_rest(bucket: str) -> None:
    data = samples.noise(2 << 20)
    with queries.open_link(stored(data)) as file:
        for place in (1_500_000, 10, len(data) - 5):
            file.seek(place)
            assert file.read(1000) == data[place : place + 1000]
        file.seek(-5, 2)
        assert file.read() == data[-5:]


def test_a_page_serves_a_range_of_it(bucket: str, client: Client) -> None:
    account = a_citizen("Lan")
    client.force_login(account)
    data = samples.noise(500_000)
    link = stored(data, Actor("account", str(account.pk)))
    answer = client.get(f"/tep/{link.pk}", headers={"Range": "bytes=100000-199999"})
    assert (answer.status_code, answer["Content-Range"]) == (206, f"bytes 100000-199999/{len(data)}")
    assert b"".join(answer) == data[100_000:200_000]


def test_the_last_release_deletes_the_object(bucket: str) -> None:
    one, two = stored(), stored()
    actions.release(one, by=LAN, at=NOW)
    assert jobs.collected(one.file_id)
    assert queries.read_bytes(two) == samples.pdf()
    actions.release(two, by=LAN, at=NOW)
    assert jobs.collected(two.file_id)
    assert list(storage().hashes()) == []
    assert StoredFile.objects.count() == 0


def test_objects_without_a_row_are_swept(bucket: str) -> None:
    kept, lost = stored(), stored(samples.pdf("khác"))
    FileLink.objects.filter(pk=lost.pk).delete()
    StoredFile.objects.filter(pk=lost.file_id).delete()
    jobs.sweep_disk()
    assert list(storage().hashes()) == [kept.file_id]


def test_objects_that_are_not_there_are_named_and_so_is_a_bucket_that_cannot_be_read(bucket: str, settings) -> None:
    rows = sorted(stored(samples.pdf(f"bản {n}")).file_id for n in range(5))
    assert list(missing_files()) == []
    for sha256 in (rows[0], rows[3]):
        storage().remove(sha256)
    assert [line.split()[1] for line in missing_files()] == [rows[0], rows[3]]
    storage().remove(rows[4])
    assert len(list(missing_files())) == 3
    settings.TINHSO = settings.TINHSO.model_copy(update={"s3_bucket": "nobody-made-it"})
    assert list(missing_files()) == ["file: the bucket cannot be read: s3:NoSuchBucket"]


def test_nothing_travels_inside_a_transaction(bucket: str) -> None:
    with pytest.raises(RuntimeError, match="outside any transaction"), transaction.atomic():
        stored()
    assert list(storage().hashes()) == []


def test_a_store_that_is_away_is_said_so_and_leaves_nothing(bucket: str, settings) -> None:
    link = stored()
    settings.TINHSO = settings.TINHSO.model_copy(update={"s3_url": "http://127.0.0.1:9"})
    with pytest.raises(Refused) as refused:
        stored(samples.pdf("khác"))
    assert (refused.value.code, refused.value.status) == ("store_away", 503)
    with pytest.raises(Refused, match="tạm thời không trả lời"):
        queries.open_link(link)
    assert StoredFile.objects.count() == 1
    assert list(disk.incoming().iterdir()) == []


def test_an_upload_that_breaks_on_its_way_to_the_bucket_leaves_nothing(bucket: str, server: str, settings) -> None:
    """A wire between us and the store that is cut after 200 kB, three times as often as we try."""
    with Wire(server, cut_after=200_000) as wire:
        settings.TINHSO = settings.TINHSO.model_copy(update={"s3_url": wire.url})
        with pytest.raises(Refused) as refused:
            stored(samples.noise(3 << 20))
    assert refused.value.code == "store_away"
    settings.TINHSO = settings.TINHSO.model_copy(update={"s3_url": server})
    assert list(storage().hashes()) == []
    assert StoredFile.objects.count() == FileLink.objects.count() == 0


def test_an_object_that_is_gone_is_said_so(bucket: str) -> None:
    link = stored()
    storage().remove(link.file_id)
    with pytest.raises(Refused) as refused:
        queries.open_link(link)
    assert refused.value.code == "file_missing"


def test_bytes_with_a_link_survive_others_who_release_the_same(bucket: str) -> None:
    data, kept, errors = samples.noise(20_000), [], []

    def churn(number: int) -> None:
        try:
            for round_ in range(4):
                link = stored(data)
                assert queries.read_bytes(link) == data
                if (number + round_) % 2:
                    actions.release(link, by=LAN, at=NOW)
                    jobs.collected(link.file_id)
                else:
                    kept.append(link)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=churn, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert all(queries.read_bytes(link) == data for link in kept)


class Wire:
    """A TCP relay that is cut after so many bytes towards the server."""

    def __init__(self, server: str, cut_after: int) -> None:
        host, _, port = server.removeprefix("http://").partition(":")
        self.target, self.cut_after = (host, int(port)), cut_after
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def __enter__(self) -> Wire:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._relay, args=(near,), daemon=True).start()

    def _relay(self, near: socket.socket) -> None:
        with near, socket.create_connection(self.target) as far:
            back = threading.Thread(target=self._back, args=(far, near), daemon=True)
            back.start()
            left = self.cut_after
            while left > 0 and (data := near.recv(min(65_536, left))):
                far.sendall(data)
                left -= len(data)
            for one in (far, near):
                one.shutdown(socket.SHUT_RDWR)
            back.join()

    def _back(self, far: socket.socket, near: socket.socket) -> None:
        try:
            while data := far.recv(65_536):
                near.sendall(data)
        except OSError:
            return
