"""A letter with its whole life, and installs that trust its signers or do not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from .life import AT, Life, a_life


@pytest.fixture(scope="session")
def life() -> Life:
    return a_life()


@pytest.fixture
def now() -> datetime:
    """A day after the letter was sealed."""
    return AT + timedelta(days=1)


@pytest.fixture
def data_dir(db: Any, settings: Any, tmp_path: Any) -> Any:
    """An install of its own in a temporary folder."""
    folder = tmp_path / "install"
    folder.mkdir(mode=0o700)
    settings.TINHSO = settings.TINHSO.model_copy(update={"data_dir": folder})
    return folder


@pytest.fixture
def trusting(data_dir: Any, life: Life) -> Any:
    """That install trusts the root that issued the certificates of `life`."""
    folder = data_dir / "keys" / "trust"
    folder.mkdir(parents=True)
    (folder / "root.pem").write_bytes(life.root)
    return folder
