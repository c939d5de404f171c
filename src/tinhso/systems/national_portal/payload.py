"""`DongBoHoSoMC`: a dossier as it stood at an entry, in the portal's fields (standards §2).

What the portal's documents do not settle for us, the code lists of `HinhThuc`, `NoiNopHoSo`, `LoaiPhiLePhi` and
`TrangThaiBoSung`, is [M] and stands here alone; docs/decisions/0030-national-portal.md says what is believed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.utils import timezone

from tinhso.core.agencies.models import Agency
from tinhso.core.files.models import FileLink
from tinhso.core.forms.definition import flat
from tinhso.core.worktime.calendar import ZONE
from tinhso.systems.dossiers.models import ApplicantKind, Channel, Dossier, Result, State, Supplement

from . import links
from .models import Application
from .standing import Standing

YES, NO = "1", "0"
CITIZEN_ID, OLD_ID = "1", "2"  # LoaiDinhDanh
FROM_PORTAL, FROM_PROVINCE = "1", "2"  # NoiNopHoSo
WAYS_BACK = {"counter": "0", "post": "1", "online": "2"}  # HinhThuc: how the result reaches the applicant
WHEN_ACCEPTED, WHEN_RETURNED = "1", "4"  # HinhThucThu
FEE = "2"  # LoaiPhiLePhi: 1 phí, 2 lệ phí
NOT_ONLINE = "0"  # DuocThanhToanTrucTuyen: fees are taken at the counter
LONGEST = 1000  # of TrichYeuHoSo


def moment(at: datetime | None) -> str:
    """A time as the portal writes it, Vietnamese time; empty where there is none."""
    return timezone.localtime(at, ZONE).strftime("%Y%m%d%H%M%S") if at else ""


def dossier_payload(dossier: Dossier, standing: Standing) -> dict[str, Any]:
    """One element of `data`. `dossier` comes with its variant, procedure, field, person and business."""
    agency = Agency.objects.get(pk=standing.agency or dossier.agency_id)
    field = dossier.variant.version.procedure.field
    papers = list(_papers(dossier, standing))
    came = Application.objects.filter(dossier=dossier).exists()
    return {
        "MaHoSo": dossier.code,
        "MaTTHC": dossier.procedure_code,
        "TenTTHC": dossier.procedure_name,
        "MaLinhVuc": field.key,
        "TenLinhVuc": field.name,
        "KenhThucHien": str(dossier.channel),
        "ChuHoSo": dossier.applicant_name,
        "LoaiDoiTuong": str(dossier.applicant_kind),
        "MaDoiTuong": dossier.business.code if dossier.business else "",
        "DinhDanhCHS": _identity(dossier),
        "TrichYeuHoSo": f"{dossier.procedure_name}: {dossier.variant.name}"[:LONGEST],
        "NgayNopHoSo": moment(dossier.submitted_at),
        "NgayTiepNhan": moment(dossier.accepted_at if standing.due_at else None),
        "NgayHenTra": moment(standing.due_at),
        "NgayKetThucXuLy": moment(dossier.finished_at if standing.ended else None),
        "NgayTra": moment(dossier.returned_at if standing.state == State.RETURNED else None),
        "NgayTuChoi": moment(standing.refused_at),
        "TrangThaiHoSo": str(standing.state.value),
        "HinhThuc": WAYS_BACK.get(str(flat(dossier.answers).get("receive")), WAYS_BACK["counter"]),
        "DonViXuLy": agency.name,
        "NoiNopHoSo": FROM_PORTAL if came else FROM_PROVINCE,
        "HoSoCoThanhPhanSoHoa": YES if any(one["DuocSoHoa"] == YES for one in papers) else NO,
        "TaiKhoanDuocXacThucVoiVNeID": YES if came or _by_vneid(dossier) else NO,
        "DuocThanhToanTrucTuyen": NOT_ONLINE,
        "DSKetNoiCSDL": [],
        "TaiLieuNop": papers,
        "DanhSachLePhi": list(_fees(dossier)),
        "DanhSachHoSoBoSung": list(_supplements(dossier, standing)),
        "DanhSachGiayToKetQua": list(_results(dossier, standing)),
    }


def _identity(dossier: Dossier) -> dict[str, str]:
    """Of the person; a business is named by MaDoiTuong. Where nobody's card was seen, what was typed, or nothing."""
    number = dossier.applicant.national_id if dossier.applicant else ""
    if not number and dossier.applicant_kind == ApplicantKind.CITIZEN:
        number = str(flat(dossier.answers).get(f"{dossier.variant.applicant}.national_id", ""))
    kind = {12: CITIZEN_ID, 9: OLD_ID}.get(len(number), "")
    return {"LoaiDinhDanh": kind, "SoDinhDanh": number if kind else ""}


