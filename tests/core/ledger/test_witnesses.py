"""Witnesses outside attest seals, and a changed past does not fit what they attested."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.house.site import Site

from tinhso.core.ledger import loop, models, seals, verify, witnesses
from tinhso.core.ledger.actions import Refused
from tinhso.core.ledger.models import Attested, Seal, Witness

from .builders import AT, BY, count_to

HOUR = timedelta(hours=1)


def own_key() -> str:
    return seals.public_key().public_bytes_raw().hex()


def seal_some() -> Seal:
    count_to(3)
    loop.seal_now()
    return Seal.objects.latest("number")


@pytest.fixture
def at_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind of witness that is another install; here it is this one."""

    def ask(witness: Witness, shown: witnesses.Shown) -> bytes:
        return json.dumps(witnesses.attest(own_key(), shown.body, shown.signature, AT)).encode()

    monkeypatch.setitem(witnesses.KINDS, "self", witnesses.Kind(ask, witnesses.signed_receipt_fault))


@pytest.fixture
def witness(db: Any, at_itself: None) -> Witness:
    witnesses.add_neighbour("Tỉnh bên", key=own_key(), by=BY, at=AT)
    return witnesses.add_witness("Tỉnh bên", kind="self", key=own_key(), by=BY, at=AT)


def test_a_witness_attests_the_newest_seal_at_most_hourly(witness: Witness) -> None:
    newest = seal_some()
    assert witnesses.ask_all(AT) == 1
    assert witnesses.ask_all(AT) == 0
    seal_some()
    assert witnesses.ask_all(AT + HOUR / 2) == 0
    assert witnesses.ask_all(AT + HOUR) == 1
    assert models.Testimony.objects.order_by("at")[0].number == newest.number
    assert list(witnesses.findings()) == []


def test_a_past_sealed_anew_with_the_right_key_does_not_fit_the_testimony(db: Any, witness: Witness) -> None:
    number = seal_some().number
    witnesses.ask_all(AT)
    with db.connect() as attacker:  # who also holds the key
        attacker.execute("SET session_replication_role = replica")
        attacker.execute("DELETE FROM ledger_seal WHERE number = %s", [number])
    loop.seal_now()
    assert verify.verify() == []  # sealed anew, nothing is wrong in here
    (finding,) = witnesses.findings()
    assert "attested by Tỉnh bên, stands here no more" in finding
    again = Seal.objects.get(number=number)
    with pytest.raises(Refused) as refusal:  # and the neighbour has seen both
        witnesses.attest(own_key(), again.body, bytes(again.signature), AT)
    assert refusal.value.code == "two_seals"


def test_a_neighbour_gives_back_what_it_has_seen_to_verify_against(witness: Witness, tmp_path: Path) -> None:
    seal_some()
    witnesses.ask_all(AT)
    roots = tmp_path / "seen.jsonl"
    roots.write_text("\n".join(witnesses.roots_of(Attested.objects.get().neighbour)))
    assert verify.verify(roots) == []


def test_only_known_keys_and_true_seals_are_attested(witness: Witness) -> None:
    seal = seal_some()
    for key, body, signature, code in (
        ("ab" * 32, seal.body, bytes(seal.signature), "unknown_neighbour"),
        (own_key(), seal.body + " ", bytes(seal.signature), "false_seal"),
        (own_key(), seal.body, bytes(64), "false_seal"),
    ):
        with pytest.raises(Refused) as refusal:
            witnesses.attest(key, body, signature, AT)
        assert refusal.value.code == code


def test_a_forged_receipt_is_found(witness: Witness) -> None:
    seal_some()
    witnesses.ask_all(AT)
    forged = json.loads(bytes(models.Testimony.objects.get().receipt)) | {"signature": "00" * 64}
    models.Testimony.objects.update(receipt=json.dumps(forged).encode())
    (finding,) = witnesses.findings()
    assert "its receipt is not signed by its key" in finding


def test_another_install_attests_over_http_and_one_that_is_away_is_named(site: Site) -> None:
    from tinhso.core.api import witness as _kinds  # noqa: F401 - registers them

    seal_some()
    witnesses.add_neighbour("Tỉnh bên", key=own_key(), by=BY, at=AT)
    witnesses.add_witness("Tỉnh bên", kind="agency", address=site.url, key=own_key(), by=BY, at=AT)
    away = witnesses.add_witness("Vắng", kind="agency", address="http://127.0.0.1:9", key=own_key(), by=BY, at=AT)
    assert witnesses.ask_all(AT) == 1
    away.refresh_from_db()
    assert away.error.startswith("OSError")
    assert Attested.objects.count() == 1
    assert list(witnesses.findings()) == []
