"""A web server whose workers change while nobody is turned away.

On Linux granian gives each worker a listening socket of its own: when a worker ends, whoever waits at its socket
is cut off, and with one worker nobody listens until the next has started. Here all workers accept from one socket
that their server keeps open, as granian itself does on other systems; people wait in it for the moment between.
"""

from __future__ import annotations

import socket
from typing import Any

from granian._granian import ListenerSpec
from granian.server.mp import MPServer


class OneSocketServer(MPServer):
    """Workers share the server's socket."""

    def _init_shared_socket(self) -> None:
        self._ssp: Any = None
        self._shd: Any = ListenerSpec(self.bind_addr, self.bind_port, self.backlog).build()
        self._sfd = self._shd.get_fd()
        self._sso = socket.socket(fileno=self._sfd)
        self._sso.set_inheritable(True)
