#!/usr/bin/env python3
"""Check an inclusion proof without this product: `python verify_proof.py PROOF.json [PUBLIC_KEY_HEX]`.

Needs Python 3.9+ and the package `cryptography`. Give the public key you trust (published
by the province); without it the key inside the proof is used and only named.
Exit status: 0 proven, 1 not proven, 2 not a proof.
"""

import json
import sys
from hashlib import sha256


def check(proof: dict, trusted_key: str = "") -> str:
    """Empty when the proof holds, else why it does not."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    node = sha256(b"\x00" + proof["entry"].encode()).digest()
    for side, sibling in proof["path"]:
        pair = bytes.fromhex(sibling) + node if side == "left" else node + bytes.fromhex(sibling)
        node = sha256(b"\x01" + pair).digest()
    seal = json.loads(proof["seal"])
    if node.hex() != seal["root"]:
        return "the entry is not under the seal's root"
    if not seal["first"] <= proof["position"] <= seal["last"]:
        return "the position is outside the seal"
    if trusted_key and trusted_key != proof["public_key"]:
        return "the proof names another key than the trusted one"
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(proof["public_key"]))
        key.verify(bytes.fromhex(proof["signature"]), proof["seal"].encode())
    except InvalidSignature:
        return "the seal's signature is false"
    return ""


def main(argv: list) -> int:
    try:
        with open(argv[1], encoding="utf-8") as file:
            proof = json.load(file)
        wrong = check(proof, argv[2] if len(argv) > 2 else "")
    except (IndexError, OSError, ValueError, KeyError, TypeError) as error:
        print(f"not a proof: {error!r}\n{__doc__}", file=sys.stderr)
        return 2
    entry, seal = json.loads(proof["entry"]), json.loads(proof["seal"])
    if wrong:
        print(f"NOT PROVEN: {wrong}")
        return 1
    print(f"PROVEN: {entry['event']} at {entry['at']}, entry {entry['id']}")
    print(f"under seal {seal['number']} of {seal['at']}, signed by key {proof['public_key']}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
