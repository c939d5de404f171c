"""Who looked at what is kept as long as the province decides; then whole seals go, and what stays verifies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection

from tinhso.core.ledger import loop, retention, seals, verify
from tinhso.core.ledger.actions import record_access
from tinhso.core.ledger.models import AccessEntry, AccessPosition, AccessSeal, Entry
from tinhso.core.ledger.sequencer import sequence
from tinhso.core.ledger.tables import ACCESS

from .builders import BY, Counted, a_subject, count_to, run

NOW = datetime.now(UTC)  # the database compares with its own clock
MONTH = timedelta(days=31)


@pytest.fixture
def years(db: Any) -> None:
    """Seals of the access log, two entries each, made 40, 30, 20 and 1 months ago; and a ledger beside it."""
    count_to(3)
    for months in (40, 30, 20, 1):
        for number in range(2):
            record_access(Counted(number), subject=a_subject(), by=BY, at=NOW - months * MONTH)
        sequence(ACCESS)
        seals.seal(ACCESS, at=NOW - months * MONTH)
    loop.seal_now()


def pruned(months: int = 24) -> int:
    return retention.prune(months=months, by=BY, at=NOW)


def findings() -> list[str]:
    return [str(one) for one in verify.verify(seals.roots_file())]


def test_what_is_older_goes_by_whole_seals_and_the_rest_verifies_also_against_kept_roots(years: None) -> None:
    assert pruned() == 2
    assert list(AccessSeal.objects.order_by("number").values_list("number", flat=True)) == [3, 4]
    assert (AccessEntry.objects.count(), AccessPosition.objects.count()) == (4, 4)
    assert findings() == []
    record_access(Counted(9), subject=a_subject(), by=BY, at=NOW)
    loop.seal_now()
    assert findings() == []
    assert AccessPosition.objects.latest("position").position == 9


def test_the_ledger_says_what_went_and_by_which_rule_and_once(years: None) -> None:
    pruned()
    assert pruned() == 0
    (entry,) = Entry.objects.filter(event="ledger.access_pruned")
    assert (entry.data["seal"], entry.data["last"], entry.data["months"]) == (2, 4, 24)


def test_the_newest_seal_stays_so_that_numbers_go_on(years: None) -> None:
    record = AccessSeal.objects.count()
    assert retention.prune(months=12, by=BY, at=NOW + 100 * MONTH) == 3
    assert AccessSeal.objects.count() == record - 3
    assert findings() == []


def test_nobody_prunes_within_a_year(years: None) -> None:
    with pytest.raises(ValueError, match="12 months"):
        pruned(months=11)
    # Even a clock set forward, which declares a floor, does not make the database delete what is younger.
    record_access(Counted(1), subject=a_subject(), by=BY, at=NOW)
    loop.seal_now()
    retention.prune(months=12, by=BY, at=NOW + 100 * MONTH)
    assert AccessSeal.objects.filter(number=4).exists()


def test_a_floor_that_is_not_in_the_sealed_ledger_deletes_nothing(years: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "seal_now", lambda: None)
    assert pruned() == 0
    assert AccessSeal.objects.count() == 4
    monkeypatch.undo()
    loop.seal_now()
    assert pruned() == 2  # a run that was killed before it deleted is completed by the next


def test_a_run_killed_between_two_batches_is_completed_and_verifies_meanwhile(
    years: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 1)
    real, calls = retention._delete, []

    def dies() -> int:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real()

    monkeypatch.setattr(retention, "_delete", dies)
    with pytest.raises(KeyboardInterrupt):
        pruned()
    assert AccessSeal.objects.count() == 3
    assert findings() == []
    monkeypatch.setattr(retention, "_delete", real)
    assert pruned() == 2
    assert findings() == []


@pytest.mark.parametrize("table", [ACCESS.entry, ACCESS.position, ACCESS.seal])
def test_the_application_deletes_nothing_by_itself(years: None, table: str) -> None:
    run("SET tinhso.pruning = 'on'")
    with pytest.raises(DatabaseError):
        run(f"DELETE FROM {table}")


def test_more_deleted_than_declared_is_found(years: None, db: Any) -> None:
    pruned()
    with db.connect() as attacker:
        attacker.execute("SET session_replication_role = replica")
        attacker.execute("DELETE FROM ledger_accessseal WHERE number = 3")
        attacker.execute("DELETE FROM ledger_accessposition WHERE position <= 6")
    connection.close()
    words = " ".join(findings())
    assert "missing seal 3" in words
    assert "truncated seal 3" in words
