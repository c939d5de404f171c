"""What the portal is told of a dossier: everything, in order, once, and truthfully."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.house.databases import Database
from tests.systems.dossiers.builders import MONDAY, a_dossier, by, staff
from tinhso.core.agencies.models import Role
from tinhso.core.ledger.actions import Refused
from tinhso.core.ledger.models import AccessEntry, Entry, Remark
from tinhso.systems.dossiers import actions as dossiers
from tinhso.systems.dossiers.models import Dossier
from tinhso.systems.national_portal import actions, channel, sending
from tinhso.systems.national_portal.models import Item, Link, State, Told
from tinhso.systems.national_portal.words import explained

from .portal import LATER, Beside, begun, beside, read, sent


@pytest.fixture
def portal(province: Database, settings: Any) -> Iterator[Beside]:
    with beside(settings) as one:
        yield one


def services(heard: list[tuple[str, dict[str, Any]]]) -> str:
    """`D1 S1 D2 S2`: dossier and steps with the state each names."""
    return " ".join(
        f"D{record['TrangThaiHoSo']}" if service == "DongBoHoSoMC" else f"S{record['TrangThai']}"
        for service, record in heard
    )


def test_a_whole_life_is_told_in_order_and_every_field_passes(portal: Beside, settings: Any) -> None:
    begun()
    one = a_dossier().submitted().accepted().with_letters().assigned().proposed().signed().issued().returned()
    sent()
    assert portal.portal.refused == []
    assert not Item.objects.exclude(state=State.SENT).exists()
    heard = portal.heard(one.row.code)
    assert services(heard) == "D1 S1 D2 S2 D4 S4 S4 S4 S4 D9 S9 D10 S10"
    first, last = heard[0][1], heard[-2][1]
    assert first["ChuHoSo"] == "Nguyễn Thị Hoa"
    assert first["DinhDanhCHS"] == {"LoaiDinhDanh": "1", "SoDinhDanh": "066190000001"}
    assert (first["KenhThucHien"], first["NoiNopHoSo"], first["HinhThuc"]) == ("2", "2", "2")
    assert (first["NgayNopHoSo"], first["NgayTiepNhan"], first["NgayHenTra"]) == ("20261123090000", "", "")
    assert (last["NgayTiepNhan"], last["DanhSachLePhi"][0]["Gia"]) == ("20261123093000", str(one.row.fee))
    assert last["DanhSachGiayToKetQua"][0]["MaKetQua"] == f"{one.row.code}-KQ"
    accepted = heard[3][1]
    assert accepted["NguoiXuLy"] == staff(Role.RECEPTIONIST).account.display_name
    assert accepted["NoiDungXuLy"].startswith("Đã tiếp nhận, hẹn trả")
    assert (accepted["NgayBatDau"], accepted["ThoiDiemXuLy"]) == ("20261123090000", "20261123093000")
    assert heard[1][1]["NguoiXuLy"] == "Người nộp hồ sơ"

    # The portal fetches what it was told; each fetch is recorded, and nobody guesses an address.
    path = last["DanhSachGiayToKetQua"][0]["DuongDanTepTinKetQua"].removeprefix(settings.TINHSO.base_url)
    answer = Client().get(path)
    assert b"".join(answer.streaming_content) == one.result_pdf  # type: ignore[attr-defined]
    assert AccessEntry.objects.get(subject_id=one.pk).actor == "system:national-portal"
    forged = path[:-1] + ("0" if path[-1] != "0" else "1")
    assert Client().get(forged).status_code == 404
    settings.TINHSO = settings.TINHSO.model_copy(update={"national_portal_url": ""})
    assert Client().get(path).status_code == 404


def test_a_corrected_result_takes_the_place_of_the_one_before(portal: Beside) -> None:
    begun()
    one = a_dossier().submitted().accepted().with_letters().assigned().proposed().signed().issued().returned()
    mistake = {"reason": "Ngày sinh ghi nhầm.", "by_applicant": False}
    dossiers.ask_correction(one.row, **mistake, by=by(Role.OFFICER), at=one.later())
    one.proposed().signed().issued().returned()
    sent()
    assert portal.portal.refused == []
    heard = portal.heard(one.row.code)
    assert services(heard).endswith("D10 S10 S10 S10 S10 S10 S10 D10 S10"), services(heard)
    first, last = (
        record["DanhSachGiayToKetQua"] for name, record in heard if name == "DongBoHoSoMC" and record["NgayTra"]
    )
    assert [one["MaKetQua"] for one in (*first, *last)] == [f"{one.row.code}-KQ", f"{one.row.code}-KQ2"]


def test_the_other_roads_are_told_as_they_were_at_each_entry(portal: Beside) -> None:
    begun()
    asked, refused, stopped = a_dossier().submitted().accepted(), a_dossier().submitted(), a_dossier().submitted()
    head, desk = by(Role.OFFICER), by(Role.RECEPTIONIST)
    asked.assigned()
    until = MONDAY.date() + timedelta(days=10)
    why = "Giấy xác nhận cũ chưa có dấu."
    dossiers.ask_supplement(asked.row, reason=why, until=until, by=head, at=asked.later())
    dossiers.supplement(asked.row, papers=[], note="Tôi bổ sung lời khai.", by=desk, at=asked.later(24))
    refused.refused()
    stopped.accepted().assigned()
    dossiers.stop(stopped.row, reason="Người nộp không bổ sung hồ sơ.", by=head, at=stopped.later())
    sent()
    assert portal.portal.refused == []
    heard = portal.heard(asked.row.code)
    assert services(heard) == "D1 S1 D2 S2 D4 S4 D5 S5 D4 S4"
    waits, goes_on = (heard[at][1]["DanhSachHoSoBoSung"][0] for at in (6, 8))
    assert (waits["NoiDungBoSung"], waits["TrangThaiBoSung"], waits["NgayHenTraMoi"]) == (why, "0", "")
    assert (goes_on["TrangThaiBoSung"], goes_on["NgayHenTraTruoc"]) == ("1", waits["NgayHenTraTruoc"])
    assert goes_on["NgayHenTraMoi"] > goes_on["NgayHenTraTruoc"]
    assert heard[7][1]["NoiDungXuLy"].endswith(why)  # the applicant reads it too
    assert services(portal.heard(refused.row.code)) == "D1 S1 D3 S3"
    assert services(portal.heard(stopped.row.code)) == "D1 S1 D2 S2 D4 S4 D8 S8"


def test_an_outage_loses_nothing_and_what_was_taken_before_a_crash_is_there_once(portal: Beside) -> None:
    begun()
    one, other = a_dossier().submitted(), a_dossier().submitted()
    portal.close()
    sent()
    link = Link.objects.get()
    assert (link.tries, bool(link.away_since), portal.heard()) == (1, True, [])
    one.accepted()
    sent()
    link.refresh_from_db()
    assert link.tries == 2
    assert link.again_at is not None
    assert not sending.due(link.again_at - timedelta(seconds=1))  # nothing is asked of it before
    portal.open()
    sent()
    assert services(portal.heard(one.row.code)) == "D1 S1 D2 S2"
    assert services(portal.heard(other.row.code)) == "D1 S1"
    assert Link.objects.get().away_since is None
    # The worker dies after the portal took the last one and before it was written down.
    last = Item.objects.filter(dossier=one.pk).latest("order")
    Item.objects.filter(pk=last.pk).update(state=State.WAITING)
    sent()
    assert portal.portal.repeated == 1
    assert services(portal.heard(one.row.code)) == "D1 S1 D2 S2"


def test_a_refused_dossier_waits_for_a_person_and_others_go_on(portal: Beside) -> None:
    begun()
    one, other = a_dossier().submitted(), a_dossier().submitted()
    Dossier.objects.filter(pk=one.pk).update(procedure_code="khong-co")
    sent()
    one.accepted()
    other.accepted()
    sent()
    (item,) = Item.objects.filter(state=State.REJECTED)
    assert (item.dossier_id, item.code, item.field) == (one.pk, "06", "MaTTHC")
    assert "sai định dạng" in explained(item)
    assert portal.heard(one.row.code) == []
    assert services(portal.heard(other.row.code)) == "D1 S1 D2 S2"
    Dossier.objects.filter(pk=one.pk).update(procedure_code="1.004873")  # mended
    admin = by(Role.ADMINISTRATOR)
    actions.send_again([item], by=admin, at=LATER)
    sent()
    assert services(portal.heard(one.row.code)) == "D1 S1 D2 S2"
    with pytest.raises(Refused, match="Không còn tin"):
        actions.send_again([item], by=admin, at=LATER)

    portal.portal.manner = type(portal.portal.manner)("refuse")
    other.assigned()
    sent()
    (item,) = Item.objects.filter(state=State.REJECTED)
    portal.portal.manner = type(portal.portal.manner)()
    actions.skip(item, reason="Hồ sơ thử, không cần đồng bộ.", by=admin, at=LATER)
    sent()
    assert services(portal.heard(other.row.code)) == "D1 S1 D2 S2 S4"
    assert Remark.objects.get(entry_id=Entry.objects.get(event="national_portal.skipped").pk).words


def test_a_fault_of_ours_in_one_dossier_holds_up_no_other(portal: Beside, monkeypatch: pytest.MonkeyPatch) -> None:
    begun()
    one, other = a_dossier().submitted(), a_dossier().submitted()
    made, broken = sending.dossier_payload, one.pk

    def fails(dossier: Dossier, standing: Any) -> Any:
        return made(dossier, standing) if dossier.pk != broken else {}["x"]

    monkeypatch.setattr(sending, "dossier_payload", fails)
    sent()
    (item,) = Item.objects.filter(state=State.REJECTED)
    assert (item.dossier_id, item.code) == (one.pk, "here:KeyError")
    assert services(portal.heard(other.row.code)) == "D1 S1"


def test_nothing_is_queued_before_somebody_begins_and_they_choose_from_when(portal: Beside, settings: Any) -> None:
    old, new = a_dossier(MONDAY - timedelta(days=21)).submitted(), a_dossier().submitted()
    sent()
    assert (Item.objects.count(), portal.heard()) == (0, [])
    begun("2026-11-10")
    sent()
    assert portal.heard(old.row.code) == []
    assert services(portal.heard(new.row.code)) == "D1 S1"
    begun("2026-10-01")  # from an earlier day on: what was told is not told twice
    sent()
    assert services(portal.heard(old.row.code)) == "D1 S1"
    assert len(portal.heard()) == 4
    assert portal.portal.repeated == 0
    settings.TINHSO = settings.TINHSO.model_copy(update={"national_portal_url": ""})
    new.accepted()
    read()
    assert (Item.objects.count(), Link.objects.get().since) == (4, None)  # not set up: nothing waits silently
    with pytest.raises(Refused, match="chưa được cấu hình"):
        begun()


def test_a_lost_session_is_opened_anew_and_a_wrong_password_is_nobodys_dossier(portal: Beside, settings: Any) -> None:
    begun()
    one = a_dossier().submitted()
    sent()
    portal.portal.sessions.clear()
    one.accepted()
    sent()
    assert services(portal.heard(one.row.code)) == "D1 S1 D2 S2"
    settings.TINHSO = settings.TINHSO.model_copy(update={"national_portal_password": "sai"})
    channel._session.clear()
    one.assigned()
    sent()
    assert Link.objects.get().fault == "credentials"
    assert Item.objects.filter(state=State.WAITING).count() == 2
    assert not Item.objects.filter(state=State.REJECTED).exists()


def test_an_erased_dossier_leaves_nothing_in_the_outbox(portal: Beside) -> None:
    begun()
    one = a_dossier().submitted()
    sent()
    one.accepted()
    read()
    Dossier.objects.filter(pk=one.pk).delete()
    sent()
    assert (Item.objects.count(), Told.objects.count()) == (0, 0)
