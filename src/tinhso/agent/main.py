"""The command line of the agent."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from urllib.parse import urlsplit

from .asking import CannotAsk, way
from .server import PORT, Desk, Service, shown
from .words import _, speak


def parser() -> argparse.ArgumentParser:
    """`tinhso agent --origin https://… --driver …so`; options may stand in a file: `tinhso agent @FILE`."""
    root = argparse.ArgumentParser(prog="tinhso agent", description=__doc__, fromfile_prefix_chars="@")
    root.add_argument("--origin", action="append", required=True, help="address of the province's site, https://…")
    root.add_argument("--driver", action="append", required=True, help="PKCS#11 library of the token (.so, .dll)")
    root.add_argument("--port", type=int, default=PORT, help=f"port on 127.0.0.1, default {PORT}; 0: any free one")
    root.add_argument("--ask", default="", help="how to ask for the PIN: window, terminal, or a pinentry program")
    root.add_argument("--language", choices=["vi", "en"], default="vi")
    return root


def main(argv: Sequence[str] | None = None) -> int:
    """Run until Ctrl-C. Returns 0 when told to stop, 2 when it cannot start."""
    chosen = parser().parse_args(argv)
    speak(chosen.language)
    origins = set()
    for origin in chosen.origin:
        parts = urlsplit(origin)
        local = parts.hostname in ("127.0.0.1", "localhost")
        if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
            print(_("%s is not an https:// address.") % origin, file=sys.stderr)
            return 2
        origins.add(f"{parts.scheme}://{parts.netloc}")
    try:
        desk = Desk(frozenset(origins), tuple(chosen.driver), way(chosen.ask))
    except CannotAsk as fault:
        print(fault, _("Use --ask terminal, or --ask with the path of a pinentry program."), file=sys.stderr)
        return 2
    try:
        service = Service(desk, chosen.port)
    except OSError as error:
        print(_("Port %(port)d cannot be used: %(why)s") % {"port": chosen.port, "why": error}, file=sys.stderr)
        return 2
    print(_("The signing agent listens on http://127.0.0.1:%d for:") % service.server_port, *sorted(origins))
    print(_("Pairing code, to type into the page once:"), shown(desk.code), flush=True)
    try:
        service.serve_forever()
    except KeyboardInterrupt:
        return 0
    finally:
        service.server_close()
    return 0
