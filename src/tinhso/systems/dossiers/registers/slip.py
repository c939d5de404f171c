"""Form 06, phiếu kiểm soát quá trình giải quyết hồ sơ: who had a dossier from when to when, and how each stood."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from tinhso.core.accounts.models import Account
from tinhso.core.agencies.models import Agency, Role
from tinhso.core.ledger.queries import Happening, timeline
from tinhso.core.letters.masthead import head
from tinhso.core.process.models import Task
from tinhso.core.process.queries import done_by
from tinhso.core.worktime.queries import calendar_for

from ..models import Dossier, Extension
from .made import Standing, Table, Value, moment, standing

TITLE = "Phiếu kiểm soát quá trình giải quyết hồ sơ"
APPLICANT = "Người nộp hồ sơ"
GIVEN = ("process.assigned", "process.handed_over")
ENDED = {  # what an outcome says beside the step's name
    "supplement": "yêu cầu bổ sung",
    "transferred": "chuyển cơ quan có thẩm quyền",
    "taken_back": "bước trước được lấy lại",
    "overtaken": "không còn cần",
    "return": "trả lại để làm lại",
    "waived": "không chờ ý kiến",
    "stopped": "dừng giải quyết",
    "withdrawn": "người nộp rút hồ sơ",
    "refuse": "từ chối",
}


@dataclass(frozen=True)
class Stretch:
    """One person's or place's turn: who handed the dossier over, who had it, until when. A pause is the applicant's
    turn, which is not counted. A turn that ends within a step, by handing it over, has no standing of its own."""

    step: str
    giver: str
    taker: str
    received: datetime
    handed_on: datetime | None
    due: datetime | None
    worked: timedelta
    standing: Standing | None
    pause: bool = False


@dataclass(frozen=True)
class Slip:
    """A dossier's way so far. `worked` is working time from acceptance on, without the pauses."""

    dossier: Dossier
    at: datetime
    stretches: list[Stretch]
    worked: timedelta
    paused: timedelta
    standing: Standing | None
    promised_before: list[datetime]


def control_slip(dossier: Dossier, *, at: datetime) -> Slip:
    """What the slip says at that moment, from the dossier's tasks and its entries in the ledger."""
    tasks, happenings = done_by(dossier), timeline(dossier)
    names = _Names(dossier, tasks, happenings)
    given = defaultdict(list)
    for happening in happenings:
        if happening.event in GIVEN:
            given[happening.data["task"]].append(happening)
    actors = {happening.at: happening.actor for happening in happenings}
    stretches = [*_elsewhere(dossier)]
    for task in tasks:
        stretches += _turns(task, actors.get(task.opened_at, ""), given[str(task.pk)], names, at)
    extended = Extension.objects.filter(dossier=dossier, letter__isnull=False).order_by("pk")
    started, ended = dossier.accepted_at or dossier.submitted_at, dossier.finished_at or at
    calendar = calendar_for(dossier.agency_id)
    waits = [(max(s.received, started), min(s.handed_on or at, ended)) for s in stretches if s.pause]
    paused = sum((calendar.between(since, until) for since, until in waits if since < until), timedelta())
    return Slip(
        dossier,
        at,
        stretches,
        calendar.between(started, ended) - paused,
        paused,
        standing(dossier.finished_at, dossier.due_at, at=at),
        [one.due_before for one in extended],
    )


def _elsewhere(dossier: Dossier) -> Iterator[Stretch]:
    """Of a dossier that began in another system, what that system told."""
    calendar = calendar_for(dossier.agency_id)
    for line in dossier.earlier.order_by("at", "pk"):
        worked = calendar.between(line.at, line.until) if line.until else timedelta()
        what = "Tạm dừng ở hệ thống trước" if line.until else f"{line.what} (hệ thống trước)"
        yield Stretch(what, "", line.who, line.at, line.until or line.at, None, worked, None, pause=bool(line.until))


def _turns(task: Task, giver: str, given: list[Happening], names: _Names, at: datetime) -> Iterator[Stretch]:
    """The turns of one step: one, and one more for each time it was handed over on the way."""
    calendar, since, who = calendar_for(task.agency_id), task.opened_at, names.actor(giver)
    name = f"{task.name} ({ENDED[task.outcome]})" if task.outcome in ENDED else task.name
    taker = APPLICANT if task.waits_for_applicant else ""
    for happening in given:
        assignee = names.account(happening.data["assignee"])
        if happening.at > task.opened_at and not happening.data.get("claimed", False):
            taker = taker or names.place(task)
            worked = calendar.between(since, happening.at)
            yield Stretch(task.name, who, taker, since, happening.at, task.due_at, worked, None)
            since, who = happening.at, names.actor(happening.actor)
        taker = assignee
    taker = taker or (names.actor(task.closed_by) if task.closed_at else names.place(task))
    worked = calendar.between(since, task.closed_at or at)
    pause = task.waits_for_applicant
    stands = None if pause else standing(task.closed_at, task.due_at, at=at)
    yield Stretch(name, who, taker, since, task.closed_at, task.due_at, worked, stands, pause)


