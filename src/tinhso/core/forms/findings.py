"""What a designer should still look at in a form that can be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from .choosing import labels
from .conditions import Condition
from .definition import FormDefinition
from .design import Design, called


def findings(form: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What can be read and still is no good form: place and words."""
    design, found = Design(form), []
    definition = FormDefinition(form)
    known = labels(definition)
    for place, raw in design.places():
        schema = design.schema_of(place)
        if place[0] == "p" and not any(group["items"] for group in raw["groups"]):
            found.append((place, _("The page “%(label)s” asks nothing.") % {"label": called(raw)}))
        values = schema.get("enum", schema.get("items", {}).get("enum") if schema else None)
        if values is not None and len(values) < 2:
            found.append((place, _("“%(label)s” needs at least two options.") % {"label": called(raw)}))
        for test in _leaves(raw.get("when") or {}):
            question = definition.questions[test["field"]]
            offered = {value for value, _words in question.options}
            wanted = {test.get("equals"), test.get("contains"), *test.get("in", ())} - {None}
            if offered and wanted - offered:
                said = {"label": called(raw), "other": known.get(test["field"], test["field"])}
                words = _("“%(label)s” waits for an option of “%(other)s” that is no longer there.")
                found.append((place, words % said))
    return found


def _leaves(condition: Condition) -> Iterator[Condition]:
    for part in (*condition.get("all", ()), *condition.get("any", ())):
        yield from _leaves(part)
    if "not" in condition:
        yield from _leaves(condition["not"])
    if "field" in condition:
        yield condition
