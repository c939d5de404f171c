"""What every test stands on. The parts are in `tests/house/`.

- `db`: a fresh database of the test's own, with real commits, as the application's role;
- `province`: the same, with the demo's agencies, people, keys and procedures in it;
- `site`: the real web server (and worker) on that database; `browser`: a real browser.

A test that asks for neither gets no database at all.
"""

from __future__ import annotations

import os

import django
import hypothesis
import pytest
from django.conf import settings

from tests.house import databases, places
from tests.house.browser import browser
from tests.house.databases import _django_db_helper, copies, db
from tests.house.province import _province, province
from tests.house.site import shared, shared_site, site

__all__ = ["_django_db_helper", "_province", "browser", "copies", "db", "province", "shared", "shared_site", "site"]

if settings.configured:
    raise RuntimeError("The tests bring their own settings: unset DJANGO_SETTINGS_MODULE.")
places.prepare()
unhurried = hypothesis.settings(deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.register_profile("unhurried", unhurried)  # how fast the machine is just now is no finding
hypothesis.settings.load_profile("unhurried")
os.environ.update(
    DJANGO_SETTINGS_MODULE="tinhso.config.settings",
    TINHSO_MODE="test",
    DATA_DIR=str(places.SESSION / "data"),
    DATABASE_URL=databases.CLUSTER.url(database=databases.NONE),
)
for name in ("DATABASE_OWNER_URL", "HOST", "PORT", "PROVINCE", "PUBLIC_URL", "LIVE_URL", "ALLOWED_HOSTS", "DEBUG"):
    os.environ.pop(name, None)
django.setup()  # before test modules import models
del os.environ["DJANGO_SETTINGS_MODULE"]  # a worker of pytest-xdist, which inherits ours, sets its own up here too


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with a browser run in processes of their own (`make test`): Playwright keeps an event
    loop in their thread, in which jobs could not run."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