class _Names:
    """Everyone and every place of a dossier's way, read at once."""

    def __init__(self, dossier: Dossier, tasks: list[Task], happenings: list[Happening]) -> None:
        actors = [*(task.closed_by for task in tasks), *(happening.actor for happening in happenings)]
        ids = {actor.removeprefix("account:") for actor in actors if actor.startswith("account:")}
        ids |= {happening.data["assignee"] for happening in happenings if happening.event in GIVEN}
        self.accounts = {str(a.pk): a.display_name for a in Account.objects.filter(pk__in=ids)}
        self.agencies = Agency.objects.in_bulk({task.agency_id for task in tasks})
        self.applicant = str(dossier.account_id)

    def actor(self, actor: str) -> str:
        kind, _colon, ident = actor.partition(":")
        if kind == "account":
            return f"{self.account(ident)} (người nộp)" if ident == self.applicant else self.account(ident)
        return {"system": "Hệ thống", "client": "Hệ thống khác, qua API"}.get(kind, "")

    def account(self, ident: str) -> str:
        return self.accounts.get(ident, "Tài khoản đã xóa")

    def place(self, task: Task) -> str:
        return f"{Role(task.role).label}, {self.agencies[task.agency_id].short_name}"


def span(time: timedelta) -> str:
    """Working time in words: 12 giờ 30 phút."""
    hours, minutes = divmod(round(time / timedelta(minutes=1)), 60)
    return " ".join(words for n, words in ((hours, f"{hours} giờ"), (minutes, f"{minutes} phút")) if n) or "0 phút"


def _facts(slip: Slip) -> list[tuple[str, str]]:
    one = slip.dossier
    facts = [
        ("Mã hồ sơ", one.code),
        ("Thủ tục", f"{one.procedure_name} (mã {one.procedure_code})"),
        (APPLICANT, one.applicant_name),
        ("Cơ quan giải quyết", one.agency.name),
        ("Nộp hồ sơ", f"{moment(one.submitted_at)}, {one.get_channel_display().lower()}"),
        ("Tiếp nhận", moment(one.accepted_at)),
        *(("Đã hẹn trả trước đó", moment(before)) for before in slip.promised_before),
        ("Hẹn trả kết quả", moment(one.due_at)),
        ("Giải quyết xong", moment(one.finished_at)),
        ("Trả kết quả", moment(one.returned_at)),
        ("Tình trạng", one.get_state_display()),
        ("Thời gian giải quyết", f"{span(slip.worked)} làm việc" if one.accepted_at else ""),
        ("Thời gian chờ người nộp (không tính)", f"{span(slip.paused)} làm việc" if slip.paused else ""),
        ("Kết quả giải quyết", slip.standing.value if slip.standing else ""),
    ]
    return [(label, value) for label, value in facts if value]


def slip_letter(slip: Slip, *, by: Account) -> dict[str, Any]:
    """The data of the letter `dossiers/control_slip`, drawn up by this official."""
    return {
        **head(slip.dossier.receiving_agency),
        "number": None,
        "date": f"{timezone.localdate(slip.at):%Y-%m-%d}",
        "title": TITLE,
        "code": slip.dossier.code,
        "facts": _facts(slip),
        "rows": [
            [
                s.step,
                s.giver,
                s.taker,
                moment(s.received),
                moment(s.handed_on),
                "" if s.pause else moment(s.due),
                span(s.worked),
                "Không tính giờ" if s.pause else s.standing.value if s.standing else "",
            ]
            for s in slip.stretches
        ],
        "made": moment(slip.at),
        "by": by.display_name,
    }


HEADS = (
    ("STT", 22),
    ("Bước", 44),
    ("Người giao", 26),
    ("Người nhận", 26),
    ("Nhận lúc", 17),
    ("Giao lại lúc", 17),
    ("Hạn của bước", 17),
    ("Giờ làm việc", 13),
    ("Kết quả", 16),
)


def slip_table(slip: Slip) -> Table:
    """The same as a sheet; working time in hours."""
    rows: list[list[Value]] = [
        [
            number,
            s.step,
            s.giver,
            s.taker,
            s.received,
            s.handed_on,
            None if s.pause else s.due,
            round(s.worked / timedelta(hours=1), 2),
            "Không tính giờ" if s.pause else s.standing.value if s.standing else "",
        ]
        for number, s in enumerate(slip.stretches, 1)
    ]
    return Table(TITLE, [*_facts(slip), ("Lập lúc", slip.at)], HEADS, rows)
