"""From a file to rows of words: CSV as spreadsheets save it, or JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from tinhso.core.forms.definition import flat
from tinhso.core.ledger.actions import Refused

# Of one dossier; docs/guide/takeover.md says what each means.
COLUMNS = (
    *("system", "old_id", "code", "procedure", "variant", "channel", "receiving", "competent"),
    *("applicant_kind", "applicant_name", "national_id", "birth_date", "sex", "phone", "email"),
    *("submitted_at", "accepted_at", "due_at", "finished_at", "step", "step_since", "assignee", "fee_owed"),
)
LINES = {
    "history": {"history_at": "at", "history_what": "what", "history_who": "who", "history_words": "words"},
    "pauses": {"pause_from": "from", "pause_to": "to"},
}
ANSWERS = "answers."
MOST = 20_000  # dossiers in one file: more would keep one page and one job busy too long

Row = dict[str, Any]  # the columns; "row": its number; "answers" by path; "history" and "pauses": lists of lines


def read(name: str, data: bytes) -> list[Row]:
    """The dossiers of a file named `*.json` or `*.csv`. Raises `Refused` where it is neither."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _unreadable(_("Save it as UTF-8 (in Excel: CSV UTF-8).")) from None
    rows = _json(text) if name.lower().endswith(".json") else _csv(text)
    if not rows:
        raise _unreadable(_("There is no dossier in it."))
    if len(rows) > MOST:
        raise _unreadable(_("Split it: at most %(most)d dossiers in one file.") % {"most": MOST})
    return rows


def _unreadable(why: str) -> Refused:
    return Refused("takeover_file", _("The file cannot be read. %(why)s") % {"why": why}, field="file", status=422)


def _unknown(columns: list[str]) -> Refused:
    return _unreadable(_("It has columns that nobody knows: %(columns)s.") % {"columns": ", ".join(columns)})


def _json(text: str) -> list[Row]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise _unreadable(str(wrong)[:200]) from None
    if isinstance(found, Mapping):
        found = found.get("dossiers")
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        raise _unreadable(_("A list of dossiers is expected."))
    return [_from_json(number, one) for number, one in enumerate(found, 1)]


def _from_json(number: int, one: Mapping[str, Any]) -> Row:
    if unknown := sorted(set(one) - {*COLUMNS, "answers", *LINES}):
        raise _unknown(unknown)
    row: Row = {name: _word(one.get(name)) for name in COLUMNS}
    answers = one.get("answers") or {}
    lines = {name: one.get(name) or [] for name in LINES}
    if not isinstance(answers, Mapping) or not all(
        isinstance(some, list) and all(isinstance(line, Mapping) for line in some) for some in lines.values()
    ):
        raise _unreadable(_("Dossier %(number)d is not built as described.") % {"number": number})
    for name, columns in LINES.items():
        row[name] = [{key: _word(line.get(key)) for key in columns.values()} for line in lines[name]]
    return row | {"row": number, "answers": flat(answers)}


def _word(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _csv(text: str) -> list[Row]:
    """One line a dossier. A line that only repeats `old_id` adds history and pauses to the dossier above."""
    head = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=max(";,\t", key=head.count))
    names = [name.strip() for name in reader.fieldnames or ()]
    reader.fieldnames = names
    of_lines = [column for columns in LINES.values() for column in columns]
    if unknown := [name for name in names if name not in {*COLUMNS, *of_lines} and not name.startswith(ANSWERS)]:
        raise _unknown(unknown)
    rows: list[Row] = []
    for given in reader:
        line = {name: _word(given.get(name)) for name in (*COLUMNS, *of_lines)}
        answers = {
            name.removeprefix(ANSWERS): v for name in names if name.startswith(ANSWERS) and (v := _word(given[name]))
        }
        said = {name for name in COLUMNS if line[name]} | ({ANSWERS} if answers else set())
        if not said and not any(line[name] for name in of_lines):
            continue  # an empty line at the end
        if not (rows and said <= {"system", "old_id"} and line["old_id"] == rows[-1]["old_id"]):
            row: Row = {name: line[name] for name in COLUMNS}
            rows.append(row | {"row": reader.line_num, "answers": answers, "history": [], "pauses": []})
        for name, columns in LINES.items():
            if any(line[column] for column in columns):
                rows[-1][name].append({key: line[column] for column, key in columns.items()})
    return rows
