"""`python -m tinhso.simulators.sms [--port N]`."""

from __future__ import annotations

import argparse

from tinhso.config.config import SMS_PORT, load

from ..exchange import serve
from .server import SmsHandler


def main() -> None:
    config = load()
    parser = argparse.ArgumentParser(prog="tinhso.simulators.sms", description=__doc__)
    parser.add_argument("--port", type=int, default=config.port + SMS_PORT, help=f"default: {SMS_PORT} above PORT")
    serve(config, SmsHandler, parser.parse_args().port)


if __name__ == "__main__":
    main()
