"""A leader signs results: one by one or many, with a file, a token or a remote key; each exactly once."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.core.signing.authority import Running, running
from tinhso.core.agencies.models import Role, Staff
from tinhso.core.files.models import FileLink
from tinhso.core.files.queries import read_bytes
from tinhso.core.ledger.actions import Refused
from tinhso.core.ledger.models import Entry
from tinhso.core.notify.models import Notice
from tinhso.core.signing import documents, enrol, jobs, stamps, work
from tinhso.core.signing.actions import register_certificate, revoke_certificate
from tinhso.core.signing.ca import Authority, Issued
from tinhso.core.signing.demo import DEMO_PASSPHRASE
from tinhso.core.signing.keys import keys_folder, personal_key
from tinhso.core.signing.models import Certificate, Preparation, Source, Upkeep
from tinhso.core.signing.report import Verdict
from tinhso.core.signing.validation import validate
from tinhso.core.ui.reminders import remind_all
from tinhso.simulators.csc.server import PIN, Service, serve
from tinhso.systems.dossiers.models import Letter, Result
from tinhso.systems.dossiers.verification import of_pdf, of_result

from .builders import a_dossier, by, staff

DAY = timedelta(days=1)


@pytest.fixture
def leader(province: Any) -> Staff:
    return staff(Role.LEADER)


@pytest.fixture
def ca(leader: Staff) -> Authority:
    return Authority.load((keys_folder("ca") / "demo.pem").read_bytes())


@pytest.fixture
def authority(ca: Authority) -> Iterator[Running]:
    with running(ca.dump()) as one:
        yield one


@pytest.fixture
def page(leader: Staff) -> Client:
    client = Client()
    client.force_login(leader.account)
    return client


def proposed(count: int) -> list[Any]:
    now = timezone.now() - timedelta(days=3)
    return [a_dossier(now).submitted().accepted().assigned().proposed() for _n in range(count)]


def keys_of(leader: Staff) -> list[str]:
    return [document.key for document in documents.waiting(leader)]


def on_a_token(ca: Authority, leader: Staff, **more: Any) -> tuple[Issued, Certificate]:
    at = timezone.now()
    issued = ca.issue("Trần Thị Mỹ Hương", at=at - DAY, **more)
    certificate = register_certificate(
        issued.chain_pem, holder=leader.account, agency=leader.agency, source=Source.TOKEN, checked_at=None,
        by=by(Role.LEADER), at=at,
    )  # fmt: skip
    return issued, certificate


def post(client: Client, path: str, body: Any) -> tuple[int, Any]:
    answer = client.post(path, json.dumps(body), content_type="application/json")
    return answer.status_code, answer.json() if answer["Content-Type"] == "application/json" else None


def test_many_are_signed_by_one_passphrase_and_the_rest_after_a_break(page: Client, leader: Staff) -> None:
    proposed(3)
    wrong = page.post("/ban-lam-viec/ky/", {"document": keys_of(leader), "way": "file", "passphrase": "sai"})
    assert wrong.status_code == 409
    assert Result.objects.filter(signed=None).count() == 3
    key = personal_key(leader.account_id, DEMO_PASSPHRASE)
    outcomes = work.sign_all(keys_of(leader), key, staff=leader, by=by(Role.LEADER), at=timezone.now())
    next(outcomes)
    outcomes.close()  # the page broke off
    assert len(keys_of(leader)) == 2
    stale = [*keys_of(leader), f"dossiers.result:{Result.objects.exclude(signed=None).get().pk}:{leader.pk}"]
    answer = page.post("/ban-lam-viec/ky/", {"document": stale, "way": "file", "passphrase": DEMO_PASSPHRASE})
    text = b"".join(answer.streaming_content).decode()
    assert text.count(": đã ký") == 2  # a line each, beside the sentence that says what a break leaves
    assert "Đã ký: 2. Chưa ký: 1." in text
    assert text.rstrip().endswith("</html>")
    assert keys_of(leader) == []
    assert Entry.objects.filter(event="dossiers.result_signed").count() == 3
    assert Entry.objects.filter(event="signature.made").count() == 3
    assert "Không có văn bản nào chờ ký" in page.get("/ban-lam-viec/ky/").content.decode()


def test_a_token_signs_what_was_prepared_exactly_once(page: Client, leader: Staff, ca: Authority) -> None:
    proposed(2)
    issued, certificate = on_a_token(ca, leader)
    asked = {"documents": keys_of(leader), "fingerprint": certificate.fingerprint}
    status, ready = post(page, "/ban-lam-viec/ky/chuan-bi", asked)
    assert (status, len(ready["prepared"]), ready["refused"]) == (200, 2, [])
    first, second = ready["prepared"]
    made = {"signature": base64.b64encode(issued.signer.sign(base64.b64decode(first["attributes"]))).decode()}
    mixed = post(page, f"/ban-lam-viec/ky/{second['id']}", made)
    assert (mixed[0], mixed[1]["error"]) == (409, "wrong_key")
    for _click in range(2):
        assert post(page, f"/ban-lam-viec/ky/{first['id']}", made) == (200, {"done": True})
    assert Entry.objects.filter(event="dossiers.result_signed").count() == 1
    row = Result.objects.exclude(signed=None).get()
    assert FileLink.objects.filter(owner_id=row.dossier_id, name__endswith="da-ky.pdf").count() == 1

    other = Staff.objects.filter(roles__contains=[Role.LEADER]).exclude(account=leader.account_id).first()
    assert other is not None
    stranger = Client()
    stranger.force_login(other.account)
    assert post(stranger, f"/ban-lam-viec/ky/{second['id']}", made)[0] == 404, "another's prepared signature"
    Preparation.objects.filter(pk=second["id"]).update(expires_at=timezone.now() - DAY)
    late = post(page, f"/ban-lam-viec/ky/{second['id']}", made)
    assert (late[0], late[1]["error"]) == (409, "preparation_expired")
    assert Result.objects.filter(signed=None).count() == 1
    assert Preparation.objects.filter(used_at=None).count() == 1


def test_expired_and_unregistered_certificates_sign_nothing(page: Client, leader: Staff, ca: Authority) -> None:
    proposed(1)
    _issued, certificate = on_a_token(ca, leader)
    asked = {"documents": keys_of(leader), "fingerprint": certificate.fingerprint}
    Certificate.objects.filter(pk=certificate.pk).update(not_after=timezone.now() - timedelta(hours=1))
    assert post(page, "/ban-lam-viec/ky/chuan-bi", asked)[1]["error"] == "certificate_expired"
    said = post(page, "/ban-lam-viec/ky/chuan-bi", {**asked, "fingerprint": "0" * 64})[1]
    assert said["error"] == "certificate_not_registered"
    assert "đăng ký" in said["words"]
    assert not Preparation.objects.exists()


def test_what_its_issuer_revoked_is_refused_also_half_way(
    page: Client, leader: Staff, ca: Authority, authority: Running
) -> None:
    proposed(1)
    issued, certificate = on_a_token(ca, leader, told_at=authority.url)
    asked = {"documents": keys_of(leader), "fingerprint": certificate.fingerprint}
    ready = post(page, "/ban-lam-viec/ky/chuan-bi", asked)[1]["prepared"][0]
    certificate.refresh_from_db()
    assert certificate.checked_at is not None, "the issuer said that it stands"
    authority.authority.revoked[issued.certificate.serial_number] = timezone.now()
    Certificate.objects.filter(pk=certificate.pk).update(checked_at=timezone.now() - timedelta(hours=1))
    made = {"signature": base64.b64encode(issued.signer.sign(base64.b64decode(ready["attributes"]))).decode()}
    status, said = post(page, f"/ban-lam-viec/ky/{ready['id']}", made)
    assert (status, said["error"]) == (409, "certificate_revoked")
    certificate.refresh_from_db()
    assert certificate.revoked_at is not None
    assert Entry.objects.filter(event="certificate.revoked").count() == 1
    assert not Result.objects.exclude(signed=None).exists()
    authority.away()
    with pytest.raises(Refused) as gone:
        enrol.by_token(
            issued.signer.identity, b"x", issued.signer.sign(b"x"), staff=leader, by=by(Role.LEADER), at=timezone.now()
        )
    assert gone.value.code == "revocation_unknown"


def test_an_issuer_that_is_silent_is_trusted_for_a_day(leader: Staff, ca: Authority, authority: Running) -> None:
    _issued, certificate = on_a_token(ca, leader, told_at=authority.url)
    authority.away()
    now = timezone.now()
    Certificate.objects.filter(pk=certificate.pk).update(checked_at=now - timedelta(hours=1))
    assert work.certificate_for(certificate.fingerprint, leader, at=now) == certificate
    with pytest.raises(Refused) as silent:
        work.certificate_for(certificate.fingerprint, leader, at=now + timedelta(hours=25))
    assert silent.value.code == "revocation_unknown"


def test_a_remote_key_is_registered_and_signs_many_with_one_pin(
    page: Client, leader: Staff, ca: Authority, settings: Any
) -> None:
    proposed(2)
    server = serve(Service(ca.dump(), "tinhso", "bi-mat"), "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        here = {"csc_client_id": "tinhso", "csc_client_secret": "bi-mat"}
        for version, user in (("v1", "huong"), ("v2", "huong-2")):
            address = f"http://127.0.0.1:{server.server_port}"
            settings.TINHSO = settings.TINHSO.model_copy(update={"csc_url": address, "csc_version": version, **here})
            wrong = page.post("/toi/chu-ky-so/tu-xa", {"user": user, "pin": "000000"})
            assert (wrong.status_code, "PIN sai" in wrong.content.decode()) == (422, True)
            assert page.post("/toi/chu-ky-so/tu-xa", {"user": user, "pin": PIN}).status_code == 302
        chosen = {"document": keys_of(leader), "way": "remote"}
        assert page.post("/ban-lam-viec/ky/", {**chosen, "pin": "1"}).status_code == 409
        text = b"".join(page.post("/ban-lam-viec/ky/", {**chosen, "pin": PIN}).streaming_content).decode()
        assert "Đã ký: 2. Chưa ký: 0." in text
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    proposed(1)
    away = page.post("/ban-lam-viec/ky/", {"document": keys_of(leader), "way": "remote", "pin": PIN})
    assert (away.status_code, Result.objects.filter(signed=None).count()) == (503, 1)


class Careless(Service):
    """A remote service that makes something of its answers."""

    def make(self, signatures: list[str]) -> Any:
        return signatures

    def _sign(self, asked: dict[str, Any]) -> dict[str, Any]:
        said = self.make(super()._sign(asked)["signatures"])
        return {"signatures": said} if said is not None else {}


WRONG: dict[str, Callable[[list[str]], Any]] = {
    "nothing": lambda made: None,
    "none": lambda made: [],
    "one too few": lambda made: made[:1],
    "one too many": lambda made: [*made, made[0]],
    "no base64": lambda made: ["không phải chữ ký", made[1]],
    "numbers": lambda made: [1, 2],
    "one word": lambda made: made[0],
}


def test_what_a_remote_service_answers_is_kept_only_where_it_is_the_signature(
    page: Client, leader: Staff, ca: Authority, settings: Any
) -> None:
    proposed(2)
    service = Careless(ca.dump(), "tinhso", "bi-mat")
    server = serve(service, "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        address = f"http://127.0.0.1:{server.server_port}"
        here = {"csc_url": address, "csc_client_id": "tinhso", "csc_client_secret": "bi-mat"}
        settings.TINHSO = settings.TINHSO.model_copy(update=here)
        assert page.post("/toi/chu-ky-so/tu-xa", {"user": "huong", "pin": PIN}).status_code == 302
        chosen = {"document": keys_of(leader), "way": "remote", "pin": PIN}
        for what, make in WRONG.items():
            service.make = make  # type: ignore[method-assign]
            refused = page.post("/ban-lam-viec/ky/", chosen)
            assert (refused.status_code, "không trả về chữ ký" in refused.content.decode()) == (502, True), what

        def told() -> str:
            answer = page.post("/ban-lam-viec/ky/", {**chosen, "document": keys_of(leader)})
            return b"".join(answer.streaming_content).decode()

        service.make = lambda made: made[::-1]  # type: ignore[method-assign]
        assert "Đã ký: 0. Chưa ký: 2." in told(), "each is the other's"
        assert not Result.objects.exclude(signed=None).exists()
        assert not FileLink.objects.filter(name__endswith="da-ky.pdf").exists()
        service.make = lambda made: [made[0], made[0][:-8] + "AAAAAAA="]  # type: ignore[method-assign]
        assert "Đã ký: 1. Chưa ký: 1." in told(), "the right one is kept, the damaged one is not"
        service.make = lambda made: made  # type: ignore[method-assign]
        assert "Đã ký: 1. Chưa ký: 0." in told()
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    for result in Result.objects.all():
        assert validate(read_bytes(result.signed), at=timezone.now()).verdict is Verdict.UNSEALED


def test_a_certificate_whose_root_is_trusted_no_longer_signs_nothing(leader: Staff) -> None:
    at = timezone.now()
    stranger = Authority.make("Người lạ", at=at - DAY)
    _issued, certificate = on_a_token(stranger, leader)
    with pytest.raises(Refused) as refused:
        work.certificate_for(certificate.fingerprint, leader, at=at)
    assert refused.value.code == "certificate_untrusted"


def test_what_is_learned_of_the_certificate_between_two_documents_stops_the_rest(leader: Staff) -> None:
    proposed(3)
    key, at = personal_key(leader.account_id, DEMO_PASSPHRASE), timezone.now()
    outcomes = work.sign_all(keys_of(leader), key, staff=leader, by=by(Role.LEADER), at=at)
    assert next(outcomes).refusal is None
    certificate = work.certificate_for(key.identity.fingerprint, leader, at=at)
    revoke_certificate(certificate, reason="Mất", by=by(Role.LEADER), at=at)
    assert [one.refusal.code for one in outcomes if one.refusal] == ["certificate_revoked"] * 2
    assert Result.objects.exclude(signed=None).count() == 1


def test_a_key_file_is_registered_once_and_can_be_reported_lost(page: Client, leader: Staff, ca: Authority) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    p12 = ca.issue("Trần Thị Mỹ Hương", at=timezone.now() - DAY).pkcs12("mật khẩu mới")

    def send(data: bytes, passphrase: str) -> Any:
        file = SimpleUploadedFile("khoa.p12", data)
        return page.post("/toi/chu-ky-so/tep", {"key": file, "passphrase": passphrase})

    stranger = Authority.make("Người lạ", at=timezone.now() - DAY).issue("Ai đó", at=timezone.now() - DAY)
    assert "tin cậy" in send(stranger.pkcs12("x"), "x").content.decode()
    assert send(p12, "sai").status_code == 422
    before = (keys_folder("personal") / f"{leader.account_id}.p12").read_bytes()
    try:
        assert send(p12, "mật khẩu mới").status_code == 302
        assert personal_key(leader.account_id, "mật khẩu mới")
    finally:
        (keys_folder("personal") / f"{leader.account_id}.p12").write_bytes(before)
    certificate = Certificate.objects.filter(holder=leader.account_id).latest("not_after")
    assert page.post(f"/toi/chu-ky-so/{certificate.pk}/bao-mat").status_code == 302
    certificate.refresh_from_db()
    assert certificate.revoked_at is not None
    other = Certificate.objects.exclude(holder=leader.account_id).exclude(holder=None).first()
    assert other is not None
    assert page.post(f"/toi/chu-ky-so/{other.pk}/bao-mat").status_code == 404


def test_what_was_not_stamped_is_caught_up_and_past_a_day_signing_stops(
    page: Client, leader: Staff, authority: Running, settings: Any
) -> None:
    settings.TINHSO = settings.TINHSO.model_copy(update={"tsa_url": authority.url})
    authority.away()
    done = a_dossier(timezone.now() - timedelta(days=3)).submitted().accepted().assigned().proposed()
    key = personal_key(leader.account_id, DEMO_PASSPHRASE)
    now = timezone.now()
    work.sign(documents.waiting(leader)[0], key, staff=leader, by=by(Role.LEADER), at=now)
    row = Upkeep.objects.get()
    assert row.unstamped_since == now
    proposed(1)
    with pytest.raises(Refused) as stopped:
        work.certificate_for(key.identity.fingerprint, leader, at=now + timedelta(hours=25))
    assert stopped.value.code == "stamps_behind"
    done.at = now
    done.issued()
    issued = Result.objects.get(dossier=done.pk)
    sealed = done.result_pdf
    assert jobs.round_of(timezone.now()) == 0, "still away"

    authority.back()
    stamps.authority().resting_until = 0
    assert jobs.round_of(timezone.now() + timedelta(hours=2)) == 1
    row.refresh_from_db()
    assert row.unstamped_since is None
    assert row.renew_at is not None
    kept = done.result_pdf
    assert kept.startswith(sealed)
    assert len(kept) > len(sealed)
    at = timezone.now() + timedelta(minutes=5)
    assert all(s.stamped_at for s in validate(kept, at=at + timedelta(hours=2)).signatures)
    issued.refresh_from_db()
    later = at + timedelta(hours=2)
    assert of_result(issued, at=later).genuine, "what the ledger knows is the beginning of what is kept"
    assert of_pdf(kept, at=later).genuine
    assert of_pdf(sealed, at=later).genuine, "the copy that was handed out before stays genuine"
    assert not of_pdf(kept + b"\n%", at=later).genuine or of_pdf(kept + b"\n%", at=later).report.ok
    assert jobs.round_of(later) == 0, "nothing is due"
    assert jobs.round_of(row.renew_at + DAY) == 1, "stamped again before the authority's certificate ends"
    assert len(validate(done.result_pdf, at=later).stamps) == 2
    assert Entry.objects.filter(event="document.stamped").count() == 2
    work.certificate_for(key.identity.fingerprint, leader, at=now + timedelta(hours=25))


def test_slips_and_refusals_get_their_missed_stamps_and_new_ones_too(
    leader: Staff, authority: Running, settings: Any
) -> None:
    settings.TINHSO = settings.TINHSO.model_copy(update={"tsa_url": authority.url})
    authority.away()
    at = timezone.now() - timedelta(days=3)
    slip = a_dossier(at).submitted().accepted().with_letters()
    refusal = a_dossier(at).submitted().refused().with_letters()
    letters = Letter.objects.select_related("file").filter(dossier__in=[slip.pk, refusal.pk])
    sealed = {letter.pk: read_bytes(letter.file) for letter in letters}
    assert Upkeep.objects.exclude(unstamped_since=None).count() == 2
    authority.back()
    stamps.authority().resting_until = 0
    assert jobs.round_of(timezone.now()) == 2
    later = timezone.now() + timedelta(hours=2)
    for letter in letters.all():
        kept = read_bytes(letter.file)
        report = validate(kept, at=later)
        assert (report.ok, len(report.stamps), report.sealed_length) == (True, 1, len(sealed[letter.pk]))
        assert kept.startswith(sealed[letter.pk])
        assert FileLink.objects.filter(owner_id=letter.dossier_id, name=letter.file.name).count() == 1
    rows = Upkeep.objects.filter(kind="dossiers.letter", unstamped_since=None)
    assert rows.count() == 2
    assert jobs.round_of(max(row.renew_at for row in rows) + DAY) == 2
    assert {len(validate(read_bytes(letter.file), at=later).stamps) for letter in letters.all()} == {2}
    assert Entry.objects.filter(event="document.stamped").count() == 4


def test_holders_and_administrators_are_reminded_once_at_each_stage(leader: Staff) -> None:
    personal = Certificate.objects.get(holder=leader.account_id)
    seal = Certificate.objects.filter(kind="seal", agency=leader.agency_id).get()
    now = timezone.now()
    Certificate.objects.filter(pk__in=[personal.pk, seal.pk]).update(not_after=now + timedelta(days=40))
    assert [remind_all(now), remind_all(now + DAY)] == [2, 0]
    assert Notice.objects.filter(account=leader.account_id, kind="signing.expiring").count() == 1
    assert Notice.objects.filter(kind="signing.seal_expiring").exists()
    assert remind_all(now + timedelta(days=15)) == 2
    revoke_certificate(personal, reason="thay mới", by=by(Role.LEADER), at=now)
    assert remind_all(now + timedelta(days=35)) == 1


def test_the_register_shows_only_what_an_administrator_reaches(province: Any) -> None:
    administrator = Staff.objects.filter(roles__contains=[Role.ADMINISTRATOR]).earliest("pk")
    client = Client()
    client.force_login(administrator.account)
    assert "Tỉnh Số (trình diễn) - CA phát hành" in client.get("/quan-tri/chung-thu-so/").content.decode()
    inside = Certificate.objects.filter(agency__path__contains=[administrator.agency_id]).earliest("pk")
    path = f"/quan-tri/chung-thu-so/{inside.pk}/thu-hoi"
    Certificate.objects.filter(pk=inside.pk).update(agency=None, kind="personal", holder=administrator.account)
    assert client.post(path, {"reason": "thử"}).status_code == 404, "of no agency that is reached"
