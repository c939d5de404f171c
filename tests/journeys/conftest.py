"""One served town for all journeys: web, live, worker and the VNeID simulator on a province of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.house.databases import Copies
from tests.house.places import SESSION
from tests.house.province import Province
from tests.house.site import Site


@pytest.fixture(scope="session")
def town(copies: Copies, _province: Province, browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Nothing of it is touched from within the tests: they are people with browsers."""
    data = tmp_path_factory.mktemp("town") / "data"
    data.mkdir(mode=0o700)
    (data / "keys").symlink_to(SESSION / "data" / "keys")
    database = copies.take(_province.template)
    site = Site(database, data)
    simulator = subprocess.Popen(
        [sys.executable, "-m", "tinhso.simulators.vneid"],
        env={**site.environment, "TINHSO_PARENT": str(os.getpid())},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for part in ("web", "live", "worker"):
        site.start(part)
    try:
        site.ready()
        yield site
    finally:
        simulator.terminate()
        site.stop()
        simulator.wait()
        copies.used.put(database.name)
