"""Parts of a file by RFC 9110, section 14: one range of bytes, or all of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})\Z", re.IGNORECASE)


@dataclass(frozen=True)
class Part:
    """The bytes `first` to `last`, both included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1


class UnsatisfiableError(Exception):
    """A well-formed range that lies outside the file; the answer is 416."""


def wanted(header: str, size: int) -> Part | None:
    """The part that a Range header asks for; None for the whole.

    Several ranges, other units and broken headers are answered with the whole, which the RFC
    allows and clients must take. Raises UnsatisfiableError.
    """
    match = _RANGE.match(header.replace(" ", ""))
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:  # the last so many bytes
        if int(last) == 0 or size == 0:
            raise UnsatisfiableError
        return Part(max(0, size - int(last)), size - 1)
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise UnsatisfiableError
    return Part(int(first), min(int(last), size - 1) if last else size - 1)
