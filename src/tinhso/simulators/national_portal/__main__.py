"""`python -m tinhso.simulators.national_portal [--port N]`."""

from __future__ import annotations

import argparse
import sys

from tinhso.config.config import NATIONAL_PORTAL_PORT, load

from ..socket import until_told
from .portal import Portal
from .server import PortalServer


def main() -> None:
    config = load()
    parser = argparse.ArgumentParser(prog="tinhso.simulators.national_portal", description=__doc__)
    text = f"default: {NATIONAL_PORTAL_PORT} above PORT"
    parser.add_argument("--port", type=int, default=config.port + NATIONAL_PORTAL_PORT, help=text)
    if not config.demo:
        sys.exit("The simulator of the national portal does not run in production.")
    told = config.national_portal
    who = told.unit or "H15", told.user or "tinhso-demo", told.password or "tinhso-demo"
    portal = Portal(*who, journal=config.data_dir / "national-portal-simulator.jsonl")
    until_told(PortalServer((config.host, parser.parse_args().port), portal))


if __name__ == "__main__":
    main()
