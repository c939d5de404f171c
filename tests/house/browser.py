"""A real browser: the system's Chromium, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from .places import SESSION

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
    *("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"),  # a camera that shows a test picture
]


def needs(program: str, package: str) -> str:
    """Path of a system program; skips the test, naming the Debian package, where it is absent."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is absent: apt install {package}")
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a window. Make a context of your own: `browser.new_context(locale="vi-VN")`."""
    path = shutil.which("chromium-browser") or needs("chromium", "chromium")
    from playwright.sync_api import sync_playwright

    # Playwright keeps an event loop in this thread, in which nothing of ours runs: Django need not refuse.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        # A home of its own: nothing outside the checkout is written.
        home = {"HOME": str(SESSION / "home"), "XDG_CONFIG_HOME": str(SESSION / "home"), "XDG_CACHE_HOME": str(SESSION)}
        started: Any = playwright.chromium.launch(executable_path=path, args=FLAGS, env={**os.environ, **home})
        yield started
        started.close()
