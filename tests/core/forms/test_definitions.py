"""A definition is refused where it would fail people later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tinhso.core.forms.definition import DefinitionError, FormDefinition, digest
from tinhso.core.forms.text import localized

from .builders import a_form, a_source


def items(source: dict[str, Any], page: int = 1) -> list[dict[str, Any]]:
    return source["layout"]["pages"][page]["groups"][0]["items"]


WRONG: dict[str, Callable[[dict[str, Any]], object]] = {
    "a property that no page asks": lambda s: s["schema"]["properties"].update(x={"type": "string"}),
    "a required property that does not exist": lambda s: s["schema"]["required"].append("x"),
    "a question without a property": lambda s: items(s).append({"field": "x", "label": "X"}),
    "a question asked twice": lambda s: items(s).append(dict(items(s)[2])),
    "an unknown type": lambda s: s["schema"]["properties"]["copies"].update(type="number"),
    "an unknown format": lambda s: s["schema"]["properties"]["mail"].update(format="url"),
    "an unknown keyword, which would be a rule nobody keeps": lambda s: s["schema"]["properties"]["copies"].update(
        multipleOf=2
    ),
    "an unknown word in the layout": lambda s: items(s)[2].update(onclick="x"),
    "a label missing in Vietnamese": lambda s: items(s)[2].update(label={"en": "Copies"}),
    "a value without a label": lambda s: s["schema"]["properties"]["purpose"]["enum"].append("work"),
    "a condition on a later answer": lambda s: items(s)[0].update(when={"field": "copies", "equals": 1}),
    "a person with an unknown part": lambda s: s["schema"]["properties"]["requester"]["parts"].append("shoe_size"),
    "a person who must give what is not asked": lambda s: s["schema"]["properties"]["requester"]["required"].append(
        "email"
    ),
    "an alternative that is not asked": lambda s: s["schema"]["properties"]["requester"]["anyOf"].append(
        {"required": ["email"]}
    ),
    "two pages with one key": lambda s: s["layout"]["pages"][1].update(key="who"),
    "a page key that is no name": lambda s: s["layout"]["pages"][1].update(key="../x"),
    "a pattern that is none": lambda s: s["schema"]["properties"]["plate"].update(pattern="("),
}


@pytest.mark.parametrize("fault", WRONG)
def test_a_definition_with_a_fault_is_refused(fault: str) -> None:
    source = a_source()
    WRONG[fault](source)
    with pytest.raises(DefinitionError):
        FormDefinition(source)


def test_a_digest_does_not_depend_on_the_order_of_keys() -> None:
    source = a_source()
    assert digest(source) == digest(dict(reversed(source.items())))
    items(source)[0]["label"] = "Khác"
    assert digest(source) != digest(a_source())


def test_words_fall_back_to_vietnamese() -> None:
    from django.utils.translation import override

    with override("en"):
        assert localized({"vi": "Một", "en": "One"}) == "One"
        assert localized({"vi": "Một"}) == "Một"
        assert a_form().title == "Declaration"
