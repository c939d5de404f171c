"""How uploads come in: straight to the store's disk, hashed on the way, never more than the limit."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest

from . import disk

PER_REQUEST = 4  # a form without JavaScript may send several files; their sum stays below four largest ones


def request_limit() -> int:
    """The most bytes one request may carry. Servers refuse more by Content-Length, before reading any."""
    return disk.limit() * PER_REQUEST


class Upload(UploadedFile):  # type: ignore[type-arg]  # generic in the stubs alone
    """A received file. `store` only renames it; unless stored, it is gone when the request ends."""

    def __init__(self, incoming: disk.Incoming, *, too_large: bool, **kwargs: Any) -> None:
        super().__init__(file=incoming.file, size=incoming.size, **kwargs)
        self.incoming, self.too_large = incoming, too_large

    def close(self) -> None:
        self.incoming.discard()


class StoreHandler(FileUploadHandler):
    """Django's only upload handler here.

    A file over the limit is not written any further, yet read to its end: so the form comes
    back with a message beside the field, and what was typed is kept.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.incoming, self.too_large = disk.Incoming(), False
        if self.request is not None:
            _close_with(self.request, self.incoming)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) > disk.limit():
            self.too_large = True
        else:
            self.incoming.write(raw_data)

    def file_complete(self, file_size: int) -> Upload:
        self.incoming.file.seek(0)
        return Upload(
            self.incoming,
            too_large=self.too_large,
            name=self.file_name,
            content_type=self.content_type,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )


def _close_with(request: HttpRequest, incoming: disk.Incoming) -> None:
    """Discard with the request. Django closes the files of a form it could read to its end, but it
    tells no handler when the connection breaks in the middle."""
    close = request.close

    def close_all() -> None:
        incoming.discard()
        close()

    request.close = close_all  # type: ignore[method-assign]
