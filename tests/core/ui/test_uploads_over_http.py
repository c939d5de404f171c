"""Uploads to the real web server: large ones, endless ones, broken ones."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest
from tests.house.site import Site

MB = 1 << 20
FIRST = b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.pdf"\r\n\r\n%PDF-1.7'


def begin(site: Site, length: int) -> socket.socket:
    """Start to send a form with a file. With the cookie of a form, or the server need not read it to refuse it."""
    to_server = socket.create_connection(("127.0.0.1", site.port), timeout=30)
    head = (
        f"POST /giao-dien HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nCookie: csrftoken={'a' * 32}\r\n"
        f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )
    to_server.sendall(head.encode() + FIRST)
    return to_server


def send(to_server: socket.socket, size: int) -> int:
    """Send so many bytes, or until the server takes no more; returns how many it took."""
    sent = 0
    try:
        while sent < size:
            to_server.sendall(bytes(MB))
            sent += MB
    except OSError:
        pass  # the server has answered and closed
    return sent


def peak_mb(site: Site) -> int:
    """The most memory any process of the web server has had."""
    peaks = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            session = status.with_name("stat").read_text().rpartition(")")[2].split()[3]
            if int(session) == site.running["web"].pid:
                peaks.append(int(re.findall(r"VmHWM:\s+(\d+)", status.read_text())[0]) // 1024)
        except (OSError, IndexError):
            continue  # it has just ended
    return max(peaks)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="/proc is absent: memory is read there")
def test_large_and_broken_uploads_fill_neither_memory_nor_disk(site: Site, tmp_path: Path) -> None:
    before = peak_mb(site)
    with begin(site, 2048 * MB) as endless:
        assert send(endless, 2048 * MB) < 64 * MB
        assert endless.recv(100).startswith(b"HTTP/1.1 413 ")

    with begin(site, 150 * MB) as large:
        send(large, 150 * MB)
        assert large.recv(100).startswith(b"HTTP/1.1 403 ")  # read to its end; only the form's token is missing

    with begin(site, 30 * MB) as broken:
        send(broken, 5 * MB)

    with begin(site, len(FIRST)) as after:  # a worker thread is free again: the broken one has ended
        assert after.recv(100).startswith(b"HTTP/1.1 403 ")
    assert peak_mb(site) - before < 40
    left = [path for path in (tmp_path / "data" / "files").rglob("*") if path.is_file()]
    for _ in range(50):
        if not (left := [path for path in left if path.exists()]):
            break
        with begin(site, len(FIRST)) as again:
            again.recv(100)
    assert left == []
