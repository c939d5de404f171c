"""Looking for malicious software with ClamAV's daemon, where one is configured.

Protocol INSTREAM of clamd(8): the bytes go over the socket in pieces, so daemon and files need share no
disk. Its `StreamMaxLength` must not be below MAX_UPLOAD_MB: what it does not read to the end counts as
not looked at.
"""

from __future__ import annotations

import logging
import re
import socket
from datetime import datetime
from typing import BinaryIO
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from ..ledger.actions import Actor, Refused, action, new_id, record
from .disk import CHUNK, Incoming
from .events import FileInfected, FileUnscanned

log = logging.getLogger(__name__)
TIMEOUT = 30  # seconds without a sign of life
_FOUND = re.compile(rb"stream: (.+) FOUND\x00\Z")
_PLAIN = re.compile(r"[^A-Za-z0-9._/-]")


class ScannerAwayError(Exception):
    """The daemon did not look at the whole file; the message says why."""


def check(coming: Incoming, *, by: Actor, at: datetime) -> None:
    """Nothing, where the file is clean or no daemon is configured. Raises Refused for an infected file,
    and, unless `CLAMAV_WHEN_AWAY=accept`, where the daemon could not look at it. Both are recorded."""
    if not settings.TINHSO.clamav_url or by.kind == "system":
        return  # what the house itself makes carries nothing in
    try:
        found = scan(coming.file)
    except ScannerAwayError as away:
        log.error("clamd did not look at an upload: %s", away)
        if settings.TINHSO.clamav_when_away == "accept":
            _note(FileUnscanned(size=coming.size), by=by, at=at)
            return
        raise Refused(
            "scanner_away",
            _("Files cannot be checked for malicious software just now, so none is taken. Please try again later."),
            field="file",
            status=503,
        ) from away
    if found:
        _note(FileInfected(signature=_PLAIN.sub("_", found)[:100], size=coming.size), by=by, at=at)
        raise Refused(
            "file_infected",
            _("This file carries malicious software (%(name)s) and was not taken. Nothing of it is kept.")
            % {"name": found},
            field="file",
            status=422,
        )


@action
def _note(event: FileInfected | FileUnscanned, *, by: Actor, at: datetime) -> None:
    record(event, subject=("files.upload", new_id()), by=by, at=at)


def scan(file: BinaryIO) -> str:
    """The name of what was found; empty for a clean file. Raises ScannerAwayError."""
    file.seek(0)
    try:
        with _connected() as daemon:
            try:
                daemon.sendall(b"zINSTREAM\0")
                while piece := file.read(CHUNK):
                    daemon.sendall(len(piece).to_bytes(4, "big") + piece)
                daemon.sendall(bytes(4))
            except OSError as broken:
                if not isinstance(broken, (BrokenPipeError, ConnectionResetError)):
                    raise  # else it stopped reading and has said why
            said = b"".join(iter(lambda: daemon.recv(4096), b""))
    except OSError as away:
        raise ScannerAwayError(type(away).__name__) from away
    if said == b"stream: OK\0":
        return ""
    if match := _FOUND.match(said):
        return match[1].decode(errors="replace")
    raise ScannerAwayError(said.decode(errors="replace")[:100] or "no answer")


def _connected() -> socket.socket:
    url = urlsplit(settings.TINHSO.clamav_url)
    if url.scheme == "unix":
        daemon = socket.socket(socket.AF_UNIX)
        daemon.settimeout(TIMEOUT)
        daemon.connect(url.path)
        return daemon
    return socket.create_connection((url.hostname or "127.0.0.1", url.port or 3310), TIMEOUT)
