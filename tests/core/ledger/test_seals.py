"""Seals: Merkle roots by RFC 9162, chained, signed, and kept a second time outside the database."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from hashlib import sha256
from threading import Thread
from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from tinhso.core.ledger import loop, merkle, seals
from tinhso.core.ledger.events import canonical
from tinhso.core.ledger.models import Position, Seal
from tinhso.core.ledger.tables import ACCESS, LEDGER

from .builders import AT, count, count_to, place

# Inputs and roots of the reference implementation of Certificate Transparency.
VECTORS = [
    ("", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
    ("00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
    ("10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
    ("2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
    ("3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
    ("40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"),
    ("5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
    ("606162636465666768696a6b6c6d6e6f", "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
]


def rfc(inputs: list[bytes]) -> bytes:
    """MTH as RFC 9162 §2.1.1 writes it, apart from our code."""
    if not inputs:
        return sha256(b"").digest()
    if len(inputs) == 1:
        return sha256(b"\0" + inputs[0]).digest()
    k = 1
    while k * 2 < len(inputs):
        k *= 2
    return sha256(b"\1" + rfc(inputs[:k]) + rfc(inputs[k:])).digest()


def test_roots_are_those_of_the_reference_implementation() -> None:
    inputs = [bytes.fromhex(text) for text, _ in VECTORS]
    leaves = [merkle.leaf_hash(i) for i in inputs]
    assert [merkle.root(leaves[: n + 1]).hex() for n in range(8)] == [root for _, root in VECTORS]
    assert merkle.root([]) == sha256(b"").digest()


@given(st.lists(st.binary(max_size=40), max_size=70))
def test_roots_are_those_the_rfc_defines(inputs: list[bytes]) -> None:
    grown = merkle.Tree()
    for i in inputs:
        grown.add(merkle.leaf_hash(i))
    assert merkle.root(merkle.leaf_hash(i) for i in inputs) == grown.root() == rfc(inputs)


def test_seals_form_a_signed_chain_over_every_position(db: Any) -> None:
    numbers = []
    for size in (3, 1, 6):
        count_to(size)
        place()
        numbers.append(seals.seal(LEDGER, at=AT))
    assert numbers == [1, 2, 3]
    assert seals.seal(LEDGER, at=AT) is None, "nothing new: no seal"

    before = b"\0" * 32
    leaves = [bytes(leaf) for leaf in Position.objects.order_by("position").values_list("leaf", flat=True)]
    for seal, (first, last) in zip(Seal.objects.order_by("number"), [(1, 3), (4, 4), (5, 10)], strict=True):
        seals.public_key().verify(bytes(seal.signature), seal.body.encode())
        root = merkle.root(leaves[first - 1 : last])
        assert (seal.first, seal.last, bytes(seal.root), bytes(seal.previous)) == (first, last, root, before)
        assert seal.body == canonical(
            {"log": "ledger", "number": seal.number, "first": first, "last": last, "at": AT}
            | {"root": root.hex(), "previous": before.hex()}
        )
        before = sha256(seal.body.encode()).digest()


def test_a_long_backlog_is_sealed_in_several_seals(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seals, "MAX_ENTRIES", 4)
    count_to(10)
    loop.seal_now()
    assert list(Seal.objects.order_by("number").values_list("first", "last")) == [(1, 4), (5, 8), (9, 10)]


def test_a_seal_is_due_when_the_oldest_entry_has_waited(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not seals.seal_due(LEDGER)
    count(1)
    place()
    assert not seals.seal_due(LEDGER)
    monkeypatch.setattr(seals, "WAIT", timedelta(microseconds=1))
    assert seals.seal_due(LEDGER)
    assert not seals.seal_due(ACCESS)
    seals.seal(LEDGER, at=AT)
    assert not seals.seal_due(LEDGER)


def test_the_lag_is_the_age_of_what_no_seal_covers_placed_or_not(db: Any) -> None:
    assert seals.lag() == timedelta(0)
    count(1)
    unplaced = seals.lag()
    assert unplaced > timedelta(0)
    place()
    assert seals.lag() > unplaced
    loop.seal_now()
    assert seals.lag() == timedelta(0)


def test_roots_are_copied_outside_the_database_and_caught_up_after_a_crash(db: Any) -> None:
    for number in range(3):
        count(number)
        place()
        seals.seal(LEDGER, at=AT)  # and the process dies before it copies the root
    assert seals.copy_roots() == 3
    assert seals.copy_roots() == 0
    kept = [json.loads(line) for line in seals.roots_file().read_text().splitlines()]
    assert [(k["body"], k["signature"]) for k in kept] == [
        (s.body, bytes(s.signature).hex()) for s in Seal.objects.order_by("number")
    ]


def test_a_line_left_unfinished_by_a_crash_is_written_again_below_itself(db: Any) -> None:
    for number in range(2):
        count(number)
        loop.seal_now()
    whole = seals.roots_file().read_bytes()
    torn = whole[:-40]
    seals.roots_file().write_bytes(torn)
    assert seals.copy_roots() == 1
    assert seals.roots_file().read_bytes() == torn + b"\n" + whole.splitlines(keepends=True)[1]


def test_the_file_of_roots_is_never_shortened_and_a_shortened_ledger_is_said_aloud(
    db: Any, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(3):
        count(number)
        loop.seal_now()
    before = seals.roots_file().read_bytes()
    with db.connect() as attacker:
        attacker.execute("SET session_replication_role = replica")
        attacker.execute("DELETE FROM ledger_seal WHERE number > 1")
        attacker.execute("DELETE FROM ledger_position WHERE position > 1")
        attacker.execute("DELETE FROM ledger_entry WHERE serial > 1")
    count(4)
    with caplog.at_level(logging.CRITICAL):
        loop.seal_now()
    assert "seal 3 was kept" in caplog.text
    assert seals.roots_file().read_bytes() == before


def test_both_logs_share_the_file_and_each_goes_on_where_it_was(db: Any) -> None:
    from tinhso.core.ledger.actions import record_access

    from .builders import BY, Counted, a_subject

    count(1)
    record_access(Counted(1), subject=a_subject(), by=BY, at=AT)
    loop.seal_now()
    for number in range(200):  # further back than one read of the file's end
        count(number)
        place()
        seals.seal(LEDGER, at=AT)
    seals.copy_roots()
    record_access(Counted(2), subject=a_subject(), by=BY, at=AT)
    loop.seal_now()
    bodies = [json.loads(json.loads(line)["body"]) for line in seals.roots_file().read_text().splitlines()]
    assert [b["number"] for b in bodies if b["log"] == "access"] == [1, 2]
    assert [b["number"] for b in bodies if b["log"] == "ledger"] == list(range(1, 202))


def test_several_workers_copying_at_once_write_each_root_once(db: Any) -> None:
    for number in range(20):
        count(number)
        place()
        seals.seal(LEDGER, at=AT)

    def copy() -> None:
        seals.copy_roots()
        connection.close()

    threads = [Thread(target=copy) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seals.roots_file().read_text().splitlines()) == 20
