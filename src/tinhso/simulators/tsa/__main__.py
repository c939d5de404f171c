"""`python -m tinhso.simulators.tsa [--port N]`."""

from __future__ import annotations

import argparse
import sys

from tinhso.config.config import load

from ..socket import until_told
from .server import Authority, serve


def main() -> None:
    config = load()
    parser = argparse.ArgumentParser(prog="tinhso.simulators.tsa", description=__doc__)
    parser.add_argument("--port", type=int, default=config.port + 6, help="default: six above PORT")
    port = parser.parse_args().port
    if not config.demo:
        sys.exit("The simulator of a certification authority does not run in production.")
    path = config.keys_dir / "ca" / "demo.pem"
    if not path.exists():
        sys.exit("There is no demonstration authority yet: run `tinhso demo` first.")
    until_told(serve(Authority(path.read_bytes()), config.host, port))


if __name__ == "__main__":
    main()
