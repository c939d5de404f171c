"""A paper is shown by a link that ends, and one from elsewhere is added."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pikepdf
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, SimpleSigner, sign_pdf

from tests.systems.dossiers.builders import MONDAY, a_dossier, citizen, staff
from tests.systems.vault.test_vault import BY, fill, page, scan
from tinhso.core.accounts.holdings import lookers
from tinhso.core.agencies import demo as agencies
from tinhso.core.agencies.models import Role, Staff
from tinhso.core.files import actions as files
from tinhso.core.files.queries import read_bytes
from tinhso.core.ledger.models import Entry
from tinhso.core.signing.ca import Authority
from tinhso.core.signing.keys import keys_folder
from tinhso.systems.dossiers import actions as dossiers
from tinhso.systems.vault import actions
from tinhso.systems.vault.checking import look
from tinhso.systems.vault.models import Paper, Share, Trust

pytestmark = pytest.mark.usefixtures("province")


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are asked the day after the dossiers of the builders ended."""
    monkeypatch.setattr(timezone, "now", lambda: MONDAY + timedelta(days=2))


def a_paper(username: str = "hoa", trust: Trust = Trust.OWN) -> Paper:
    person = citizen(username).person
    assert person is not None
    link = files.store(scan(), name="bang.pdf", by=BY, at=timezone.now())
    return actions.add(person, link, actions.Said("Bằng đại học", trust), by=BY, at=timezone.now())


def a_link(paper: Paper, days: int = 7) -> tuple[Share, str]:
    made, token = actions.share(paper, days=days, by=BY, at=timezone.now())
    return made, f"/chia-se/{token}/"


def test_a_link_shows_the_paper_to_whoever_has_it_and_its_owner_sees_each_opening() -> None:
    paper, hoa, stranger = a_paper(), page("hoa"), Client()
    made = hoa.post(f"/toi/kho-giay-to/{paper.pk}/chia-se/", {"days": "7"}).content.decode()
    address = made.split('id="share-link" value="')[1].split('"')[0].removeprefix(settings.TINHSO.base_url)
    token = address.strip("/").rpartition("/")[2]
    assert len(token) >= 43, "256 random bits"
    assert token not in str(list(Share.objects.values())) + str(list(Entry.objects.values_list("payload")))

    first = stranger.get(address)
    assert "Bằng đại học" not in first.content.decode(), "programs that preview links see nothing"
    assert "Chưa ai mở" in hoa.get(f"/toi/kho-giay-to/{paper.pk}/").content.decode()
    opened = stranger.post(address)

    assert "Bằng đại học" in opened.content.decode()
    assert "Hãy yêu cầu bản chính" in opened.content.decode(), "nobody has verified it"
    assert opened["X-Robots-Tag"].startswith("noindex")
    assert opened["Referrer-Policy"] == "same-origin"
    assert opened["Cache-Control"] == "private, no-store"
    file = stranger.get(f"{address}tep/")
    assert b"".join(file.streaming_content).startswith(b"%PDF")  # type: ignore[attr-defined]
    assert "2 lần" in hoa.get(f"/toi/kho-giay-to/{paper.pk}/").content.decode()


def test_a_link_ends_at_once_or_by_itself_and_says_so_kindly_without_a_line_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    paper = a_paper()
    (ended, one), (over, other) = a_link(paper), a_link(paper, 1)
    stop = f"/toi/kho-giay-to/{paper.pk}/chia-se/{ended.pk}/dung/"
    assert page("minh").post(stop).status_code == 404
    page("hoa").post(stop)
    Share.objects.filter(pk=over.pk).update(until=timezone.now() - timedelta(minutes=1))

    with caplog.at_level(logging.INFO):
        for address in (one, f"{one}tep/", other):
            answer = Client().get(address)
            assert answer.status_code == 410
            assert "xin người gửi" in answer.content.decode()
        unknown = Client().get("/chia-se/khong-co/")
        limited = [Client().get(one).status_code for _n in range(25)]

    assert unknown.status_code == 404
    assert 429 in limited
    assert not [word for word in (*one.split("/"), *other.split("/")) if len(word) > 40 and word in caplog.text]
    assert Share.objects.get(pk=ended.pk).ended_at is not None


def test_the_link_of_a_result_proves_it_and_warns_once_it_is_cancelled(later: None) -> None:
    done = a_dossier().submitted().accepted().with_letters().assigned().proposed().signed().issued().returned().row
    fill()
    _share, address = a_link(Paper.objects.get())
    assert "Văn bản thật" in Client().post(address).content.decode()

    dossiers.cancel_result(done, reason="Người ký không còn thẩm quyền.", by=BY, at=timezone.now())

    assert "Đã hủy" in Client().post(address).content.decode()


def typed(file: Any, **more: str) -> dict[str, Any]:
    return {"file": file, "name": "Bằng đại học", "number": "B 12", "agency_name": "Trường Đại học", **more}


