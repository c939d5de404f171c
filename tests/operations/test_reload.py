"""The web server's workers are replaced while people come in, and nobody is turned away."""

from __future__ import annotations

import http.client
import os
import signal
import threading
import time

import pytest

from tests.house.site import Site

pytestmark = pytest.mark.soak


class Visitors:
    """People who open a page each time anew, one after another, until told to stop."""

    def __init__(self, site: Site) -> None:
        self.port, self.stop = site.port, threading.Event()
        self.answers: list[int] = []
        self.faults: list[str] = []
        self.threads = [threading.Thread(target=self._come) for _ in range(2)]

    def _come(self) -> None:
        while not self.stop.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            try:
                connection.request("GET", "/dang-nhap/", headers={"Connection": "close"})
                answer = connection.getresponse()
                answer.read()
                self.answers.append(answer.status)
            except (OSError, http.client.HTTPException) as fault:
                self.faults.append(repr(fault))
            finally:
                connection.close()

    def __enter__(self) -> Visitors:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join()


def workers(site: Site) -> set[str]:
    """Process ids of the web server's workers."""
    pid = site.running["web"].pid
    with open(f"/proc/{pid}/task/{pid}/children") as children:
        return set(children.read().split())


def test_new_workers_take_over_and_no_request_fails(site: Site) -> None:
    before = workers(site)
    assert len(before) == 1  # the hardest case: for a while nobody accepts
    with Visitors(site) as visitors:
        until(lambda: len(visitors.answers) > 5)
        os.kill(site.running["web"].pid, signal.SIGHUP)
        until(lambda: workers(site) and not workers(site) & before)
        seen = len(visitors.answers)
        until(lambda: len(visitors.answers) > seen + 5)  # they are served by the new one
    assert visitors.faults == []
    assert set(visitors.answers) == {200}


def until(condition: object, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
