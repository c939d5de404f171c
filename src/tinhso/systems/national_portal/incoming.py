"""Applications that people hand in at the national portal: read, their papers fetched and checked, made into dossiers
by the ordinary way, once however often they are sent, and answered."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from tinhso.core.accounts.models import Business
from tinhso.core.agencies.models import Agency
from tinhso.core.agencies.queries import find_agency
from tinhso.core.files.actions import store_bytes
from tinhso.core.forms.definition import FormDefinition, FormErrors, flat, nested
from tinhso.core.ledger.actions import Actor, Refused, action, new_id, record
from tinhso.core.worktime.calendar import ZONE
from tinhso.systems.dossiers.actions import submit
from tinhso.systems.dossiers.intake import application
from tinhso.systems.dossiers.models import Channel
from tinhso.systems.procedures.models import Variant
from tinhso.systems.procedures.queries import variant_in_force

from . import channel
from .channel import AwayError, Refusal
from .events import ApplicationRefused, ApplicationTaken
from .models import Application

log = logging.getLogger(__name__)
BY = Actor.system("national-portal")
BUSINESS = "2"
OLDEST = timedelta(days=30)  # what waited longer at the portal is looked at by people


@dataclass(frozen=True)
class Paper:
    """One paper as the portal describes it."""

    name: str
    component: str
    path: str
    sha256: str


@dataclass(frozen=True)
class Coming:
    """An application, read. `number` is the portal's; nothing of it has been checked against our catalogue."""

    number: str
    procedure: str
    case: str
    agency: str
    handed_in_at: datetime
    name: str
    national_id: str
    business: str
    answers: Mapping[str, Any]
    papers: Sequence[Paper]


def _wrong(field: str, message: Any = None) -> Refused:
    return Refused(
        "application_unreadable", message or _("This is missing or cannot be read."), field=field, status=422
    )


def number_of(raw: Any) -> str:
    """The portal's number of an application; empty where there is none, which nothing can be done with."""
    number = raw.get("MaHoSoQuocGia") if isinstance(raw, Mapping) else None
    return number if isinstance(number, str) and 0 < len(number) <= 60 else ""


def read(raw: Mapping[str, Any], at: datetime) -> Coming:
    """An application in the portal's words. Raises `Refused`, naming the field."""
    for name in ("MaTTHC", "MaDonVi", "ChuHoSo", "NgayNopHoSo"):
        if not isinstance(raw.get(name), str) or not raw[name].strip() or len(raw[name]) > 250:
            raise _wrong(name)
    identity = raw.get("DinhDanhCHS")
    if not isinstance(identity, Mapping) or not isinstance(identity.get("SoDinhDanh"), str):
        raise _wrong("DinhDanhCHS")
    if not isinstance(raw.get("DuLieuToKhai"), Mapping):
        raise _wrong("DuLieuToKhai")
    papers = raw.get("TaiLieuNop", [])
    if not isinstance(papers, list) or len(papers) > 50:
        raise _wrong("TaiLieuNop")
    return Coming(
        number=number_of(raw),
        procedure=raw["MaTTHC"].strip(),
        case=str(raw.get("TruongHop") or ""),
        agency=raw["MaDonVi"].strip(),
        handed_in_at=_moment(raw["NgayNopHoSo"], at),
        name=raw["ChuHoSo"].strip(),
        national_id=identity["SoDinhDanh"],
        business=str(raw.get("MaDoiTuong") or "") if str(raw.get("LoaiDoiTuong")) == BUSINESS else "",
        answers=raw["DuLieuToKhai"],
        papers=[_paper(one, number) for number, one in enumerate(papers)],
    )


def _moment(text: str, at: datetime) -> datetime:
    try:
        when = datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=ZONE)
    except ValueError:
        raise _wrong("NgayNopHoSo", _("A time is written yyyyMMddHHmmss.")) from None
    if when < at - OLDEST:
        raise _wrong("NgayNopHoSo", _("It was handed in more than 30 days ago."))
    return min(when, at)  # their clock may be ahead of ours


