"""What a channel is given, and how it says that a message will never arrive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from ..kinds import Words
from ..models import Notice

TIMEOUT = 20  # seconds for one try


class UndeliverableError(Exception):
    """The other side refuses for good; trying again would not help. `code` is for machines."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Outgoing:
    """One message on its way. A channel takes of it what it can carry.

    `words` in the order of `settings.LANGUAGES`, Vietnamese first, each with its whole address.
    `message_id` is the same at every try, so that a receiver can drop doubles.
    """

    to: str
    words: tuple[Words, ...]
    message_id: str
    template: str = ""  # the provider's name of an approved text, where it asks for one
    params: Mapping[str, str] = field(default_factory=dict)
    unsubscribe: str = ""  # address of one click, RFC 8058


class Channel(Protocol):
    """What a way of sending is: set up or not, where a recipient is reached, and the sending.

    `send` raises UndeliverableError for a refusal for good; any other error means: again later.
    It may be called twice with the same `message_id`.
    """

    name: str
    wakes: bool  # a telephone that rings at night: quiet hours hold it back

    def configured(self) -> bool: ...

    def address_of(self, notice: Notice) -> str: ...

    def send(self, message: Outgoing) -> None: ...
