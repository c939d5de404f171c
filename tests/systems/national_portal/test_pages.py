"""The page says how it stands with the portal, in words, and who may do something about it can."""

from __future__ import annotations

from typing import Any

from django.test import Client

from tests.house.databases import Database
from tests.systems.dossiers.builders import a_dossier
from tinhso.core.accounts.models import Account
from tinhso.simulators.national_portal.citizen import application
from tinhso.simulators.national_portal.portal import Manner
from tinhso.systems.national_portal import jobs
from tinhso.systems.national_portal.models import Application, Item, Link, State

from .portal import beside, read, sent

PAGE = "/quan-tri/cong-quoc-gia/"


def signed_in(username: str) -> Client:
    browser = Client()
    browser.force_login(Account.objects.get(username=username))
    return browser


def shown(browser: Client) -> str:
    answer = browser.get(PAGE)
    assert answer.status_code == 200
    return answer.content.decode()


def test_from_not_set_up_to_mended(province: Database, settings: Any) -> None:
    top, ward, auditor = map(signed_in, ("quantri.tinh", "quantri", "kiemtra.tinh"))
    assert "Chưa cấu hình kết nối Cổng quốc gia" in shown(top)
    assert "bat-dau" not in shown(top)
    with beside(settings) as portal:
        assert "Chưa gửi gì" in shown(top)
        assert "bat-dau" not in shown(ward)  # the connection is the province's
        assert ward.post(f"{PAGE}bat-dau", {"day": "2026-11-01"}).status_code == 403
        assert "một ngày trước đó" in top.post(f"{PAGE}bat-dau", {"day": "2199-01-01"}).content.decode()
        assert top.post(f"{PAGE}bat-dau", {"day": "2026-11-01"}, follow=True).status_code == 200
        assert "01/11/2026" in shown(top)

        one = a_dossier().submitted()
        portal.portal.manner = Manner("busy")
        sent()
        assert "Cổng quốc gia không trả lời" in shown(ward)
        portal.portal.manner = Manner("refuse", field="TaiLieuNop[0].TenTepDinhKem")
        sent()
        for browser in (top, ward, auditor):
            page = shown(browser)
            assert one.row.code in page
            assert "Giấy tờ (TaiLieuNop[0].TenTepDinhKem): bị từ chối theo cài đặt" in page
        assert "1 tin trong số đó đang chờ sau tin bị từ chối" in shown(ward)

        item = Item.objects.get(state=State.REJECTED)
        assert auditor.post(f"{PAGE}{item.pk}/gui-lai").status_code == 403
        assert "ít nhất một câu" in ward.post(f"{PAGE}{item.pk}/bo-qua", {"reason": "x"}).content.decode()
        portal.portal.manner = Manner()
        assert ward.post(f"{PAGE}gui-lai").status_code == 302
        sent()
        assert "Cổng quốc gia đang trả lời bình thường" in shown(ward)
        assert "Không có tin nào bị từ chối" in shown(ward)
        assert ward.post(f"{PAGE}{item.pk}/gui-lai").status_code == 409

        made = application(portal.portal, "9.999999")
        portal.portal.applications[made["MaHoSoQuocGia"]] = made
        jobs.fetch()
        assert "Không có thủ tục hoặc trường hợp này" in shown(ward)
        made["MaTTHC"] = "1.004873"
        row = Application.objects.get()
        assert ward.post(f"{PAGE}ho-so/{row.pk}/nhan-lai").status_code == 302
        jobs.fetch(number=row.number)
        row.refresh_from_db()
        assert row.dossier is not None
        assert row.dossier.code in shown(ward)
        assert ward.post(f"{PAGE}ho-so/{row.pk}/nhan-lai").status_code == 409
        assert ward.post(f"{PAGE}danh-muc").status_code == 403
        assert top.post(f"{PAGE}danh-muc").status_code == 302
        read()
        Link.objects.update(fault="credentials")
        assert "Cổng quốc gia không cho đăng nhập" in shown(top)
