"""Pages of a PDF as pictures: for whoever may read the file, and nobody is hurt by a bad one."""

from __future__ import annotations

import io

import pikepdf
import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image
from tests.core.files import samples
from tests.core.ui.papers import a_paper, actor, signed_in
from tests.core.ui.people import a_citizen

from tinhso.core.files import actions
from tinhso.core.ledger.models import AccessEntry
from tinhso.core.ui.pages.files.picture import page_count

pytestmark = pytest.mark.usefixtures("db")


def a_pdf(pages: int = 2) -> bytes:
    pdf, out = pikepdf.new(), io.BytesIO()
    for _page in range(pages):
        pdf.add_blank_page(page_size=(595, 842))
    pdf.save(out)
    return out.getvalue()


def test_a_page_is_a_picture_of_the_width_asked_for_and_the_look_is_logged_once() -> None:
    lan = a_citizen()
    link = a_paper(lan, a_pdf())
    answer = signed_in(lan).get(f"/tep/{link.pk}/trang/1.png?rong=400")
    assert answer["Content-Type"] == "image/png"
    assert Image.open(io.BytesIO(answer.content)).size == (480, 680)
    assert signed_in(lan).get(f"/tep/{link.pk}/trang/2.png").status_code == 200
    assert AccessEntry.objects.count() == 1
    again = signed_in(lan).get(f"/tep/{link.pk}/trang/1.png?rong=400", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


def test_others_and_pages_that_are_not_there_get_a_404() -> None:
    lan, tuan = a_citizen("Lan"), a_citizen("Tuấn")
    link = a_paper(lan, a_pdf())
    for client in (signed_in(tuan), Client()):
        assert client.get(f"/tep/{link.pk}/trang/1.png").status_code == 404
    for number in (0, 3, 10**6):
        assert signed_in(lan).get(f"/tep/{link.pk}/trang/{number}.png").status_code == 404


def test_a_broken_pdf_is_said_to_be_unshowable_and_has_no_pages() -> None:
    lan = a_citizen()
    link = a_paper(lan, samples.noise(5000))
    assert signed_in(lan).get(f"/tep/{link.pk}/trang/1.png").status_code == 422
    assert page_count(link) == 0
    assert page_count(a_paper(lan, a_pdf(3))) == 3


def test_a_file_of_another_kind_is_not_drawn() -> None:
    lan = a_citizen()
    out = io.BytesIO()
    Image.new("RGB", (20, 20)).save(out, "PNG")
    link = actions.store_bytes(out.getvalue(), name="a.png", by=actor(lan), at=timezone.now())
    assert signed_in(lan).get(f"/tep/{link.pk}/trang/1.png").status_code == 404
    assert page_count(link) == 0