def _paper(one: Any, number: int) -> Paper:
    names = ("TenTepDinhKem", "MaThanhPhanHoSo", "DuongDanTaiTepTin", "MaBam")
    where = f"TaiLieuNop[{number}]"
    if not isinstance(one, Mapping) or not all(isinstance(one.get(name), str) and one[name] for name in names):
        raise _wrong(where)
    name, component, path, sha256 = (one[name] for name in names)
    if not path.startswith("/") or path.startswith("//") or "\\" in path:  # of the portal's own address, of no other
        raise _wrong(f"{where}.DuongDanTaiTepTin")
    return Paper(name, component, path, sha256.lower())


def fetch_papers(coming: Coming, *, at: datetime) -> dict[str, list[str]]:
    """Fetch and store the papers: question of the form → ids of files. Raises `Refused` for what is not there, not
    what its digest says, or of a kind that is not accepted; AwayError where the portal does not answer."""
    found: dict[str, list[str]] = {}
    for number, paper in enumerate(coming.papers):
        where = f"TaiLieuNop[{number}]"
        try:
            data = channel.fetch(paper.path, settings.TINHSO.max_upload_mb << 20)
        except Refusal as refusal:
            message = _("The paper %(name)s cannot be fetched (%(code)s).")
            raise _wrong(where, message % {"name": paper.name, "code": refusal.code}) from refusal
        if hashlib.sha256(data).hexdigest() != paper.sha256:
            raise _wrong(where, _("The paper %(name)s is not what its digest says.") % {"name": paper.name})
        try:
            link = store_bytes(data, name=paper.name, by=BY, at=at)
        except Refused as refused:
            raise _wrong(where, str(refused)) from refused
        found.setdefault(paper.component, []).append(str(link.pk))
    return found


@action
def take_in(coming: Coming, papers: Mapping[str, Sequence[str]], *, by: Actor, at: datetime) -> Application:
    """Make a dossier of an application, as if handed in here at the moment the portal says. One that was taken before
    is left as it is. Raises `Refused`, naming the field as the portal knows it."""
    row = _row(coming.number, coming.procedure, coming.handed_in_at, at)
    if row.outcome == Application.Outcome.TAKEN:
        return row
    variant = variant_in_force(coming.procedure, coming.case)
    if variant is None:
        raise _wrong("MaTTHC", _("There is no such procedure or variant in force."))
    agency = _agency(coming)
    given = application(
        variant,
        _answers(coming, variant, papers),
        channel=Channel.ONLINE,
        account=None,
        counter=agency,
        business=_business(coming),
        by=by,
        at=coming.handed_in_at,
    )
    row.agency, row.outcome, row.field, row.reason = agency, Application.Outcome.TAKEN, "", ""
    row.dossier = submit(given, by=by, at=coming.handed_in_at)
    row.answered_at = None
    row.save()
    event = ApplicationTaken(row.dossier.pk, len(coming.papers))
    record(event, subject=row, by=by, at=at, agency=agency.pk)
    return row


def _row(number: str, procedure: str, handed_in_at: datetime, at: datetime) -> Application:
    """The row of a number, ours until the commit: two readers at once, one after the other."""
    fresh = {
        "id": new_id(), "procedure": procedure[:40], "handed_in_at": handed_in_at, "at": at,
        "outcome": Application.Outcome.REFUSED,
    }  # fmt: skip
    row, _new = Application.objects.select_for_update().get_or_create(number=number, defaults=fresh)
    row.at = at
    return row


def _agency(coming: Coming) -> Agency:
    try:
        return find_agency(coming.agency, coming.handed_in_at)
    except Agency.DoesNotExist:
        raise _wrong("MaDonVi", _("There is no agency with this code here.")) from None


def _business(coming: Coming) -> Business | None:
    if not coming.business:
        return None
    found = Business.objects.filter(code=coming.business).first()
    if found is None:
        raise _wrong("MaDoiTuong", _("This business is not registered here. Have it registered at a counter first."))
    return found


