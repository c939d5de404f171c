"""A time-stamping authority as a witness of the ledger's seals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from tests.core.ledger.builders import BY, count_to

from tinhso.core.api import witness as kinds
from tinhso.core.ledger import loop, models, witnesses
from tinhso.core.signing.ca import Authority

from .authority import running

NOW = datetime.now(UTC)


def test_seals_are_stamped_and_an_authority_that_is_away_or_forged_is_named(data_dir: Any, settings: Any) -> None:
    ca = Authority.make("Cơ quan chứng thực thử nghiệm", at=NOW - timedelta(days=60))
    folder = data_dir / "keys" / "trust"
    folder.mkdir(parents=True)
    (folder / "root.pem").write_bytes(ca.root.public_bytes(Encoding.PEM))
    assert "timestamp" in witnesses.KINDS, kinds
    witness = witnesses.add_witness("TSA", kind="timestamp", by=BY, at=NOW)
    count_to(3)
    loop.seal_now()
    with running(ca.dump()) as authority:
        settings.TINHSO = settings.TINHSO.model_copy(update={"tsa_url": authority.url})
        assert witnesses.ask_all(NOW) == 1
        assert list(witnesses.findings()) == []
        authority.away()
        count_to(1)
        loop.seal_now()
        assert witnesses.ask_all(NOW + timedelta(hours=2)) == 0
    witness.refresh_from_db()
    assert witness.error.startswith("OSError")
    given = models.Testimony.objects.get()
    given.receipt = bytes(given.receipt)[:-1] + bytes([bytes(given.receipt)[-1] ^ 1])
    given.save()
    assert len(list(witnesses.findings())) == 1
