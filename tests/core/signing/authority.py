"""The simulated authority on a real socket, in a thread of the test: time-stamps, OCSP, CRL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from tinhso.simulators.tsa.server import Authority, AuthorityServer, serve


class Running:
    """A simulator that can go away and come back at the same address."""

    def __init__(self, authority: Authority) -> None:
        self.authority, self.port = authority, 0
        self.server: AuthorityServer | None = None
        self.back()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def away(self) -> None:
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.thread.join()
            self.server = None

    def back(self) -> None:
        self.server = serve(self.authority, "127.0.0.1", self.port)
        self.port = self.server.server_port
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()


@contextmanager
def running(pem: bytes, *, life: timedelta = timedelta(days=5 * 365)) -> Iterator[Running]:
    """The authority of `pem` (`ca.Authority.dump`), whose time-stamping certificate is good for `life`."""
    one = Running(Authority(pem, life=life))
    try:
        yield one
    finally:
        one.away()
