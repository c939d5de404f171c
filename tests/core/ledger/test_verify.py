"""Whoever changes the record, with every right in the database, is found and what they changed is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tinhso.core.ledger import loop, merkle, seals, verify
from tinhso.core.ledger.actions import record_access
from tinhso.core.ledger.events import canonical
from tinhso.core.ledger.models import Position, Seal

from .builders import AT, BY, Counted, a_subject, count_to, entry_at, place, run

Attack = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def ledger(db: Any) -> None:
    """Three seals over positions 1–5, 6–10, 11–15, and one access entry."""
    for _ in range(3):
        count_to(5)
        loop.seal_now()
    record_access(Counted(1), subject=a_subject(), by=BY, at=AT)
    loop.seal_now()
    assert found() == []


@pytest.fixture
def attack(db: Any, ledger: None) -> Attack:
    """SQL as the superuser, with the triggers off."""

    def run_it(sql: str, params: Any = None) -> list[tuple[Any, ...]]:
        with db.connect() as attacker:
            attacker.execute("SET session_replication_role = replica")
            cursor = attacker.execute(sql, params)
            return cursor.fetchall() if cursor.description else []

    return run_it


def found(against: Path | None = None) -> list[str]:
    return [str(finding) for finding in verify.verify(against)]


def id_at(position: int) -> Any:
    return Position.objects.values_list("entry_id", flat=True).get(position=position)


def test_a_whole_ledger_has_no_findings_also_against_its_kept_roots(ledger: None) -> None:
    assert found(seals.roots_file()) == []


def test_an_altered_payload_is_named(attack: Attack) -> None:
    attack(
        "UPDATE ledger_entry SET payload = replace(payload, '\"number\":2', '\"number\":9') WHERE id = %s", [id_at(7)]
    )
    assert found() == [
        f"ledger: altered entry {id_at(7)} at position 7: its bytes do not give the hash taken when it was placed"
    ]


COLUMNS = {
    "cause": "gen_random_uuid()",
    "event": "'tests.other'",
    "version": "2",
    "subject_kind": "'tests.other'",
    "subject_id": "gen_random_uuid()",
    "actor": "'system:nobody'",
    "agency_id": "NULL",
    "at": "at + interval '1 second'",
}
GARBAGE = ["", "null", "[]", '{"id":', "[" * 100_000]


def test_every_altered_column_is_named(attack: Attack) -> None:
    for position, (column, value) in enumerate(COLUMNS.items(), 1):
        attack(f"UPDATE ledger_entry SET {column} = {value} WHERE id = %s", [id_at(position)])
    assert found() == [
        f"ledger: altered entry {id_at(position)} at position {position}: its columns differ from its sealed bytes"
        for position in range(1, len(COLUMNS) + 1)
    ]


def test_garbage_in_a_payload_is_a_finding_and_no_error(attack: Attack) -> None:
    for position, garbage in enumerate(GARBAGE, 6):
        attack("UPDATE ledger_entry SET payload = %s WHERE id = %s", [garbage, id_at(position)])
        attack(
            "UPDATE ledger_position SET leaf = %s WHERE position = %s", [merkle.leaf_hash(garbage.encode()), position]
        )
    assert found() == [
        *(
            f"ledger: altered entry {id_at(position)} at position {position}: its columns differ from its sealed bytes"
            for position in range(6, 11)
        ),
        "ledger: altered seal 2, positions 6 to 10: what stands there does not give the seal's root",
    ]


def test_a_payload_altered_together_with_its_leaf_is_found_by_the_root(attack: Attack) -> None:
    payload = entry_at(7).payload.replace('"number":2', '"number":9')
    attack("UPDATE ledger_entry SET payload = %s WHERE id = %s", [payload, id_at(7)])
    attack("UPDATE ledger_position SET leaf = %s WHERE position = 7", [merkle.leaf_hash(payload.encode())])
    assert found() == ["ledger: altered seal 2, positions 6 to 10: what stands there does not give the seal's root"]


def test_a_removed_entry_is_named(attack: Attack) -> None:
    gone = id_at(7)
    attack("DELETE FROM ledger_entry WHERE id = %s", [gone])
    assert found() == [f"ledger: missing entry {gone} at position 7: the entry is gone"]


def test_a_removed_entry_with_its_position_is_named_by_the_position(attack: Attack) -> None:
    attack("DELETE FROM ledger_entry WHERE id = %s", [id_at(7)])
    attack("DELETE FROM ledger_position WHERE position = 7")
    assert found() == [
        "ledger: missing position 7: gone, although later ones are there",
        "ledger: altered seal 2, positions 6 to 10: what stands there does not give the seal's root",
    ]


def test_an_entry_whose_position_was_taken_away_is_named(attack: Attack) -> None:
    alone = id_at(7)
    attack("DELETE FROM ledger_position WHERE position = 7")
    attack("UPDATE ledger_horizon SET xid = pg_current_xact_id()")  # as the next entries move it
    assert f"ledger: misplaced entry {alone}: it has no position although later ones have" in found()


def test_the_last_positions_of_a_seal_removed_are_named(attack: Attack) -> None:
    attack("DELETE FROM ledger_position WHERE position BETWEEN 9 AND 11")
    says = found()
    assert says[:3] == [
        "ledger: missing positions 9 to 11: gone, although later ones are there",
        "ledger: altered seal 2, positions 6 to 10: what stands there does not give the seal's root",
        "ledger: altered seal 3, positions 11 to 15: what stands there does not give the seal's root",
    ]


def test_two_entries_that_changed_places_are_found(attack: Attack) -> None:
    one, other = id_at(7), id_at(8)
    for before, after in ((7, -7), (8, 7), (-7, 8)):
        attack("UPDATE ledger_position SET position = %s WHERE position = %s", [after, before])
    assert (id_at(7), id_at(8)) == (other, one)
    assert found() == ["ledger: altered seal 2, positions 6 to 10: what stands there does not give the seal's root"]


def test_entries_cut_off_below_their_seal_are_named(attack: Attack) -> None:
    attack("DELETE FROM ledger_entry WHERE id IN (SELECT entry_id FROM ledger_position WHERE position > 12)")
    attack("DELETE FROM ledger_position WHERE position > 12")
    assert found() == ["ledger: truncated positions 13 to 15: seal 3 covers them and they are gone"]


def test_a_tail_cut_off_with_its_seal_is_found_against_the_kept_roots(attack: Attack) -> None:
    cut_off(attack, after=10, seal=2)
    assert found() == []
    assert found(seals.roots_file()) == [
        "ledger: truncated seal 3, positions 11 to 15: a root kept elsewhere is not in the chain any more"
    ]


def test_a_tail_cut_off_and_sealed_again_with_the_right_key_is_found_against_the_kept_roots(attack: Attack) -> None:
    cut_off(attack, after=10, seal=2)
    count_to(4)
    loop.seal_now()
    assert Seal.objects.count() == 3
    assert found() == []
    assert found(seals.roots_file()) == [
        "ledger: rewritten seal 3, positions 11 to 15: the root kept elsewhere is another one"
    ]


def cut_off(attack: Attack, after: int, seal: int) -> None:
    attack("DELETE FROM ledger_entry WHERE id IN (SELECT entry_id FROM ledger_position WHERE position > %s)", [after])
    attack("DELETE FROM ledger_position WHERE position > %s", [after])
    attack("DELETE FROM ledger_seal WHERE number > %s", [seal])


def test_a_log_emptied_altogether_is_found_against_the_kept_roots(attack: Attack) -> None:
    for table in ("entry", "position", "seal"):
        attack(f"TRUNCATE ledger_{table}, ledger_access{table}")
    assert [line.split(",")[0] for line in found(seals.roots_file())] == [
        "ledger: truncated seal 1",
        "ledger: truncated seal 2",
        "ledger: truncated seal 3",
        "access: truncated seal 1",
    ]


def test_what_a_consumer_has_read_cannot_be_cut_off_unseen(attack: Attack, consumers: Any) -> None:
    consumers.consumer("tests.reader")(lambda batch: None)
    count_to(2)
    place()
    consumers.catch_up()
    attack("DELETE FROM ledger_position WHERE position > 15")
    attack("DELETE FROM ledger_entry WHERE id NOT IN (SELECT entry_id FROM ledger_position)")
    assert found() == ["ledger: truncated positions 16 to 17: tests.reader has read them"]


def test_an_altered_seal_is_named(attack: Attack) -> None:
    attack("UPDATE ledger_seal SET at = at + interval '1 hour' WHERE number = 2")
    assert found() == ["ledger: altered seal 2: its columns differ from the signed body"]
    attack("UPDATE ledger_seal SET body = replace(body, '\"last\":10', '\"last\":11') WHERE number = 2")
    assert "ledger: forged seal 2: its signature is false" in found()
    assert "ledger: broken_chain seal 3: it does not follow the seal before it" in found()


def test_garbage_in_a_seal_is_a_finding_and_no_error(attack: Attack) -> None:
    for garbage in GARBAGE:
        attack("UPDATE ledger_seal SET body = %s, signature = '' WHERE number = 2", [garbage])
        assert "ledger: forged seal 2: its signature is false" in found(seals.roots_file())


def test_a_removed_seal_is_named_and_no_other_is_accused(attack: Attack) -> None:
    attack("DELETE FROM ledger_seal WHERE number = 2")
    assert found() == [
        "ledger: missing seal 2: the next seal found is 3",
        "ledger: broken_chain seal 3: it does not follow the seal before it",
        "ledger: broken_chain seal 3: it begins at 11, not at 6",
    ]


def test_the_holder_of_the_key_who_rewrites_the_past_is_found_against_the_kept_roots(attack: Attack) -> None:
    payload = entry_at(7).payload.replace('"number":2', '"number":9')
    attack("UPDATE ledger_entry SET payload = %s WHERE id = %s", [payload, id_at(7)])
    attack("UPDATE ledger_position SET leaf = %s WHERE position = 7", [merkle.leaf_hash(payload.encode())])
    previous = sha256(Seal.objects.get(number=1).body.encode())
    for number in (2, 3):
        seal = Seal.objects.get(number=number)
        leaves = Position.objects.filter(position__range=(seal.first, seal.last)).order_by("position")
        root = merkle.root(bytes(leaf) for leaf in leaves.values_list("leaf", flat=True))
        body = canonical({**json.loads(seal.body), "root": root.hex(), "previous": previous.hexdigest()})
        attack(
            "UPDATE ledger_seal SET root = %s, previous = %s, body = %s, signature = %s WHERE number = %s",
            [root, previous.digest(), body, seals.signing_key().sign(body.encode()), number],
        )
        previous = sha256(body.encode())
    assert found() == [], "from inside nothing can be seen"
    assert found(seals.roots_file()) == [
        "ledger: rewritten seal 2, positions 6 to 10: the root kept elsewhere is another one",
        "ledger: rewritten seal 3, positions 11 to 15: the root kept elsewhere is another one",
    ]


def test_the_access_log_is_guarded_alike(attack: Attack) -> None:
    attack("UPDATE ledger_accessentry SET actor = 'system:nobody'")
    (says,) = found()
    assert says.startswith("access: altered entry")


def test_a_file_of_roots_that_was_itself_tampered_with_is_told_from_a_tampered_ledger(ledger: None) -> None:
    file = seals.roots_file()
    lines = file.read_text().splitlines(keepends=True)
    file.write_text(lines[0] + "not json\n[]\n{}\n" + lines[2] + lines[3].replace('"last\\":1,', '"last\\":2,'))
    assert found(file) == [
        "ledger: missing seal 2: the file of roots goes on with 3",
        "access: forged seal 1, positions 1 to 2: in the file of roots its signature is false",
    ]


def test_verification_reads_in_pieces_and_tells_how_far_it_is(ledger: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "_CHUNK", 4)
    told: list[tuple[str, int]] = []
    assert verify.verify(seals.roots_file(), lambda log, done: told.append((log, done))) == []
    assert told == [("ledger", 4), ("ledger", 8), ("ledger", 12), ("ledger", 15), ("access", 1)]
    assert run("SELECT count(*) FROM ledger_entry") == [(15,)]
