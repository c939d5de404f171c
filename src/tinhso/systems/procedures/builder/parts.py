"""A case of a draft and its two forms, found in the data and put back into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from tinhso.core.forms import conditions
from tinhso.core.forms.definition import FormDefinition
from tinhso.core.forms.design import Design
from tinhso.core.forms.text import localized
from tinhso.core.ledger.actions import Refused

from .. import results

FORM, RESULT = "bieu-mau", "ket-qua"  # as addresses name them
Data = Mapping[str, Any]


def case_of(data: Data, key: str) -> dict[str, Any]:
    """Raises `Refused` where the case is no longer there."""
    found = next((one for one in data["variants"] if one["key"] == key), None)
    if found is None:
        raise Refused("gone", _("This case has been taken out meanwhile."))
    return dict(found)


def form_of(case: Data, part: str) -> dict[str, Any]:
    """The form that people fill in, or the one in which the officer states the result."""
    return dict(case["form"] if part == FORM else case["result"]["form"])


def with_case(data: Data, case: Data) -> dict[str, Any]:
    """The data with this case in the place of the one with its key."""
    return {**data, "variants": [case if one["key"] == case["key"] else one for one in data["variants"]]}


def with_form(case: Data, part: str, form: Data) -> dict[str, Any]:
    """The case with this form."""
    return {**case, "form": form} if part == FORM else {**case, "result": {**case["result"], "form": form}}


def designing(key: str, part: str, change: Callable[[Design, dict[str, Any]], Any]) -> Callable[[Data], Data]:
    """A change of a draft's data: `change` works on the design of one form and may replace parts of the case in its
    hands; what it leaves can be read, and nothing elsewhere looks at a question that is gone. Raises `Refused`."""

    def edit(data: Data) -> Data:
        case = case_of(data, key)
        design = Design(form_of(case, part))
        before = set(design.properties)
        change(design, case)
        used = list(users(case, part, before - design.properties.keys()))
        if used:
            raise Refused(
                "still_used",
                _("This is still needed by: %(what)s. Change that first.") % {"what": "; ".join(used)},
                status=422,
            )
        return with_case(data, with_form(case, part, design.checked()))

    return edit


def users(case: Data, part: str, fields: set[str]) -> Iterator[str]:
    """What beside the form itself needs these questions, in words."""

    def meant(paths: Any) -> bool:
        return any(path.split(".")[0] in fields for path in paths)

    result = case["result"]
    if part == RESULT:
        if any(meant(results.paths(one)) for one in result["data"].values()):
            yield _("the letter of the result")
        return
    if meant([case["applicant"]]):
        yield _("who applies")
    if meant(case["competence"]):
        yield _("who decides")
    fee = case["fee"]
    if meant([fee.get("copies", ""), fee.get("pages", ""), *conditions.fields(fee.get("free_when", {}))]):
        yield _("the fee")
    for paper in case["components"]:
        if meant([paper.get("field", "")]):
            yield _("the paper “%(name)s”") % {"name": paper["name"]}
    stated = {place[2:]: raw for place, raw in Design(result["form"]).places() if place.startswith("q:")}
    for name, expression in result["start"].items():
        if meant(results.paths(expression)):
            label = localized(stated.get(name.split(".")[0], {}).get("label")) or name
            yield _("what the officer states: %(label)s") % {"label": label}
    if meant(_looked_at(case["process"])):
        yield _("the process")


def asked_before(definition: FormDefinition, place: str, form: Data) -> list[str]:
    """Paths of the questions that stand before a piece; files decide nothing but whether they are there."""
    fields: list[str] = []
    for other, raw in Design(form).places():
        if other == place:
            break
        if other.startswith("q:"):
            fields.append(raw["field"])
    return [path for path in definition.questions if path.split(".")[0] in fields]


def _looked_at(body: Any) -> Iterator[str]:
    """Paths in the conditions of a process."""
    if isinstance(body, Mapping):
        if isinstance(body.get("field"), str):
            yield body["field"]
        for one in body.values():
            yield from _looked_at(one)
    elif isinstance(body, list):
        for one in body:
            yield from _looked_at(one)
