"""The other columns: steps, conditions, results, legal basis, who, at which level."""

from __future__ import annotations

import re

NOTHING = "Không có thông tin"
_LAW_HEADER = "Tên văn bản pháp lýMã văn bản"
_LAW = re.compile(
    r"(?:(?<![\d/])|(?<=QH\d\d))(?:(?:19|20)\d\d(?=\d{1,4}/\d{4}/))?"  # the year that a title ends with
    r"(?P<number>\d{1,4}(?:\.\d{1,2})?/\d{4}/(?:QH\d\d|(?:NĐ|TT|QĐ|NQ|CT|TTLT|PL|L|UBTVQH)\d{0,2}(?:-[A-ZĐ]{1,10}){0,3}(?![a-zà-ỹ]))"
    r"|\d{1,4}/(?:VBHN|QĐ|NQ|TT|CT|NĐ|TTLT|PL)-[A-ZĐ]{1,10}(?:-[A-ZĐ]{1,10})?(?![a-zà-ỹ])|\d{1,3}-L/CTN)"
)
_RESULT = re.compile(r"Mã: ?(?P<code>[0-9A-Z.\-]*\d{2,})")
_RESULT_END = re.compile(r"Từ khóa.*", re.DOTALL)
_STEP = re.compile(r"\n+")


def stated(text: str) -> str:
    """The text without surrounding space; empty where the row says that it says nothing."""
    text = re.sub(r"[ \t\xa0]+", " ", text).strip()
    return "" if text.rstrip(".") == NOTHING else text


def read_lines(text: str) -> list[str]:
    """Steps or conditions, a line each, as they were written."""
    return [line.strip() for line in _STEP.split(stated(text)) if line.strip()]


def read_results(text: str) -> list[tuple[str, str]]:
    """`(name, code)` of what one gets. The search box of the page that was copied along is left out."""
    body = _RESULT_END.sub("", text, count=1)
    results, begin = [], 0
    for found in _RESULT.finditer(body):
        name = stated(body[begin : found.start()]).strip(" .,;")
        if name:
            results.append((name, found["code"]))
        begin = found.end()
    return results


def read_laws(text: str) -> list[dict[str, str]]:
    """`{number, title}` of the legal basis. A notation within a title stands between spaces; the cell of
    the number is written right behind the title and right before the next."""
    body = stated(text).removeprefix(_LAW_HEADER)
    laws: list[dict[str, str]] = []
    begin = 0
    for found in _LAW.finditer(body):
        start, behind = found.start("number"), body[found.end() : found.end() + 1]
        in_prose = start == begin or body[start - 1].isspace() or behind in tuple(" ,;.:)")
        if in_prose and behind:
            continue
        laws.append({"number": found["number"], "title": stated(body[begin:start]).strip(" .;")})
        begin = found.end()
    return [law for law in laws if law["title"]]


def read_list(text: str) -> list[str]:
    """Comma-separated names; a comma within parentheses separates nothing."""
    return [one.strip() for one in re.split(r",\s*(?![^()]*\))", stated(text)) if one.strip()]
