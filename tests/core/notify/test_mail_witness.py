"""A mailbox as a witness of the ledger: the mail that arrives by SMTP shows later what stood there."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.core.ledger.builders import AT, BY, count_to

from tinhso.core.api import witness as _kinds  # noqa: F401 - registers them
from tinhso.core.ledger import loop, verify, witnesses
from tinhso.core.ledger.models import Seal

from .test_notify import Mailbox, mailbox

__all__ = ["mailbox"]  # a fixture


def test_the_mail_of_a_witness_finds_a_past_that_was_cut_off(db: Any, mailbox: Mailbox, tmp_path: Path) -> None:
    count_to(3)
    loop.seal_now()
    seal = Seal.objects.latest("number")
    witnesses.add_witness("Thanh tra", kind="email", address="luu-chieu@thanh-tra.example", by=BY, at=AT)
    assert witnesses.ask_all(AT) == 1
    (mail,) = mailbox.messages
    assert mail["To"] == "luu-chieu@thanh-tra.example"
    assert mail["Subject"].startswith(f"ledger {seal.number} ")
    kept = tmp_path / "kept.jsonl"
    kept.write_text(mail.get_content().strip().splitlines()[-1] + "\n")
    assert verify.verify(kept) == []
    with db.connect() as attacker:  # who also holds the key
        attacker.execute("SET session_replication_role = replica")
        attacker.execute("DELETE FROM ledger_seal WHERE number = %s", [seal.number])
    loop.seal_now()
    assert verify.verify() == []
    (finding,) = verify.verify(kept)
    assert str(seal.number) in str(finding)


def test_a_mailbox_that_refuses_or_is_away_stops_no_other_witness(db: Any, mailbox: Mailbox, settings: Any) -> None:
    count_to(3)
    loop.seal_now()
    refusing = witnesses.add_witness("Thanh tra", kind="email", address="khong-co@example.test", by=BY, at=AT)
    mailbox.recipient_reply = b"550 no such user"
    assert witnesses.ask_all(AT) == 0
    refusing.refresh_from_db()
    assert "smtp:550" in refusing.error
    mailbox.recipient_reply = b"250 OK"
    assert witnesses.ask_all(AT) == 1
    refusing.refresh_from_db()
    assert refusing.error == ""
    settings.TINHSO = settings.TINHSO.model_copy(update={"email_url": "smtp://127.0.0.1:9"})
    count_to(4)
    loop.seal_now()
    assert witnesses.ask_all(AT + timedelta(hours=1)) == 0
    refusing.refresh_from_db()
    assert "ConnectionRefusedError" in refusing.error
