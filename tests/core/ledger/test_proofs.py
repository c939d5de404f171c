"""A person who holds a proof needs neither this product nor its database to check it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from tinhso.core.ledger import loop, merkle, seals, verify_proof
from tinhso.core.ledger.actions import new_id
from tinhso.core.ledger.proofs import proof

from .builders import count, count_to, entry_at, place

SCRIPT = Path(verify_proof.__file__)


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., subprocess.CompletedProcess[str]]:
    """A Python that has `cryptography` and nothing else of ours: no Django, no site-packages."""
    only = tmp_path_factory.mktemp("only")
    for name in ("cryptography", "cffi", "_cffi_backend"):
        spec = find_spec(name)
        if spec and spec.origin:
            origin = Path(spec.origin)
            (only / (origin.parent.name if spec.submodule_search_locations else origin.name)).symlink_to(
                origin.parent if spec.submodule_search_locations else origin
            )
    shutil.copy(SCRIPT, only / "verify_proof.py")

    def run(*args: str) -> subprocess.CompletedProcess[str]:
        env = {"PYTHONPATH": str(only), "LANG": os.environ.get("LANG", "C.UTF-8")}
        command = [sys.executable, "-S", "-s", *args]
        return subprocess.run(command, env=env, cwd=only, capture_output=True, text=True, check=False)

    return run


@pytest.fixture
def a_proof(db: Any) -> dict[str, Any]:
    """Of the fifth of thirteen entries under the second seal."""
    count_to(3)
    loop.seal_now()
    count_to(13)
    loop.seal_now()
    found = proof(entry_at(8).pk)
    assert found is not None
    return found


def test_a_proof_is_checked_by_a_python_without_django(
    a_proof: dict[str, Any], bare: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    file = tmp_path / "proof.json"
    file.write_text(json.dumps(a_proof))
    assert "No module named 'django'" in bare("-c", "import django").stderr
    for key in ([], [seals.public_key().public_bytes_raw().hex()]):
        done = bare("verify_proof.py", str(file), *key)
        assert (done.returncode, done.stderr) == (0, "")
        assert f"PROVEN: tests.counted at 2026-11-20T08:00:00.000000Z, entry {entry_at(8).pk}" in done.stdout
    assert bare("verify_proof.py", str(file), "00" * 32).returncode == 1
    file.write_text(json.dumps({**a_proof, "position": 9}))
    done = bare("verify_proof.py", str(file))
    assert (done.returncode, done.stdout[:11]) == (1, "NOT PROVEN:")


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "[" * 100_000, '{"format": "tinhso-proof-1"}', "\udcff"])
def test_what_is_no_proof_is_said_to_be_none(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "proof.json"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert verify_proof.main(["verify_proof.py", str(file)]) == 2
    assert "not a proof" in capsys.readouterr().err
    assert verify_proof.main(["verify_proof.py"]) == 2


def test_every_tampering_with_a_proof_is_refused(a_proof: dict[str, Any]) -> None:
    assert verify_proof.check(a_proof) == ""
    path, seal = a_proof["path"], json.loads(a_proof["seal"])
    flipped = f"{int(path[0][0], 16) ^ 1:x}{path[0][1:]}"
    other = Ed25519PrivateKey.generate()
    resigned = json.dumps({**seal, "first": seal["first"] - 1})
    tampered: list[dict[str, Any]] = [
        {"entry": a_proof["entry"].replace('"number":5', '"number":6')},
        {"entry": a_proof["entry"] + " "},
        *({"position": seal["first"] + n} for n in range(-1, 14) if seal["first"] + n != a_proof["position"]),
        {"path": [flipped, *path[1:]]},
        {"path": path[1:]},
        {"path": [*path, path[0]]},
        {"path": [path[1], path[0], *path[2:]]},
        {"path": []},
        *({"seal": json.dumps({**seal, key: 7})} for key in seal),
        {"seal": a_proof["seal"].replace(":", ": ")},
        {"seal": resigned, "signature": seals.signing_key().sign(resigned.encode()).hex()},
        {"signature": "00" * 64},
        {"signature": a_proof["signature"][:-2]},
        {"public_key": other.public_key().public_bytes_raw().hex()},
        {"format": "tinhso-proof-0"},
    ]
    for change in tampered:
        assert verify_proof.check({**a_proof, **change}) != "", change


def test_a_proof_signed_by_a_strangers_key_fails_against_the_trusted_one(a_proof: dict[str, Any]) -> None:
    stranger = Ed25519PrivateKey.generate()
    forged = {
        **a_proof,
        "signature": stranger.sign(a_proof["seal"].encode()).hex(),
        "public_key": stranger.public_key().public_bytes_raw().hex(),
    }
    assert "another key" in verify_proof.check(forged, seals.public_key().public_bytes_raw().hex())


def test_there_is_no_proof_before_the_seal_and_none_of_what_never_was(db: Any) -> None:
    entry = count(1)
    assert proof(entry) is None
    place()
    assert proof(entry) is None
    loop.seal_now()
    assert proof(entry) is not None
    assert proof(new_id()) is None


@given(st.integers(1, 70), st.data())
def test_a_path_leads_to_the_root_from_its_own_place_only(size: int, data: st.DataObject) -> None:
    leaves = [merkle.leaf_hash(bytes([n])) for n in range(size)]
    index = data.draw(st.integers(0, size - 1))
    path, root = merkle.path(leaves, index), merkle.root(leaves)
    assert verify_proof.climb(leaves[index], index, size, path) == root
    for other in range(size):
        assert (verify_proof.climb(leaves[index], other, size, path) == root) is (other == index)
