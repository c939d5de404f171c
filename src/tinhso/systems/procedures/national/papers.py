"""`thanh_phan_ho_so`: the papers of an application, by case.

::

    text  := (title HEADER paper*)*
    paper := name form? count
    count := N " bản chính" ("," N " bản sao")? | N " bản sao"

All run together. A count stands directly behind the name and is followed by the next name, a comma with copies or the
end; in prose (`nộp 01 bản chính, kèm…`) a space stands before it or a sign behind it. Behind a digit
(`20241 bản chính`) the last digit is the count and a person is asked to look.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .doubts import Doubt, Why, excerpt

HEADER = "Tên giấy tờMẫu đơn, tờ khaiSố lượng"
FORMS = "docx?|xlsx?|pdf|rtf|odt|zip|rar|jpe?g|png"

_COUNT = re.compile(r"(\d+) bản chính(?:,(\d+) bản sao)?|(\d+) bản sao")
_FORM_END = re.compile(rf"\.(?:{FORMS})[;,. ]*$", re.IGNORECASE)
_GLUED = re.compile(r"(?<=[^\W_A-ZĐ])(?=[A-ZĐ])|(?<=[;:)\]])(?=\w)|(?<=[.\w])(?=M[aẫ]u)")
_BLANK = re.compile(r"m[aẫâ]u|phụ? ?l[uụ]c|pl|biểu|bieu|bm|tờ khai|to khai|đơn|don", re.IGNORECASE)
_NO_TITLE = re.compile(r"^[\s\-*.:]*$")


@dataclass(frozen=True)
class Paper:
    """One paper: how many originals and copies. `form` is the file name of its blank, where it can be told."""

    name: str
    originals: int
    copies: int
    form: str = ""
    text: str = ""


@dataclass
class Case:
    """The papers of one case (trường hợp); without a title: of every case."""

    title: str
    papers: list[Paper] = field(default_factory=list)


def read_papers(text: str) -> tuple[list[Case], list[Doubt]]:
    """The cases in their order, and what is doubtful."""
    title, *blocks = text.split(HEADER)
    if not blocks:
        stated = text.strip() and not text.strip().startswith("Không có thông tin")
        return [], [Doubt(Why.PAPERS, "papers", excerpt(text.strip()))] if stated else []
    cases, doubts = [], list[Doubt]()
    for index, block in enumerate(blocks):
        papers, rest, found = _papers(block, f"papers.{index}")
        doubts += found
        cases.append(Case("" if _NO_TITLE.match(title) else title.strip(), papers))
        if index == len(blocks) - 1 and rest.strip():
            doubts.append(Doubt(Why.PAPERS, f"papers.{index}", excerpt(rest.strip())))
        title = rest
    return cases, doubts


def _papers(block: str, where: str) -> tuple[list[Paper], str, list[Doubt]]:
    papers: list[Paper] = []
    doubts: list[Doubt] = []
    begin = 0
    for found in _COUNT.finditer(block):
        if found.start() < begin or not _is_count(block, begin, found):
            continue
        digits = next(group for group in found.groups() if group is not None)
        cut = found.start()
        if len(digits) > 1:
            cut += len(digits) - 1
            doubts.append(
                Doubt(Why.COUNT, f"{where}.{len(papers)}", excerpt(block[max(begin, cut - 200) : found.end()]))
            )
        whole = block[begin : found.end()]
        name, form = _form(block[begin:cut].strip())
        papers.append(
            Paper(
                name,
                originals=int(digits[-1]) if found[1] else 0,
                copies=int(found[2] or (found[3] and digits[-1]) or 0),
                form=form,
                text=whole,
            )
        )
        begin = found.end()
    return papers, block[begin:], doubts


def _is_count(block: str, begin: int, found: re.Match[str]) -> bool:
    """Whether this is the cell of the count rather than words of the name."""
    digits = next(group for group in found.groups() if group is not None)
    before = block[found.start() - 1] if found.start() > begin else ""
    behind = block[found.end() : found.end() + 2]
    if not before:
        return False  # a paper has a name
    if behind[:1] in tuple(",;.)/:") and not behind[1:].strip("0123456789 "):
        return False
    if behind[:1] == " " and behind[1:].islower():
        return False
    if before == "(" or (before.isspace() and before != "\t"):
        return len(digits) > 1 and digits[0] != "0"
    return True


def _form(name: str) -> tuple[str, str]:
    """The name of the paper and the file name of its form that was written right behind it."""
    if not _FORM_END.search(name):
        return name, ""
    cuts = [cut.start() for cut in _GLUED.finditer(name) if cut.start() < len(name) - 5]
    if len(cuts) > 1:
        cuts = [cut for cut in cuts if _BLANK.match(name[cut:])]
    if len(cuts) != 1:
        return name, ""  # where the file's name begins cannot be told
    return name[: cuts[0]].strip(), name[cuts[0] :].strip()
