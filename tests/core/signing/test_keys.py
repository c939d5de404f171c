"""Certificates and keys: registered, revoked, kept by the owner only, never in the database."""

from __future__ import annotations

import stat
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as config
from django.db import IntegrityError, transaction

from tinhso.config.config import Mode
from tinhso.core.accounts import demo as people
from tinhso.core.agencies import demo as agencies
from tinhso.core.agencies.models import Agency, Role, Staff
from tinhso.core.ledger.actions import Actor, Refused
from tinhso.core.ledger.models import Entry
from tinhso.core.letters.render import render
from tinhso.core.signing import actions, demo, queries
from tinhso.core.signing.keys import agency_seal, keys_folder, personal_key
from tinhso.core.signing.models import Certificate, Kind
from tinhso.core.signing.report import Verdict
from tinhso.core.signing.results import fill_number_and_date, seal, sign_result
from tinhso.core.signing.validation import validate

from .life import AT, Life, letter_data

SYSTEM = Actor.system("test")


@pytest.fixture
def province(data_dir: Any) -> None:
    """The demo's agencies and people, with their keys."""
    for room in (agencies, people, demo):
        room.load(lambda words: None)


@pytest.fixture
def leader(province: None) -> Staff:
    return Staff.objects.filter(roles__contains=[Role.LEADER], agency__kind="commune").select_related("account").first()


def test_the_demo_gives_every_leader_and_receptionist_a_key_and_every_manned_agency_a_seal(province: None) -> None:
    signers = Staff.objects.filter(roles__overlap=[Role.LEADER, Role.RECEPTIONIST]).values("account").distinct()
    manned = Agency.objects.filter(staff__isnull=False).distinct()
    assert signers.exists()
    assert Certificate.objects.filter(kind=Kind.PERSONAL).count() == signers.count()
    assert Certificate.objects.filter(kind=Kind.SEAL).count() == manned.count()
    assert Entry.objects.filter(event="certificate.registered").count() == Certificate.objects.count()
    before = set(Certificate.objects.values_list("pk", flat=True))
    demo.load(lambda words: pytest.fail(f"made again: {words}"))
    assert set(Certificate.objects.values_list("pk", flat=True)) == before


def test_keys_are_readable_by_the_owner_only(province: None) -> None:
    for kind in ("ca", "personal", "seals"):
        folder = keys_folder(kind)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        files = list(folder.iterdir())
        assert files
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert all(b"ENCRYPTED" in f.read_bytes() or f.suffix == ".p12" for f in keys_folder("personal").iterdir())


def test_no_key_enters_the_database(province: None) -> None:
    assert not Certificate.objects.filter(pem__contains="PRIVATE KEY").exists()
    certificate = Certificate.objects.first()
    assert certificate is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        Certificate.objects.filter(pk=certificate.pk).update(pem="-----BEGIN PRIVATE KEY-----")


def test_the_demo_authority_is_not_made_in_production(data_dir: Any, settings: Any) -> None:
    settings.TINHSO = config.TINHSO.model_copy(update={"mode": Mode.PRODUCTION})
    with pytest.raises(RuntimeError, match="production"):
        demo.load(lambda words: None)


def test_official_and_agency_sign_a_result_that_is_valid(leader: Staff) -> None:
    from django.utils import timezone

    now = timezone.now()
    draft = render("procedures/marital_status", letter_data(), at=now)
    signed = sign_result(draft, staff=leader, passphrase=demo.DEMO_PASSPHRASE, at=now)
    filled = fill_number_and_date(signed.pdf, number="15/UBND-XNTTHN", date=now.date())
    report = validate(seal(filled, agency=leader.agency_id, at=now), at=now)
    assert report.verdict is Verdict.VALID
    assert not report.findings
    assert [s.certificate for s in report.signatures] == [
        signed.certificate.pk,
        queries.seal_certificate(leader.agency_id, at=now).pk,
    ]


def test_a_revoked_official_signs_no_more(leader: Staff) -> None:
    from django.utils import timezone

    now = timezone.now()
    draft = render("procedures/marital_status", letter_data(), at=now)
    certificate = queries.personal_certificate(leader.account_id, at=now)
    actions.revoke_certificate(certificate, reason="mất khóa", by=SYSTEM, at=now)
    with pytest.raises(Refused) as refused:
        sign_result(draft, staff=leader, passphrase=demo.DEMO_PASSPHRASE, at=now + timedelta(seconds=1))
    assert refused.value.code == "certificate_not_in_force"
    assert Entry.objects.filter(event="certificate.revoked").count() == 1


def test_without_a_key_or_a_seal_one_is_told_so(leader: Staff) -> None:
    with pytest.raises(Refused) as nobody:
        personal_key(leader.agency_id, "x")
    assert nobody.value.code == "no_key"
    with pytest.raises(Refused) as unsealed:
        agency_seal(leader.account_id)
    assert unsealed.value.code == "no_seal"
    with pytest.raises(Refused) as wrong:
        personal_key(leader.account_id, "sai")
    assert wrong.value.code == "wrong_passphrase"


def test_registering_needs_a_certificate_in_force_once(leader: Staff, life: Life) -> None:
    with pytest.raises(Refused) as nothing:
        actions.register_certificate(b"hello", holder=leader.account, by=SYSTEM, at=AT)
    assert nothing.value.code == "not_a_certificate"
    with pytest.raises(Refused) as late:
        actions.register_certificate(
            life.leader.chain_pem, holder=leader.account, by=SYSTEM, at=AT + timedelta(days=9999)
        )
    assert late.value.code == "certificate_expired"
    with_key = life.leader.pem()
    kept = actions.register_certificate(with_key, holder=leader.account, by=SYSTEM, at=AT)
    assert "PRIVATE" not in kept.pem
    assert kept.identity.fingerprint == kept.fingerprint
    with pytest.raises(Refused) as again:
        actions.register_certificate(life.leader.chain_pem, holder=leader.account, by=SYSTEM, at=AT)
    assert again.value.code == "certificate_known"
