"""From a row of the national database to the data that `actions.publish` takes.

A procedure of the province becomes usable: its form asks who applies, for what, and one file a paper;
its limits and fees are those of the row. What nobody decides here, and what a person has to look at
first, becomes a page that informs.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from tinhso.core.search.text import fold

from . import rules
from .generated_form import form_of, place_in, result_of, with_place, without_place
from .national.doubts import Doubt, Why, excerpt
from .national.papers import Case, Paper
from .national.row import LEVELS, Row, read_row
from .national.ways import Fee, Time, Way

Answers = Mapping[str, Mapping[str, Any]]  # where in the row → what an official answered
_UNITS = {
    "working_days": ("working_days", 1),
    "working_hours": ("working_hours", 1),
    "hours": ("working_hours", 1),
    "days": ("calendar_days", 1),
    "weeks": ("calendar_days", 7),
    "months": ("months", 1),
    "years": ("months", 12),
}
_UNIT_WORDS = {
    "working_days": "ngày làm việc",
    "working_hours": "giờ làm việc",
    "calendar_days": "ngày",
    "months": "tháng",
}
_CHANNEL_WORDS = {"online": "nộp trực tuyến", "counter": "nộp trực tiếp", "post": "nộp qua bưu chính"}
_EACH = re.compile(r"^/ ?(trang|bản|tờ)\b")
_SENTENCE = re.compile(r"^[\s\-+*(\d).a-z]{0,6}(Trường hợp[^.;:\n]{5,140})")


@dataclass(frozen=True)
class Proposal:
    """What a row becomes: usable, waiting or information, and the data to publish."""

    state: str
    data: dict[str, Any]


@dataclass
class _Group:
    """The rows of one limit and one fee."""

    duration: dict[str, Any]
    fee: dict[str, Any]
    channels: list[str] = field(default_factory=list)
    words: str = ""


def propose(row: Row, answers: Answers, *, on: date) -> Proposal:
    """The data for a row with what officials answered; by the rules in effect on that day."""
    why = _others(row, on)
    notice = {"others": True} if why else {}  # what waits for an answer is ours
    groups = [] if why else _groups(row, answers)
    if not why and not groups:
        why = "waiting" if row.ways else "unread"
    level = _level(row)
    met = _met(groups, appears=bool(rules.appearance(row.steps, on)))
    online = rules.service_level(met, on) if groups else "information"
    data = _data(row, level, groups, online, {**rules.reason(why, on), **notice} if why else {})
    return Proposal("waiting" if why in ("waiting", "unread") else "information" if why else "usable", data)


def doubts(row: Row, on: date) -> list[Doubt]:
    """What a person has to look at: what the reader was not sure of, and the service level where the steps speak
    against the usual one."""
    said = rules.appearance(row.steps, on)
    full = any(way.channel == "online" and not way.fee.amount for way in row.ways)  # but for what the steps say
    presumed = [Doubt(Why.LEVEL, "level", excerpt(said))] if said and full and not _others(row, on) else []
    return [*row.doubts, *presumed]


def _others(row: Row, on: date) -> str:
    """Why others than the province decide it; empty: the province does."""
    return rules.competence(row.field, row.levels, f"{row.agency}, {row.authority}, {row.address}", on)


def begin(procedure: Mapping[str, Any], *, on: date) -> dict[str, Any]:
    """The data a new procedure starts from: {code, name, field: {key, name}, level}; free, ten working days, the
    usual steps and form, the letter that any result can be written in."""
    groups = [_usual()]
    data = _data(_bare(procedure), procedure["level"], groups, rules.service_level(_met(groups), on), {})
    data["procedure"]["field"] = dict(procedure["field"])
    return data


def begin_case(data: Mapping[str, Any]) -> dict[str, Any]:
    """A first case for a procedure that only informs until now, with the papers the national database states."""
    version = data["version"]
    cases = [
        Case(one["case"], [Paper(p["name"], p["originals"], p["copies"]) for p in one["papers"]])
        for one in (version.get("stated") or {}).get("papers", ())
    ]
    results = ((version["result"], ""),) if version.get("result") else ()
    row = replace(_bare(data["procedure"]), cases=tuple(cases), results=results)
    return _variant(row, data["procedure"]["level"], [_usual()], 0)


def at_level(data: Mapping[str, Any], level: str) -> dict[str, Any]:
    """The data at another level of government: who decides, the question for the commune that does, the steps and the
    notation, where they still are the usual ones of the old level. What was designed stays; `checks.faults_of` says
    where it no longer fits."""
    old, authority = data["procedure"]["level"], rules.read("texts")["authority"]
    version = dict(data["version"])
    if version.get("authority") == authority[old]:
        version["authority"] = authority[level]
    procedure, cases = {**data["procedure"], "level": level}, [_case_at(one, old, level) for one in data["variants"]]
    return {**data, "procedure": procedure, "version": version, "variants": cases}


def _case_at(case: Mapping[str, Any], old: str, level: str) -> dict[str, Any]:
    moved, notation = dict(case), rules.read("texts")["notation"]
    if case["process"] == usual_process(old, case["duration"]):
        moved["process"] = usual_process(level, case["duration"])
    if case["result"]["notation"] == notation.get(old):
        moved["result"] = {**case["result"], "notation": notation[level]}
    if _decider(old) != _decider(level) and case.get("decider", "") == _decider(old):
        moved |= {"decider": _decider(level), **_competence(case, level)}
    return moved


def _decider(level: str) -> str:
    return "province" if level == "province" else ""


def _competence(case: Mapping[str, Any], level: str) -> dict[str, Any]:
    """Competence and form: the province is not asked for, a commune is. A designed case stays as it is: by an address
    it asks for anyway, or, where it is not applied for online, where it is handed in."""
    form, asked = case["form"], case["competence"]
    if level == "province":
        return {"competence": [], "form": without_place(form)} if asked and asked == [place_in(form)] else {}
    if asked or not ("online" in case["channels"] or "request" in form["schema"]["properties"]):
        return {}
    form = with_place(form)
    return {"competence": [place_in(form)], "form": form}


def generic_result(data: Mapping[str, Any]) -> dict[str, Any]:
    """The result that any procedure can have: what the officer decides, in words, and its letter."""
    version, level = data["version"], data["procedure"]["level"]
    results = ((version["result"], ""),) if version.get("result") else ()
    return result_of(replace(_bare(data["procedure"]), results=results), rules.read("texts")["notation"][level])


def _usual() -> _Group:
    return _Group({"amount": 10, "unit": "working_days"}, {"kind": "free"}, list(_CHANNEL_WORDS))


def _bare(procedure: Mapping[str, Any]) -> Row:
    """A row that says no more than what it is about."""
    levels = {ours: words for words, ours in LEVELS.items()}
    level = procedure["level"]
    return read_row(
        {
            "ma_thu_tuc": procedure["code"],
            "ten_thu_tuc": procedure["name"],
            "linh_vuc": procedure["field"]["name"],
            "cap_thuc_hien": ", ".join(
                levels[one] for one in (("province", "commune") if level == "both" else (level,))
            ),
            "doi_tuong_thuc_hien": rules.read("texts")["applicants"],
        }
    )


def _data(row: Row, level: str, groups: Sequence[_Group], online: str, notice: Mapping[str, Any]) -> dict[str, Any]:
    results = "; ".join(name for name, _code in row.results)
    return {
        "procedure": {
            "code": row.code,
            "name": row.name,
            "field": {"key": slug(row.field), "name": row.field},
            "level": level,
            "words": results[:500],
        },
        "version": {
            "decision": row.decision,
            "online": online,
            "applicants": ", ".join(row.applicants),
            "steps": list(row.steps),
            "requirements": list(row.requirements),
            "authority": row.agency or row.authority or rules.read("texts")["authority"][level],
            "result": results,
            "legal_basis": [dict(law) for law in row.laws],
            "complaint": rules.read("texts")["complaint"],
            "notice": dict(notice),
            "stated": stated(row),
        },
        "variants": [_variant(row, level, groups, index) for index in range(len(groups))],
    }


def stated(row: Row) -> dict[str, Any]:
    """Ways and papers in the words of the national database."""
    return {
        "ways": [
            {"channel": way.channel, "time": _time_text(way), "fee": way.fee.text, "note": way.description[:1000]}
            for way in row.ways
        ],
        "papers": [
            {
                "case": case.title,
                "papers": [{"name": p.name, "originals": p.originals, "copies": p.copies} for p in case.papers],
            }
            for case in row.cases
        ],
    }


def _time_text(way: Way) -> str:
    """The words of the limit; none where they run into those of the fee."""
    return "" if way.time.text == way.fee.text else way.time.text


def slug(name: str) -> str:
    """A key of at most 60 characters; names that begin alike stay apart."""
    key = "-".join(fold(name).split())
    return key if len(key) <= 60 else f"{key[:51]}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"


def _level(row: Row) -> str:
    ours = {"province", "commune"} & set(row.levels)
    return "both" if len(ours) == 2 else next(iter(ours), "ministry")


def _groups(row: Row, answers: Answers) -> list[_Group]:
    """The rows that are certain or were answered, by limit and fee. Fees in foreign money are not ours:
    Vietnamese missions abroad take them."""
    groups: dict[str, _Group] = {}
    blocked = {doubt.where for doubt in row.doubts if doubt.blocks} - answers.keys()
    for index, way in enumerate(row.ways):
        where = f"ways.{index}"
        if way.fee.currency not in ("", "VND") or {f"{where}.time", f"{where}.fee"} & blocked:
            continue
        duration = _duration(way.time, answers.get(f"{where}.time"))
        rule = _fee(way.fee, answers.get(f"{where}.fee"))
        key = f"{duration} {rule['kind']} {rule.get('amount', 0)}"
        group = groups.setdefault(key, _Group(duration, rule, words=_words(way)))
        if way.channel not in group.channels:
            group.channels.append(way.channel)
    return list(groups.values())


def _duration(time: Time, answer: Mapping[str, Any] | None) -> dict[str, Any]:
    if answer:
        return {"amount": answer["amount"], "unit": answer["unit"]}
    assert time.amount is not None
    unit, times = _UNITS[time.unit]
    return {"amount": int(time.amount) * times, "unit": unit}


def _fee(fee: Fee, answer: Mapping[str, Any] | None) -> dict[str, Any]:
    amount = answer["amount"] if answer else fee.amount
    assert amount is not None  # else it is blocked
    note = {"note": {"vi": fee.note}} if fee.note else {}
    if not amount:
        return {"kind": "free", **note}
    if _EACH.match(fee.note):
        return {"kind": "per_copy", "amount": amount, "copies": "copies", **note}
    return {"kind": "flat", "amount": amount, **note}


def _words(way: Way) -> str:
    found = _SENTENCE.match(way.description)
    return found[1].strip() if found else ""


def _variant(row: Row, level: str, groups: Sequence[_Group], index: int) -> dict[str, Any]:
    group = groups[index]
    return {
        "key": "default" if len(groups) == 1 else f"case-{index + 1}",
        "name": row.name if len(groups) == 1 else _name(groups, index),
        "duration": group.duration,
        "fee": group.fee,
        "channels": sorted(group.channels, key=list(_CHANNEL_WORDS).index),
        "applicant": "requester",
        "decider": _decider(level),
        "competence": [] if level == "province" else ["place"],
        "process": usual_process(level, group.duration),
        **form_of(row, level, per_copy=any(one.fee["kind"] == "per_copy" for one in groups)),
        "result": result_of(row, rules.read("texts")["notation"][level]),
    }


def _name(groups: Sequence[_Group], index: int) -> str:
    group = groups[index]
    limit = f"{group.duration['amount']} {_UNIT_WORDS[group.duration['unit']]}"
    others = {channel for one in groups if one is not group for channel in one.channels}
    if others.isdisjoint(group.channels):
        words = ", ".join(_CHANNEL_WORDS[channel] for channel in group.channels)
        return f"{words[0].upper()}{words[1:]} ({limit})"
    return f"{group.words} ({limit})" if group.words else f"Trường hợp {index + 1} ({limit})"


def usual_process(level: str, duration: Mapping[str, Any]) -> dict[str, Any]:
    """The usual steps of a level, the limit shared out among them."""
    rule = rules.read("process")
    days = {"working_days": 1.0, "calendar_days": 5 / 7, "months": 22.0, "working_hours": 1 / rule["hours_a_day"]}
    hours = max(1.0, duration["amount"] * days[duration["unit"]] * rule["hours_a_day"])
    keys = rule["levels"]["province" if level == "province" else "commune"]
    steps: dict[str, Any] = {}
    for key, following in zip(keys, [*keys[1:], None], strict=True):
        step = {name: value for name, value in rule["steps"][key].items() if name != "hours"}
        step["outcomes"] = {name: following if to == "next" else to for name, to in step["outcomes"].items()}
        fixed = rule["steps"][key].get("hours")
        if key in rule["share"]:
            fixed = min(max(1, round(hours * rule["share"][key])), rule["most"].get(key, 10_000))
        if fixed:
            step["duration"] = {"amount": fixed, "unit": "working_hours"}
        steps[key] = step
    return {"start": keys[0], "steps": steps}


def _met(groups: Sequence[_Group], *, appears: bool = False) -> dict[str, bool]:
    """The criteria of the service level that follow from the data: results of this house are electronic. Where the
    steps say that somebody appears, a person has to say otherwise first."""
    online = any("online" in group.channels for group in groups)
    free = all(group.fee["kind"] == "free" for group in groups if "online" in group.channels)
    return {
        "filed_online": online,
        "told_online": online,
        "paid_online": online and free,
        "no_visit": online and not appears,
        "result_online": online,
    }
