"""What people and administrators decide about being told. Notices themselves are exempt."""

from __future__ import annotations

from dataclasses import dataclass

from ..ledger.events import Event


@dataclass(frozen=True)
class PreferenceSet(Event, name="notify.preference_set"):
    """Someone chose how to be told; also by the link in a mail."""

    off: list[str]
    digest: bool
    quiet: str  # 22:00-07:00; empty: as the province has it


@dataclass(frozen=True)
class KindSet(Event, name="notify.kind_set"):
    """An administrator chose the ways out of one kind of notice."""

    kind: str
    channels: list[str]
    zalo_template: str


@dataclass(frozen=True)
class ChannelTested(Event, name="notify.channel_tested"):
    """An administrator sent a test; the outcome is `sent`, `not_configured`, or a code of the failure."""

    channel: str
    outcome: str


@dataclass(frozen=True)
class SentAgain(Event, name="notify.sent_again"):
    """An administrator had refused deliveries of one channel tried once more."""

    channel: str
    count: int
