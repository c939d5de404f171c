"""How uploads come in, and what breaks off on the way."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.test import RequestFactory
from tests.core.files import samples
from tests.core.files.samples import LAN, NOW

from tinhso.core.files import actions, disk, queries
from tinhso.core.files.uploads import StoreHandler, Upload
from tinhso.core.ledger.actions import Refused

pytestmark = pytest.mark.usefixtures("db")
FACTORY = RequestFactory()


def posted(*files: bytes):
    """A form with files, received by our handler."""
    data = {f"file{n}": _named(content) for n, content in enumerate(files)}
    request = FACTORY.post("/", {**data, "phone": "0905 000 001"})
    request.upload_handlers = [StoreHandler(request)]
    return request


def _named(content: bytes) -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = "to-khai.pdf"
    return file


def coming_in() -> int:
    return len(list(disk.incoming().iterdir()))


def test_an_upload_is_written_to_disk_once_and_renamed() -> None:
    request = posted(samples.pdf("one"))
    upload = request.FILES["file0"]
    assert isinstance(upload, Upload)
    written = upload.incoming.path.stat().st_ino
    link = actions.store(upload, name=upload.name, by=LAN, at=NOW)
    assert disk.place_of(link.file_id).stat().st_ino == written
    request.close()
    assert queries.read_bytes(link) == samples.pdf("one")
    assert coming_in() == 0


def test_an_upload_that_nobody_stores_is_gone_with_the_request() -> None:
    request = posted(samples.pdf("one"), samples.pdf("two"))
    assert len(request.FILES) == 2
    assert coming_in() == 2
    request.close()
    assert coming_in() == 0


def test_one_file_too_large_is_refused_beside_its_field_and_the_rest_of_the_form_is_kept(settings) -> None:
    settings.TINHSO = settings.TINHSO.model_copy(update={"max_upload_mb": 1})
    request = posted(samples.noise(3 << 20), samples.pdf("small"))
    assert request.POST["phone"] == "0905 000 001"
    assert request.FILES["file0"].incoming.size <= 1 << 20
    with pytest.raises(Refused) as refused:
        actions.store(request.FILES["file0"], name="a.pdf", by=LAN, at=NOW)
    assert refused.value.code == "file_too_large"
    actions.store(request.FILES["file1"], name="b.pdf", by=LAN, at=NOW)
    request.close()
    assert coming_in() == 0


def test_a_connection_that_breaks_leaves_nothing() -> None:
    whole = posted(samples.noise(200_000))
    body = whole.body

    class Breaking(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 100_000:
                raise ConnectionResetError
            return super().read(size)

    request = FACTORY.generic("POST", "/", body, content_type=whole.META["CONTENT_TYPE"])
    request._stream = Breaking(body)
    request.upload_handlers = [StoreHandler(request)]
    with pytest.raises(OSError):
        request.FILES  # noqa: B018  # reading is the point
    request.close()
    assert coming_in() == 0


def test_other_handlers_of_django_are_stored_as_well() -> None:
    request = posted(samples.pdf("memory"))
    request.upload_handlers = [MemoryFileUploadHandler(request)]
    link = actions.store(request.FILES["file0"], name="a.pdf", by=LAN, at=NOW)
    assert queries.read_bytes(link) == samples.pdf("memory")


def test_a_process_killed_in_the_middle_stores_nothing(tmp_path: Path) -> None:
    program = textwrap.dedent(
        """
        import os, sys, signal
        import django; django.setup()
        from django.utils import timezone
        from tinhso.core.files import actions
        from tinhso.core.ledger.actions import Actor

        class Stream:
            count = 0
            def read(self, size):
                self.count += 1
                if self.count == 4:
                    os.kill(os.getpid(), signal.SIGKILL)
                return b"%PDF-1.7" + bytes(size - 8)

        actions.store(Stream(), name="a.pdf", by=Actor.system("test"), at=timezone.now())
        """
    )
    from django.conf import settings

    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "DJANGO_SETTINGS_MODULE": "tinhso.config.settings",
        "DATA_DIR": str(settings.TINHSO.data_dir),
        "DATABASE_URL": settings.TINHSO.database_url,
    }
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert list(disk.hashes()) == []
    assert coming_in() == 1  # the sweep takes it after an hour; see test_store
