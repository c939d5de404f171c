"""`Hình thức nộpThời gianPhí, lệ phíMô tả…`: by which channel, how long, how much.

The cells of a table were written one after the other without a separator. Its grammar:

::

    table   := HEADER row*
    row     := channel time? fee* description
    channel := "Trực tuyến" | "Dịch vụ bưu chính" | "Trực tiếp"     and the next cell begins at once
    time    := number " " unit | number | "Không …"                 a bare number has no unit
    fee     := "Miễn phí" note? | number " " currency note? | "Không có thông tin"
    note    := "(" … ")"                                            parentheses nest

A channel's name inside a description (`Trực tuyến: nộp hồ sơ…`, `Trực tiếp tại…`) is followed by a
space, a sign or a small letter, a cell never begins with one. A bare number before an amount (`310,000 VNĐ`) can be
cut in more than one way, so both are left to a person.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from .doubts import Doubt, Why, excerpt

HEADER = "Hình thức nộpThời gianPhí, lệ phíMô tả"
CHANNELS = {
    "Trực tuyến": "online",
    "Dịch vụ bưu chính công ích": "post",
    "Dịch vụ bưu chính": "post",
    "Trực tiếp": "counter",
}
UNITS = {
    "ngày làm việc": "working_days",
    "giờ làm việc": "working_hours",
    "ngày": "days",
    "giờ": "hours",
    "tháng": "months",
    "năm": "years",
    "tuần": "weeks",
    "phút": "minutes",
}
CURRENCIES = {"việt nam đồng": "VND", "vnđ": "VND", "vnd": "VND", "đồng": "VND", "usd": "USD", "eur": "EUR"}
_Doubt = Callable[[Why, str, str], None]
LEAST = 1_000  # đồng: no fee of the state is lower, so a smaller amount has lost its thousands
# Of a unit: no limit of the state is longer, so what is has run together with something.
MOST = {
    "working_days": 750,
    "working_hours": 2_000,
    "hours": 2_000,
    "days": 1_100,
    "weeks": 156,
    "months": 60,
    "years": 10,
}

_NUMBER = r"\d+(?:[.,]\d+)*"
_AMOUNT = (
    r"(?:\d{1,3}(?:,\d{3})+(?:\.00?)?|\d{1,3}(?:\.\d{3})+(?:,00?)?|\d+)"  # 50,000 and 50.000; one sign in one amount
)
_CHANNEL = re.compile("|".join(CHANNELS))
_AT_MOST = "không quá|tối đa|trong vòng|trong thời hạn|chậm nhất"
_UNIT = "|".join(unit.replace(" ", r"\s+") for unit in UNITS)
_TIME = re.compile(rf"\s*(?:(?:{_AT_MOST})\s+)?(?P<number>{_NUMBER})\s*(?P<unit>{_UNIT})", re.IGNORECASE)
_CURRENCY = "|".join(sorted((one.replace(" ", r"\s+") for one in CURRENCIES), key=len, reverse=True))
_FREE = re.compile(r"\s*Miễn\s+phí", re.IGNORECASE)
_FEE = re.compile(rf"\s*(?P<amount>{_AMOUNT})\s*(?P<currency>{_CURRENCY})", re.IGNORECASE)
_JOINED = re.compile(rf"\s*(?P<digits>[\d,.]+)\s*(?P<currency>{_CURRENCY})", re.IGNORECASE)
_UNSTATED = re.compile(r"\s*Không có thông tin")
_NO_LIMIT = re.compile(r"\s*Không (?:quy định|phải trả kết quả)[^\n]{0,80}?(?=Miễn phí|Không có thông tin|\d|$)")
_BARE = re.compile(r"\s*(?P<number>\d+)(?=Miễn phí|Không có thông tin|$)")
_WORDS = re.compile(r"(?P<words>[^\n]{1,120}?)(?=Miễn phí|Không có thông tin|$)")
# An amount that the grammar does not read: `50 nghìn đồng`, `0,1% giá trị`, `50,000(lệ phí)`, ` - 100,000 VNĐ`.
_UNREAD = re.compile(
    rf"\s*(?:(?:-|–|đến|hoặc|và|hay|\+|/|;|,|từ|tối đa|khoảng)\s*)?(?:\d[\d.,\s]*(?:-|–|đến)?[\d.,\s]*"
    rf"(?:%|nghìn|ngàn|triệu|tỷ|đ\b|{_CURRENCY})|\d{{1,3}}(?:[.,]\d{{3}})+)",
    re.IGNORECASE,
)
_MONEY = re.compile(r"(\d{1,3}(?:[.,]\d{3})+|\d{3,})\s*(?:đ|đồng|vnđ|vnd)(?!\w)", re.IGNORECASE)
_COUNCIL = re.compile(r"hội đồng nhân dân|ủy ban nhân dân (?:cấp )?tỉnh|uỷ ban nhân dân (?:cấp )?tỉnh", re.IGNORECASE)
_SETS = re.compile(r"quyết định|quy định", re.IGNORECASE)


@dataclass(frozen=True)
class Time:
    """A limit as it is written. `unit` empty: only a number, or words without one."""

    text: str
    amount: Decimal | None = None
    unit: str = ""

    @property
    def stated(self) -> bool:
        return self.amount is not None and bool(self.unit)


@dataclass(frozen=True)
class Fee:
    """An amount as it is written; 0 is free; None: not stated, or joined to what stands before it."""

    text: str
    amount: int | None = None
    currency: str = ""
    note: str = ""


@dataclass(frozen=True)
class Way:
    """One row of the table."""

    channel: str
    time: Time
    fees: tuple[Fee, ...]
    description: str
    text: str

    @property
    def fee(self) -> Fee:
        return self.fees[0] if self.fees else Fee("")


def read_ways(text: str) -> tuple[list[Way], list[Doubt]]:
    """The rows of the table and what is doubtful in them."""
    body = text.strip().removeprefix(HEADER)
    starts = [found for found in _CHANNEL.finditer(body) if _cell_begins(body[found.end() : found.end() + 1])]
    doubts: list[Doubt] = []
    if not starts or body[: starts[0].start()].strip():
        doubts.append(Doubt(Why.ROW, "ways", excerpt(body)))
    ways = []
    for index, start in enumerate(starts):
        end = starts[index + 1].start() if index + 1 < len(starts) else len(body)
        way, found = _row(start[0], body[start.end() : end], f"ways.{index}")
        ways.append(way)
        doubts += found
    return ways, doubts


def _cell_begins(character: str) -> bool:
    """Whether the next cell begins here: prose would go on with a space, a sign or a small letter."""
    return character.isdigit() or character.isupper()


def _row(name: str, cells: str, where: str) -> tuple[Way, list[Doubt]]:
    doubts: list[Doubt] = []

    def doubt(why: Why, what: str, words: str) -> None:
        doubts.append(Doubt(why, f"{where}.{what}", excerpt(words.strip() or f"{name}{cells}")))

    time, at = _time(cells)
    fees: list[Fee] = []
    joined = None if time else _JOINED.match(cells)
    if joined:  # `120 VNĐ`: where the limit ends and the amount begins is not written
        note, at = _note(cells, joined.end())
        time, fees = Time(joined[0].strip()), [Fee(joined[0].strip(), None, _currency(joined), note)]
        doubt(Why.TIME_NUMBER, "time", joined[0] + note)
        doubt(Why.FEE_JOINED, "fee", joined[0] + note)
    else:
        time = time or Time("")
        while found := _fee(cells, at):
            fee, at = found
            fees.append(fee)
        _doubt_time(time, doubt, cells)
        _doubt_fee(fees, doubt)
        if _UNREAD.match(cells, at):
            doubt(Why.FEE_WORDS, "fee", cells[at : at + 120])
    description = cells[at:].strip()
    return Way(CHANNELS[name], time, tuple(fees), description, f"{name}{cells}"), doubts


def _doubt_time(time: Time, doubt: _Doubt, cells: str) -> None:
    if time.stated:
        whole = bool(time.amount) and str(time.amount).isdigit()  # `1,000 Ngày`: a thousand, or one
        if not whole or (time.amount or 0) > MOST.get(time.unit, 0):
            doubt(Why.TIME_WORDS, "time", time.text)  # the house counts whole hours, days and months, no minutes
    elif time.amount is not None:
        doubt(Why.TIME_NUMBER, "time", time.text)
    elif not time.text or _UNSTATED.match(time.text):
        doubt(Why.TIME_MISSING, "time", time.text or cells[:80])
    else:
        doubt(Why.TIME_WORDS, "time", time.text)


def _doubt_fee(fees: list[Fee], doubt: _Doubt) -> None:
    if not fees or all(fee.amount is None for fee in fees):
        doubt(Why.FEE_MISSING, "fee", fees[0].text if fees else "")
    if sum(bool(fee.amount) for fee in fees) > 1 or len({fee.amount for fee in fees}) > 1:
        doubt(Why.FEE_SEVERAL, "fee", "; ".join(fee.text for fee in fees))
    for fee in fees:
        if fee.currency == "VND" and fee.amount is not None and 0 < fee.amount < LEAST:
            doubt(Why.FEE_SMALL, "fee", fee.text + fee.note)
        elif fee.currency not in ("", "VND"):
            doubt(Why.FEE_FOREIGN, "fee", fee.text + fee.note)
        elif fee.amount is not None and {fee.amount} != (
            {_dong(one) for one in _MONEY.findall(fee.note)} or {fee.amount}
        ):
            doubt(Why.FEE_NOTED, "fee", f"{fee.text} ({fee.note})")
        elif fee.amount == 0 and _COUNCIL.search(fee.note) and _SETS.search(fee.note):
            doubt(Why.FEE_COUNCIL, "fee", fee.text + fee.note)


def _time(cells: str) -> tuple[Time | None, int]:
    """The limit at the head of the cells and where it ends; None where a number runs into an amount."""
    if (found := _TIME.match(cells)) and _next_cell(cells[found.end() :]):
        number = found["number"]
        whole = number.replace(",", ".") if number.count(",") + number.count(".") == 1 else number.replace(",", "")
        return Time(found[0].strip(), Decimal(whole), UNITS[" ".join(found["unit"].lower().split())]), found.end()
    if found := _BARE.match(cells):
        return Time(found[0].strip(), Decimal(found["number"])), found.end()
    for pattern in (_UNSTATED, _NO_LIMIT):
        if found := pattern.match(cells):
            return Time(found[0].strip()), found.end()
    if _JOINED.match(cells):
        return None, 0
    if _FREE.match(cells) or not cells.strip():
        return Time(""), 0
    if (found := _WORDS.match(cells)) and found.end() < len(cells):
        return Time(found["words"].strip()), found.end()
    return Time(""), 0


def _next_cell(rest: str) -> bool:
    """Whether a limit is all that its cell says. `, trường hợp…`, ` (hoặc…`, ` LV`, `Làm việc` say more than it."""
    first = rest.lstrip()
    if not first or first[0].isdigit() or _FREE.match(first) or _UNSTATED.match(first):
        return True
    return rest[0].isupper() and not first.lower().startswith(("lv", "làm"))


def _fee(cells: str, at: int) -> tuple[Fee, int] | None:
    if found := _FREE.match(cells, at):
        note, end = _note(cells, found.end())
        return Fee(found[0].strip(), 0, "", note), end
    if found := _FEE.match(cells, at):
        note, end = _note(cells, found.end())
        return Fee(found[0].strip(), _dong(found["amount"]), _currency(found), note), end
    if found := _UNSTATED.match(cells, at):
        return Fee(found[0].strip()), found.end()
    return None


def _currency(found: re.Match[str]) -> str:
    return CURRENCIES[" ".join(found["currency"].lower().split())]


def _dong(amount: str) -> int:
    """`50,000`, `50.000` and `50,000.00` in whole đồng."""
    return int(re.sub(r"[.,]", "", re.sub(r"(?<=\d{3})[.,]00?$", "", amount)))


def _note(cells: str, at: int) -> tuple[str, int]:
    """The parenthesis that begins here, without its signs, and where it ends; one never closed ends the cells."""
    if not cells.startswith("(", at):
        return "", at
    depth = 0
    for place in range(at, len(cells)):
        depth += {"(": 1, ")": -1}.get(cells[place], 0)
        if depth == 0:
            return cells[at + 1 : place].strip(), place + 1
    return cells[at + 1 :].strip(), len(cells)
