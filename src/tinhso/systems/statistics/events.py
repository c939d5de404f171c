"""What statistics tell the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tinhso.core.ledger.events import Event


@dataclass(frozen=True)
class ReportSent(Event, name="statistics.report_sent", version=1):
    """The periodic table of an agency is out, as it stood then; sent again it is a further revision."""

    form: str
    since: date
    until: date
    revision: int
    digest: str  # SHA-256 of the figures as sent
