"""`python -m tinhso.simulators.csc [--port N]`: one credential for everybody who asks, PIN 246810."""

from __future__ import annotations

import argparse
import sys

from tinhso.config.config import load

from ..socket import until_told
from .server import Service, serve


def main() -> None:
    config = load()
    parser = argparse.ArgumentParser(prog="tinhso.simulators.csc", description=__doc__)
    parser.add_argument("--port", type=int, default=config.port + 7, help="default: seven above PORT")
    port = parser.parse_args().port
    if not config.demo:
        sys.exit("The simulator of a signing service does not run in production.")
    path = config.keys_dir / "ca" / "demo.pem"
    if not path.exists():
        sys.exit("There is no demonstration authority yet: run `tinhso demo` first.")
    _url, client, secret = config.csc
    until_told(serve(Service(path.read_bytes(), client, secret), config.host, port))


if __name__ == "__main__":
    main()
