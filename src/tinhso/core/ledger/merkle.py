"""Merkle trees by RFC 9162 §2.1: leaf = SHA-256(0x00 ‖ bytes), node = SHA-256(0x01 ‖ left ‖ right)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

EMPTY = sha256(b"").digest()
SIZE = len(EMPTY)  # of a hash, in bytes


def leaf_hash(payload: bytes) -> bytes:
    return sha256(b"\x00" + payload).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree head over leaves that come one by one, in the memory of its height.

    Kept are the roots of the full subtrees so far, largest first, as the bits of `size` say.
    """

    def __init__(self) -> None:
        self.size = 0
        self._full: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        carry = self.size
        while carry & 1:
            leaf = _node(self._full.pop(), leaf)
            carry >>= 1
        self._full.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        if not self._full:
            return EMPTY
        root = self._full[-1]
        for left in reversed(self._full[:-1]):
            root = _node(left, root)
        return root


def root(leaves: Iterable[bytes]) -> bytes:
    """Tree head over leaf hashes that are all there: level by level, quicker than one by one."""
    level = list(leaves)
    while len(level) > 1:
        odd = level[len(level) // 2 * 2 :]
        level = [_node(left, right) for left, right in zip(level[::2], level[1::2], strict=False)] + odd
    return level[0] if level else EMPTY


def path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Audit path of one leaf, bottom up (§2.1.3.1)."""
    steps, level = [], list(leaves)
    while len(level) > 1:
        if (sibling := index ^ 1) < len(level):
            steps.append(level[sibling])
        paired = [_node(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level, index = paired + level[len(level) // 2 * 2 :], index // 2
    return steps
