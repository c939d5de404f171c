"""`python -m tinhso.simulators.zalo [--port N]`."""

from __future__ import annotations

import argparse

from tinhso.config.config import ZALO_PORT, load

from ..exchange import serve
from .server import ZaloHandler, ZaloServer


def main() -> None:
    config = load()
    parser = argparse.ArgumentParser(prog="tinhso.simulators.zalo", description=__doc__)
    parser.add_argument("--port", type=int, default=config.port + ZALO_PORT, help=f"default: {ZALO_PORT} above PORT")
    serve(config, ZaloHandler, parser.parse_args().port, ZaloServer)


if __name__ == "__main__":
    main()
