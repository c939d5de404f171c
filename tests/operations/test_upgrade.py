"""An upgrade and its rollback, on data whose newest migration is taken back first, as an earlier version left them."""

from __future__ import annotations

import pytest

from .conftest import Install

pytestmark = pytest.mark.soak


def test_data_of_an_earlier_version_are_upgraded_and_rolled_back_intact(install: Install) -> None:
    install.does("earlier")
    before = install.does("look")
    assert "migrations are not applied" in install("check", code=1)

    assert "An upgrade needs a backup" in install("upgrade", code=2)
    said = install("upgrade", "--backup", str(install.backups))
    assert "Applying 1 migrations" in said
    install("check")
    assert install.does("look") == before

    install.does("person", "Người Đến Sau")
    assert "1 entries were made since the upgrade" in install("rollback", code=2)
    install("rollback", "--lose", "1")
    assert "migrations are not applied" in install("check", code=1)
    assert install.does("look") == before.replace("[]", "['ledger.restored', 'ledger.restored']")
