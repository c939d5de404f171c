"""The desk of documents: what each may see and press; nothing typed is lost; secrets stay out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.core.files import samples
from tinhso.core.accounts.models import Account
from tinhso.core.agencies.demo import home
from tinhso.systems.documents import jobs
from tinhso.systems.documents.models import Assignment, Document, State

from .test_walk import BODY, issued, post, written

pytestmark = pytest.mark.usefixtures("province")
HERE = "/ban-lam-viec/van-ban/"


def at(username: str) -> Client:
    client = Client(headers={"accept-language": "vi"})
    client.force_login(Account.objects.get(username=username))
    return client


def typed(**changed: Any) -> dict[str, Any]:
    return {"type": "TB", "abstract": "lịch tiếp công dân tháng 12", "urgency": "0", "body": BODY, **changed}


def test_a_notice_is_written_submitted_and_checked_by_the_pages() -> None:
    _province, _commune, sibling = home()
    drafter = at("tuphap")
    answer = drafter.post(f"{HERE}soan/", typed(to=[str(sibling.pk)]))
    assert answer.status_code == 302, answer.content.decode()
    one = Document.objects.get()
    assert (one.notation, one.state) == ("TB-UBND", State.DRAFT)
    jobs.make_draft(document=str(one.pk), revision=one.revision)
    page = drafter.get(f"{HERE}{one.pk}/").content.decode()
    assert "Mở dự thảo" in page
    assert sibling.name in page
    drafter.post(f"{HERE}{one.pk}/trinh/", {"signer": str(post("chutich").pk)})
    jobs.make_draft(document=str(one.pk), revision=one.revision)
    head = at("truongphong")
    assert "lịch tiếp công dân" in head.get(HERE).content.decode()
    assert head.post(f"{HERE}{one.pk}/thong-qua/").status_code == 302
    one.refresh_from_db()
    assert one.state == State.SIGNING
    leader = at("chutich").get(f"{HERE}{one.pk}/").content.decode()
    assert "Ký" in leader
    back = at("chutich").post(f"{HERE}{one.pk}/gui-lai/", {"reason": "Bổ sung địa điểm."}, follow=True)
    assert "Đã gửi lại" in back.content.decode()
    assert "Bổ sung địa điểm." in drafter.get(f"{HERE}{one.pk}/").content.decode()


def test_the_slower_of_two_who_write_keeps_what_was_typed() -> None:
    one = written(post("tuphap"), [])
    client = at("tuphap")
    first = client.post(f"{HERE}{one.pk}/sua/", typed(revision="1", abstract="bản thứ nhất"))
    assert first.status_code == 302
    second = client.post(f"{HERE}{one.pk}/sua/", typed(revision="1", abstract="bản thứ hai"))
    words = second.content.decode()
    assert second.status_code == 422
    assert "vừa được sửa" in words
    assert "bản thứ hai" in words


@pytest.mark.parametrize("where", ["abstract", "body"])
def test_what_bears_a_marking_of_secrecy_is_refused_and_not_kept(where: str) -> None:
    changed = {"abstract": "MẬT "} if where == "abstract" else {"body": f"(Tuyệt mật)\n{BODY}"}
    answer = at("tuphap").post(f"{HERE}soan/", typed(**changed))
    assert answer.status_code == 422
    assert not Document.objects.exists()
    if where == "body":
        assert "Văn bản mật không được đưa lên mạng này" in answer.content.decode()


def test_a_notation_that_is_none_is_refused_in_words_and_one_on_paper_may_be_any() -> None:
    refused = at("tuphap").post(f"{HERE}soan/", typed(notation="Quyết định số"))
    assert refused.status_code == 422
    assert "Ký hiệu chỉ gồm" in refused.content.decode()
    at("vanthu").post(f"{HERE}nhan/", paper(notation="Số 45 Sở Tư pháp"))
    one = Document.objects.get()
    assert at("vanthu").post(f"{HERE}{one.pk}/vao-so/").status_code == 302
    assert "Số 45 Sở Tư pháp" in at("vanthu").get(f"{HERE}{one.pk}/").content.decode()


def paper(**changed: Any) -> dict[str, Any]:
    file = SimpleUploadedFile("den.pdf", samples.pdf("văn bản đến"), "application/pdf")
    return {
        "file": file, "sender_name": "Sở Tư pháp", "type": "CV", "notation": "45/STP-HCTP", "issued_on": "2026-11-20",
        "abstract": "hướng dẫn nghiệp vụ", "urgency": "2", **changed,
    }  # fmt: skip


def test_what_came_on_paper_is_held_once_registered_and_directed_by_the_pages() -> None:
    clerk, leader = at("vanthu"), at("chutich")
    assert clerk.post(f"{HERE}nhan/", paper()).status_code == 302
    again = clerk.post(f"{HERE}nhan/", paper())
    assert again.status_code == 422
    assert "Văn bản này đã có" in again.content.decode()
    one = Document.objects.get()
    clerk.post(f"{HERE}{one.pk}/vao-so/")
    one.refresh_from_db()
    assert (one.state, one.number.value if one.number else 0) == (State.REGISTERED, 1)
    due = timezone.localdate() + timedelta(days=5)
    nobody = leader.post(f"{HERE}{one.pk}/chi-dao/", {"due": due.isoformat(), "words": "Nghiên cứu, tham mưu."})
    assert nobody.status_code == 422
    lead, informs = str(post("tuphap").pk), [str(post("motcua").pk)]
    orders = {"lead": lead, "inform": informs, "due": due.isoformat(), "words": "Làm."}
    assert leader.post(f"{HERE}{one.pk}/chi-dao/", orders).status_code == 302
    officer, informed = at("tuphap"), at("motcua")
    assert "hướng dẫn nghiệp vụ" in informed.get(HERE).content.decode()
    assert officer.post(f"{HERE}{one.pk}/tien-do/", {"words": "Đã dự thảo."}).status_code == 302
    assert "Đã dự thảo." in leader.get(f"{HERE}{one.pk}/").content.decode()
    assert officer.post(f"{HERE}{one.pk}/xong/", {"words": "Đã trả lời bằng điện thoại."}).status_code == 302
    one.refresh_from_db()
    assert one.state == State.DONE
    assert not Assignment.objects.filter(done_at=None).exists()


def test_nobody_else_reads_it() -> None:
    _province, _commune, sibling = home()
    one = issued(written(post("tuphap"), [sibling]), *(post(n) for n in ("tuphap", "truongphong", "chutich", "vanthu")))
    assert one.issued is not None
    for who in ("motcua", "lanhdao.tinh", "tuphap2", "quantri"):
        client = at(who)
        assert client.get(f"{HERE}{one.pk}/").status_code in (403, 404), who
        assert client.get(f"/tep/{one.issued.pk}").status_code in (403, 404), who
        assert client.post(f"{HERE}{one.pk}/phat-hanh/").status_code in (403, 404), who
    theirs = Document.objects.get(agency=sibling)
    assert at("vanthu2").get(f"{HERE}{theirs.pk}/").status_code == 200
    assert at("vanthu").get(f"{HERE}{theirs.pk}/").status_code == 404