def _by_vneid(dossier: Dossier) -> bool:
    return bool(dossier.account_id) and SocialAccount.objects.filter(user=dossier.account_id).exists()


def _papers(dossier: Dossier, standing: Standing) -> Iterator[dict[str, str]]:
    """What was handed in by then. Papers that did not come online were made digital at the counter, but for those
    that nobody had to hand in again because the province had them."""
    completed = [one.pk for one in _asked(dossier)[: standing.completed]]
    for one in dossier.components.select_related("file").order_by("pk"):
        if one.supplement_id and one.supplement_id not in completed:
            continue
        yield {
            "TepDinhKemId": str(one.file_id),
            "TenTepDinhKem": one.file.name,
            "MaThanhPhanHoSo": one.key,
            "DuongDanTaiTepTin": links.address(one.file_id),
            "DuocSoHoa": NO if dossier.channel == Channel.ONLINE or one.file.origin else YES,
            "DuocTaiSuDung": YES if one.file.origin else NO,
            "DuocLayTuKhoDMQG": NO,  # the province's own vault is not the national one
            "MaKetQuaThayThe": _replaced_by(one.file) if one.file.origin else "",
        }


def _replaced_by(link: FileLink) -> str:
    """Code of the result that a reused paper is; empty where it is none of ours."""
    return Result.objects.filter(issued__file=link.file_id).values_list("code", flat=True).first() or ""


def _fees(dossier: Dossier) -> Iterator[dict[str, Any]]:
    if not dossier.fee:
        return
    receipt = dossier.receipts.first()
    early = receipt is not None and (dossier.finished_at is None or receipt.at < dossier.finished_at)
    yield {
        "MaPhiLePhi": dossier.procedure_code,
        "TenPhiLePhi": dossier.procedure_name,
        "HinhThucThu": WHEN_ACCEPTED if early else WHEN_RETURNED,
        "Gia": str(dossier.fee),
        "LoaiPhiLePhi": FEE,
    }


def _asked(dossier: Dossier) -> list[Supplement]:
    return list(dossier.requests.select_related("letter").order_by("pk"))


def _supplements(dossier: Dossier, standing: Standing) -> Iterator[dict[str, str]]:
    for number, one in enumerate(_asked(dossier)[: standing.asked]):
        received = one.received_at if number < standing.completed else None
        yield {
            "HoSoBoSungId": str(one.pk),
            "NoiDungBoSung": one.letter.reason,
            "NgayBoSung": moment(one.letter.made_at),
            "NgayTiepNhanBoSung": moment(received),
            "TrangThaiBoSung": YES if received else NO,
            "NgayHenTraTruoc": moment(one.due_before),
            "NgayHenTraMoi": moment(one.due_after) if received else "",
        }


def _results(dossier: Dossier, standing: Standing) -> Iterator[dict[str, str]]:
    """The result once it is the applicant's, the corrected one in the place of the one before; earlier nobody outside
    may fetch it."""
    if standing.state != State.RETURNED:
        return
    result = dossier.results.filter(version=1 + standing.corrected, issued__isnull=False).first()
    if result is None or result.issued_id is None:  # it was made in the system where the dossier began
        return
    yield {
        "TenGiayTo": dossier.variant.name,
        "MaThanhPhanHoSo": "",
        "GiayToId": str(result.issued_id),
        "DuongDanTepTinKetQua": links.address(result.issued_id),
        "MaKetQua": result.code,
    }