@pytest.fixture
def provider() -> Iterator[bytes]:
    """A PDF validly signed by somebody who bought a certificate of a provider that is trusted here."""
    since = datetime.now(UTC) - timedelta(hours=1)  # pyHanko signs by the machine's clock
    authority = Authority.make("Nhà cung cấp chữ ký số", at=since)
    trusted = keys_folder("trust") / "provider.pem"
    trusted.write_bytes(authority.root.public_bytes(Encoding.PEM))
    issued = authority.issue("Nguyễn Văn A", at=since)
    plain = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(plain)
    signer = SimpleSigner.load_pkcs12_data(issued.pkcs12("x"), other_certs=[], passphrase=b"x")
    out = sign_pdf(IncrementalPdfFileWriter(plain), PdfSignatureMetadata(field_name="Ky"), signer=signer)
    yield out.getvalue()
    trusted.unlink()


def test_a_pdf_signed_by_an_authority_is_verified_and_one_signed_by_just_anybody_is_not(
    later: None, provider: bytes, settings: Any
) -> None:
    slip = a_dossier().submitted().accepted().with_letters().row.letters.get()
    hoa = page("hoa")
    assert slip.file
    sealed = SimpleUploadedFile("phieu.pdf", read_bytes(slip.file))

    hoa.post("/toi/kho-giay-to/them/", typed(sealed))

    paper = Paper.objects.get()
    assert (paper.trust, paper.agency_name) == (Trust.SIGNED, slip.dossier.receiving_agency.name), "not as was typed"
    paid = hoa.post("/toi/kho-giay-to/them/", typed(SimpleUploadedFile("bang.pdf", provider)), follow=True)
    assert "chưa được xác minh" in paid.content.decode()
    assert Paper.objects.latest("id").trust == Trust.OWN, "a chain proves who signed, not that it is an authority"
    settings.TINHSO = settings.TINHSO.model_copy(update={"state_cas": ["Nhà cung cấp chữ ký số - CA phát hành"]})
    assert look(provider, "Bằng", at=datetime.now(UTC)).said, "the administrator may say that it serves only the state"


def test_a_result_that_was_cancelled_is_not_added_and_one_cancelled_later_is_marked(later: None) -> None:
    done = a_dossier().submitted().accepted().with_letters().assigned().proposed().signed().issued().returned().row
    assert done.result.issued
    pdf = read_bytes(done.result.issued)
    page("minh").post("/toi/kho-giay-to/them/", typed(SimpleUploadedFile("ket-qua.pdf", pdf)))
    assert Paper.objects.get().number == "1/UBND-XNTTHN"

    dossiers.cancel_result(done, reason="Người ký không còn thẩm quyền.", by=BY, at=timezone.now())

    assert "Đã hủy" in page("minh").get("/toi/kho-giay-to/").content.decode()
    refused = page("hoa").post("/toi/kho-giay-to/them/", typed(SimpleUploadedFile("ket-qua.pdf", pdf)))
    assert refused.status_code == 422
    assert Paper.objects.count() == 1


def test_an_official_who_saw_the_original_makes_it_one_and_another_agency_never_sees_it() -> None:
    hoa, commune, sibling = page("hoa"), staff(Role.RECEPTIONIST), agencies.home()[2]
    other = Staff.objects.get(agency=sibling, roles__contains=[Role.RECEPTIONIST])
    elsewhere = page(other.account.username)
    desk = page(commune.account.username)
    hoa.post("/toi/kho-giay-to/them/", typed(scan()))
    paper = Paper.objects.get()
    address = f"/ban-lam-viec/doi-chieu-giay-to/{paper.pk}/"
    file = f"/tep/{paper.file_id}"
    assert desk.get(address).status_code == 404, "nobody has asked"
    hoa.post(f"/toi/kho-giay-to/{paper.pk}/doi-chieu/", {"agency": str(commune.agency_id)})

    assert [elsewhere.get(one).status_code for one in (address, file)] == [404, 404]
    assert paper.name in desk.get("/ban-lam-viec/doi-chieu-giay-to/").content.decode()
    assert desk.get(address).status_code == 200
    assert b"".join(desk.get(file).streaming_content)  # type: ignore[attr-defined]
    assert desk.post(address, {"outcome": "different", "reason": "?"}).status_code == 422
    desk.post(address, {"outcome": "different", "reason": "Số hiệu trên bản chính là B 13."})
    assert "B 13" in hoa.get(f"/toi/kho-giay-to/{paper.pk}/").content.decode()
    assert desk.get(file).status_code == 404, "its time to read is over"

    hoa.post(f"/toi/kho-giay-to/{paper.pk}/doi-chieu/", {"agency": str(commune.agency_id)})
    desk.post(address, {"outcome": "same"})

    paper.refresh_from_db()
    assert (paper.trust, paper.vouched_by, paper.asked) == (Trust.COMPARED, commune.account, None)
    person = citizen("hoa").person
    assert person is not None
    assert "vault.paper_seen" in [entry.event for entry in lookers(person)]
    hoa.post(f"/toi/kho-giay-to/{paper.pk}/bo/")
    assert not Paper.objects.exists()
