"""`python -m tinhso.simulators.vneid [--port N]`."""

from __future__ import annotations

import argparse

from tinhso.config.config import load

from .server import serve


def main() -> None:
    config = load()
    parser = argparse.ArgumentParser(prog="tinhso.simulators.vneid", description=__doc__)
    parser.add_argument("--port", type=int, default=config.port + 2, help="default: two above PORT")
    serve(config, parser.parse_args().port)


if __name__ == "__main__":
    main()
