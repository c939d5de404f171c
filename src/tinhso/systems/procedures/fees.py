"""What an application costs, in whole đồng, from a rule that is data.

::

    {"kind": "free"}
    {"kind": "flat", "amount": 15000}
    {"kind": "per_copy", "amount": 8000, "copies": "copies"}
    {"kind": "per_page", "tiers": [{"from": 1, "amount": 2000}, {"from": 3, "amount": 1000}],
     "most": 200000, "pages": "pages", "copies": "copies"}

`copies` and `pages` name integer answers; `most` limits one copy. Any rule may carry `free_when`, a
condition of `core.forms` over the answers, with `free_for`, words that say who pays nothing, and a
`note`. Amounts: TT 226/2016 (certified copies), TT 281/2016 (extracts), the province's council (civil
status fees).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from tinhso.core.forms.conditions import holds, problem
from tinhso.core.forms.definition import FormDefinition, flat

Rule = Mapping[str, Any]
_KEYS = {
    "free": set(),
    "flat": {"amount"},
    "per_copy": {"amount", "copies"},
    "per_page": {"tiers", "pages", "copies"},
}
_ALWAYS = {"kind", "free_when", "free_for", "note"}


def compute_fee(rule: Rule, answers: Mapping[str, Any]) -> int:
    """The fee in đồng; a number not answered yet counts as one."""
    by_path = flat(answers)
    if rule["kind"] == "free" or ("free_when" in rule and holds(rule["free_when"], by_path)):
        return 0
    if rule["kind"] == "flat":
        return int(rule["amount"])
    copies = _number(by_path, rule["copies"])
    if rule["kind"] == "per_copy":
        return int(rule["amount"]) * copies
    return copies * fee_of_copy(rule, _number(by_path, rule["pages"]))


def _number(by_path: Mapping[str, Any], path: str) -> int:
    value = by_path.get(path)
    return value if isinstance(value, int) else 1


def fee_of_copy(rule: Rule, pages: int) -> int:
    """The fee of one copy of so many pages: each page at the tier it falls in, up to `most`."""
    tiers = rule["tiers"]
    total: int = 0
    for index, tier in enumerate(tiers):
        end = tiers[index + 1]["from"] if index + 1 < len(tiers) else pages + 1
        total += max(0, min(end, pages + 1) - tier["from"]) * tier["amount"]
    return min(total, int(rule.get("most", total)))


def check_fee(rule: Rule, form: FormDefinition) -> str:
    """Why a rule cannot stand with a form; empty when it can."""
    kind = rule.get("kind")
    if kind not in _KEYS:
        return f"unknown kind of fee {kind!r}"
    if missing := _KEYS[kind] - rule.keys():
        return f"the fee lacks {sorted(missing)}"
    if unknown := rule.keys() - _KEYS[kind] - _ALWAYS - {"most"}:
        return f"the fee has unknown {sorted(unknown)}"
    amounts = [rule.get("amount", 1), rule.get("most", 1), *(tier["amount"] for tier in rule.get("tiers", ()))]
    if any(not isinstance(amount, int) or amount < 0 for amount in amounts):
        return "amounts are whole đồng"
    starts = [tier["from"] for tier in rule.get("tiers", ())]
    if starts and (starts[0] != 1 or starts != sorted(set(starts))):
        return "tiers begin at page 1 and rise"
    for key in ("copies", "pages"):
        if key in rule and form.questions[rule[key]].schema["type"] != "integer":
            return f"{rule[key]} is not a number"
    return problem(rule["free_when"], form.questions) if "free_when" in rule else ""


def money(amount: int) -> str:
    """`15000` → `15.000 đ`."""
    return f"{amount:,} đ".replace(",", ".")


def describe_fee(rule: Rule) -> str:
    """A rule in one sentence, in the reader's language."""
    kind = rule["kind"]
    if kind == "free":
        return _("Free")
    if kind == "flat":
        return money(rule["amount"])
    if kind == "per_copy":
        return _("%(amount)s a copy") % {"amount": money(rule["amount"])}
    parts = [_("%(amount)s a page") % {"amount": money(rule["tiers"][0]["amount"])}]
    parts += [
        _("%(amount)s from page %(page)s") % {"amount": money(tier["amount"]), "page": tier["from"]}
        for tier in rule["tiers"][1:]
    ]
    if "most" in rule:
        parts.append(_("at most %(amount)s a copy") % {"amount": money(rule["most"])})
    return ", ".join(parts)
