"""The agency's seal in an HSM: it seals; away, wrongly opened or locked, everything waits whole and goes on later."""

from __future__ import annotations

import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.core.jobs.test_jobs import run_until
from tests.core.signing.token import PIN, SoftToken
from tinhso.cli.seal import faults
from tinhso.config.config import Hsm
from tinhso.core.agencies.models import Role
from tinhso.core.jobs.models import Failure
from tinhso.core.ledger.actions import Refused
from tinhso.core.ledger.models import Entry
from tinhso.core.numbering.models import Number
from tinhso.core.signing import enrol, hsm
from tinhso.core.signing.ca import Authority
from tinhso.core.signing.keys import keys_folder
from tinhso.core.signing.models import Certificate, Fault, Source
from tinhso.systems.dossiers.models import Letter, Result
from tinhso.systems.dossiers.verification import of_result

from .builders import a_dossier, by, staff


class Seal:
    """A commune whose seal is in an HSM."""

    def __init__(self, folder: Path, settings: Any) -> None:
        self.settings = settings
        self.agency = staff(Role.LEADER).agency
        ca = Authority.load((keys_folder("ca") / "demo.pem").read_bytes())
        self.issued = ca.issue(self.agency.name, at=timezone.now() - timedelta(hours=1))
        self.token = SoftToken(folder).hold(self.issued)
        self.pin_file = folder / "pin"
        self.types(PIN)
        self.configured({self.agency.code: Hsm(module=Path(self.token.driver), pin_file=self.pin_file)})
        place = hsm.place_of(self.agency)
        assert place is not None
        (identity,) = hsm.offered(place)
        self.certificate = enrol.seal_in_hsm(self.agency, identity, by=by(Role.CLERK), at=timezone.now())

    def configured(self, places: dict[str, Hsm]) -> None:
        self.settings.TINHSO = self.settings.TINHSO.model_copy(update={"seal_hsm": places})

    def types(self, pin: str) -> None:
        self.pin_file.write_text(f"{pin}\n")
        self.pin_file.chmod(0o600)

    def signed(self) -> a_dossier:
        """A dossier whose result the leader has signed; certificates of the demo are good from today."""
        done = a_dossier(timezone.now() - timedelta(days=3)).submitted().accepted().assigned().proposed()
        done.at = timezone.now()
        return done.signed()

    @property
    def fault(self) -> str:
        self.certificate.refresh_from_db()
        return self.certificate.fault


@pytest.fixture
def seal(province: Any, tmp_path: Path, settings: Any) -> Seal:
    return Seal(tmp_path / "hsm", settings)


def test_a_result_and_its_slip_are_sealed_by_the_key_in_the_hsm(seal: Seal, tmp_path: Path) -> None:
    (keys_folder("seals") / f"{seal.agency.pk}.pem").rename(tmp_path / "the key file, put away")
    try:
        done = seal.signed().with_letters().issued()
    finally:
        (tmp_path / "the key file, put away").rename(keys_folder("seals") / f"{seal.agency.pk}.pem")
    result = Result.objects.get(dossier=done.pk)
    verdict = of_result(result, at=timezone.now() + timedelta(hours=3))
    assert verdict.genuine
    assert verdict.report.signatures[-1].certificate == seal.certificate.pk
    assert seal.certificate.source == Source.HSM
    assert Letter.objects.get(dossier=done.pk).file is not None
    said = str(list(Entry.objects.values_list("payload", flat=True))) + str(Certificate.objects.values())
    assert PIN not in said

    if shutil.which("pdfsig"):
        file = tmp_path / "sealed.pdf"
        file.write_bytes(done.result_pdf)
        told = subprocess.run(["pdfsig", "-nocert", str(file)], capture_output=True, text=True, check=False).stdout
        assert told.count("Signature is Valid") == 2, told


def test_with_the_hsm_away_the_number_is_kept_and_the_seal_follows_by_itself(
    seal: Seal, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = seal.signed()
    seal.token.pulled_out()
    with pytest.raises(hsm.SealAway):
        done.issued()
    assert seal.fault == Fault.AWAY
    (said,) = faults()
    assert seal.agency.name in said
    result = Result.objects.get(dossier=done.pk)
    assert (result.issued, result.issued_at) == (None, None)
    number = result.number
    clerk = Client()
    clerk.force_login(staff(Role.CLERK).account)
    page = clerk.get(f"/ban-lam-viec/ho-so/{done.pk}/").content.decode()
    assert "HSM giữ con dấu không trả lời" in page
    administrator = Client()
    administrator.force_login(staff(Role.ADMINISTRATOR).account)
    assert "HSM giữ con dấu không trả lời" in administrator.get("/quan-tri/chung-thu-so/").content.decode()

    monkeypatch.setattr("tinhso.core.jobs.registry.wait_after", lambda attempts: timedelta(seconds=0.2))
    run_until(lambda: Failure.objects.filter(job="dossiers.seal_result", error="SealAway").exists())
    seal.token.put_back()
    run_until(lambda: Result.objects.filter(dossier=done.pk, issued__isnull=False).exists())
    assert Result.objects.get(dossier=done.pk).number == number
    assert Number.objects.filter(subject_id=result.pk).count() == 1
    assert Entry.objects.filter(event="dossiers.result_issued").count() == 1
    assert seal.fault == ""
    assert list(faults()) == []


def test_a_wrong_pin_is_tried_once_and_the_right_one_goes_on(seal: Seal, caplog: pytest.LogCaptureFixture) -> None:
    key = hsm.HsmKey(seal.certificate.identity, hsm.place_of(seal.agency))  # type: ignore[arg-type]
    tried: list[str] = []
    real = hsm.opened

    def counted(module: str, held: Any, pin: str) -> Any:
        tried.append(pin)
        return real(module, held, pin)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(hsm, "opened", counted)
        seal.types("000000")
        for _again in range(5):
            with pytest.raises(hsm.SealAway) as wrong:
                key.sign(b"x")
            assert wrong.value.fault == Fault.PIN_WRONG
        assert "000000" not in caplog.text
        assert tried == ["000000"], "a wrong PIN is not tried until the HSM locks itself"
        seal.types(PIN)
        assert key.identity.verify(key.sign(b"x"), b"x")


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        (lambda seal: seal.pin_file.unlink(), Fault.PIN_UNREAD),
        (lambda seal: seal.pin_file.chmod(0o604), Fault.PIN_UNREAD),
        (lambda seal: seal.configured({}), Fault.NOT_CONFIGURED),
        (lambda seal: seal.configured({"*": Hsm(module=Path("/no/driver.so"), pin_file=seal.pin_file)}), Fault.AWAY),
    ],
)
def test_what_an_operator_must_mend_is_said(seal: Seal, broken: Any, fault: Fault) -> None:
    broken(seal)
    with pytest.raises(hsm.SealAway):
        hsm.HsmSeal(seal.certificate).sign(b"x")
    assert seal.fault == fault


def test_a_certificate_of_a_stranger_is_not_taken_for_a_seal(seal: Seal) -> None:
    stranger = Authority.make("Người lạ", at=timezone.now() - timedelta(days=1)).issue("Ai đó", at=timezone.now())
    seal.token.hold(stranger, key_id=b"\x02")
    place = hsm.place_of(seal.agency)
    assert place is not None
    identity = next(one for one in hsm.offered(place) if one.fingerprint == stranger.signer.identity.fingerprint)
    with pytest.raises(Refused) as refused:
        enrol.seal_in_hsm(seal.agency, identity, by=by(Role.CLERK), at=timezone.now())
    assert refused.value.code == "certificate_untrusted"
