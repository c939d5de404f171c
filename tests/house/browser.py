"""A real browser: the system's Chromium, driven by Playwright."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
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

    with sync_playwright() as playwright:
        started: Any = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()
