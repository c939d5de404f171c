#!/usr/bin/env python3
"""Check an inclusion proof without this product: `python verify_proof.py PROOF.json [PUBLIC_KEY_HEX]`.

Needs Python 3.9+ and the package `cryptography`. Give the public key you trust (published
by the province); without it the key inside the proof is used, and it is yours to compare.
Exit status: 0 proven, 1 not proven, 2 not a proof.
"""

from __future__ import annotations

import json
import sys
from hashlib import sha256
from typing import Any


def climb(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """The root that a leaf at `index` of `size` and its audit path lead to (RFC 9162 §2.1.3.2).

    Empty when the path is not as long as that place in that tree asks for.
    """
    last, node = size - 1, leaf
    for sibling in path:
        if last == 0:
            return b""
        if index & 1 or index == last:
            node = sha256(b"\x01" + sibling + node).digest()
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            node = sha256(b"\x01" + node + sibling).digest()
        index, last = index >> 1, last >> 1
    return node if last == 0 else b""


def check(proof: dict[str, Any], trusted_key: str = "") -> str:
    """Empty when the proof holds, else why it does not."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if proof["format"] != "tinhso-proof-1":
        return "this script does not know the proof's format"
    if trusted_key and trusted_key.lower() != proof["public_key"]:
        return "the proof names another key than the trusted one"
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(proof["public_key"]))
        key.verify(bytes.fromhex(proof["signature"]), proof["seal"].encode())
    except InvalidSignature:
        return "the seal's signature is false"
    seal = json.loads(proof["seal"])
    if not seal["first"] <= proof["position"] <= seal["last"]:
        return "the position is outside the seal"
    leaf = sha256(b"\x00" + proof["entry"].encode()).digest()
    index, size = proof["position"] - seal["first"], seal["last"] - seal["first"] + 1
    if climb(leaf, index, size, [bytes.fromhex(p) for p in proof["path"]]).hex() != seal["root"]:
        return "the entry is not at that position under the seal's root"
    return ""


def main(argv: list[str]) -> int:
    trusted_key = argv[2] if len(argv) > 2 else ""
    try:
        with open(argv[1], encoding="utf-8") as file:
            proof = json.load(file)
        wrong = check(proof, trusted_key)
        if wrong:
            print(f"NOT PROVEN: {wrong}")
            return 1
        entry, seal = json.loads(proof["entry"]), json.loads(proof["seal"])
        print(f"PROVEN: {entry['event']} at {entry['at']}, entry {entry['id']}, position {proof['position']}")
        print(f"under seal {seal['number']} of the {seal['log']}, made at {seal['at']}")
        print(f"signed by {'the trusted key' if trusted_key else 'key'} {proof['public_key']}")
    except (IndexError, OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        print(f"not a proof: {error!r}\n{__doc__}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