def _answers(coming: Coming, variant: Variant, papers: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Clean answers. Who applies is who the portal signed in, whatever was typed."""
    form = FormDefinition.load(variant.form)
    said = flat(coming.answers)
    known = {f"{variant.applicant}.national_id": coming.national_id}
    if not coming.business:
        known[f"{variant.applicant}.full_name"] = coming.name
    said |= {path: value for path, value in known.items() if path in form.questions}
    fields = {str(one["key"]): str(one.get("field") or one["key"]) for one in variant.components}
    for component, links in papers.items():
        path = component if component in form.questions else fields.get(component, component)
        said[path] = [*said.get(path, []), *links]
    try:
        return form.validate(nested(said), on=timezone.localdate(coming.handed_in_at))
    except FormErrors as wrong:
        path, message = next(iter(wrong.errors.items()))
        raise _wrong(f"DuLieuToKhai.{path}", message) from wrong


@action
def refuse(raw: Mapping[str, Any], why: Refused, *, by: Actor, at: datetime) -> Application:
    """Keep that an application could not become a dossier, and why; the person reads it at the portal."""
    row = _row(number_of(raw), str(raw.get("MaTTHC", "")), at, at)
    if row.outcome == Application.Outcome.TAKEN:
        return row
    agency = Agency.objects.open_at(at).filter(code=str(raw.get("MaDonVi", ""))[:35]).first()
    same = (row.field, row.reason) == (why.field[:120], str(why)[:500])
    row.agency, row.field, row.reason, row.answered_at = agency, why.field[:120], str(why)[:500], None
    row.save()
    if same:  # tried again, and nothing new
        return row
    record(ApplicationRefused(why.code), subject=row, by=by, at=at, agency=row.agency_id)
    return row


def take_all(at: datetime, number: str = "") -> int:
    """Ask the portal what waits (or for one application again), deal with each and answer it; returns how many.

    Raises AwayError where the portal does not answer: what is left is asked for again.
    """
    asked = {"MaHoSoQuocGia": number} if number else {}
    waiting = channel.call("LayDanhSachHoSo", **asked)
    if not isinstance(waiting, list):
        raise Refusal("unreadable", "result", "")
    done = 0
    for raw in waiting:
        if not number_of(raw):
            log.warning("national portal: an application without a number is passed over")
            continue
        with override("vi"):  # the person reads the reasons
            done += _one(raw, at)
    return done


def _one(raw: Mapping[str, Any], at: datetime) -> bool:
    """Whether an application was dealt with and answered. One that we fail at holds up no other."""
    try:
        answer(_dealt_with(raw, at), at)
    except AwayError:
        raise
    except Refusal as refusal:
        log.warning("national portal does not take an answer: %s %s", refusal.code, refusal.field)
        return False
    except Exception:
        # Not told to the portal, which goes on showing it to us: mended here, it is taken in by itself.
        log.exception("national portal: an application cannot be dealt with")
        fault = Refused("fault_here", _("Something failed here. The administrators have to look into it."))
        refuse(raw, fault, by=BY, at=at)
        return False
    return True


def _dealt_with(raw: Mapping[str, Any], at: datetime) -> Application:
    known = Application.objects.filter(number=number_of(raw), outcome=Application.Outcome.TAKEN).first()
    if known is not None:
        return known
    try:
        coming = read(raw, at)
        return take_in(coming, fetch_papers(coming, at=at), by=BY, at=at)
    except Refused as refused:
        return refuse(raw, refused, by=BY, at=at)


def answer(row: Application, at: datetime) -> None:
    """Tell the portal which dossier an application has become, or why none."""
    code = row.dossier.code if row.dossier else ""
    taken = row.outcome == Application.Outcome.TAKEN
    said = {"MaHoSoQuocGia": row.number, "MaHoSo": code, "Truong": row.field, "LyDo": "" if taken else row.reason}
    if taken and not code:
        said["LyDo"] = "Hồ sơ đã được xóa theo yêu cầu của công dân"
    channel.call("TraLoiHoSo", request=f"{row.pk}-{row.outcome}", data=[said])
    Application.objects.filter(pk=row.pk).update(answered_at=at)
