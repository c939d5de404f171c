"""`CapNhatTienDoHoSoMC`: one step of a dossier, who did what when (standards §2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.utils import translation

from tinhso.core.accounts.models import Account
from tinhso.core.agencies.models import Agency, Staff
from tinhso.core.ledger.queries import Happening
from tinhso.core.process.models import Task
from tinhso.systems.dossiers.models import Dossier
from tinhso.systems.dossiers.words import lines

from .payload import moment
from .standing import Standing

APPLICANT, SYSTEM = "Người nộp hồ sơ", "Hệ thống"
LONGEST = 500  # of NoiDungXuLy


def step_payload(
    dossier: Dossier, one: Happening, standing: Standing, tasks: Sequence[Task], words: Mapping[UUID, str]
) -> dict[str, str]:
    """One element of `data`. `tasks` and `words` are of the whole dossier."""
    agency = Agency.objects.get(pk=one.agency_id or standing.agency or dossier.agency_id)
    who, title = _actor(dossier, one, agency.pk)
    task = _task(tasks, one)
    return {
        "MaHoSo": dossier.code,
        "NguoiXuLy": who,
        "ChucDanh": title,
        "ThoiDiemXuLy": moment(one.at),
        "PhongBanXuLy": agency.name,
        "NoiDungXuLy": words[one.id][:LONGEST],
        "TrangThai": str(standing.state.value),
        "NgayBatDau": moment(task.opened_at if task else one.at),
        "NgayKetThucTheoQuyDinh": moment(task.due_at if task else None),
    }


def words_of(dossier: Dossier) -> dict[UUID, str]:
    """Each entry in Vietnamese, with the reason where the applicant reads it; what officials tell each other stays
    inside."""
    with translation.override("vi"):
        inside = {line.id: line.title for line in lines(dossier, for_applicant=False)}
        outside = {
            one.id: f"{one.title}: {one.text}" if one.text else one.title for one in lines(dossier, for_applicant=True)
        }
    return inside | outside


def _task(tasks: Sequence[Task], one: Happening) -> Task | None:
    """The step that ended with this entry."""
    return next((task for task in tasks if task.closed_at == one.at), None)


def _actor(dossier: Dossier, one: Happening, agency: UUID) -> tuple[str, str]:
    """Name and title of an official as of then. Of applicants the payload of the dossier says who they are."""
    kind, _colon, ident = one.actor.partition(":")
    if kind != "account":
        return SYSTEM, ""
    post = _post(UUID(ident), agency, one.at)
    if post is not None:
        return post.account.display_name, post.title
    if ident == str(dossier.account_id):
        return APPLICANT, ""
    name = Account.objects.filter(pk=UUID(ident)).values_list("display_name", flat=True).first()
    return name or APPLICANT, ""


def _post(account: UUID, agency: UUID, at: datetime) -> Staff | None:
    posts = Staff.objects.filter(account=account, valid_from__lte=at).select_related("account")
    return max(posts, key=lambda post: (post.agency_id == agency, post.valid_to is None, post.valid_from), default=None)
