"""What a phone of 2014 gets (iOS 12, Chrome 95): it skips `@layer` and every rule with a selector it does not know."""

from __future__ import annotations

import re

import pytest
from django.contrib.staticfiles import finders
from django.templatetags.static import static

from tinhso.core.ui.templatetags.ui import icon


def built(name: str) -> str:
    found = finders.find(static(name).removeprefix("/static/"))
    assert isinstance(found, str), f"{name}: make frontend"
    with open(found, encoding="utf8") as file:
        return file.read()


@pytest.mark.parametrize("name", ["tinhso/site.css", "tinhso/desk.css", "tinhso/dark.css", "tinhso/draw.css"])
def test_styles_stand_in_no_layer(name: str) -> None:
    assert "@layer" not in built(name)


def test_rules_for_citizens_need_no_new_selector_and_no_logical_property() -> None:
    styles = built("tinhso/site.css")
    for selectors in re.findall(r"[{};]([^{};@]+)\{", styles):
        new = re.search(r":(is|where|has)\(", selectors)
        alone = all(":has(" in one for one in re.split(r",(?![^(]*\))", selectors))
        assert not new or alone, f"takes others with it where it is not known: {selectors}"
    logical = r"(?:margin|padding|border|inset)-(?:inline|block)|(?:inline|block)-size"
    assert not re.findall(rf"[{{;](?:{logical})\b[^:]*:", styles)
    assert "clamp(" not in styles


def test_layers_keep_their_order_by_weight() -> None:
    """A class of an earlier layer is as heavy as a tag of a later one was: less, in every file."""
    weight = r":not(#\#)"
    site, desk = built("tinhso/site.css"), built("tinhso/desk.css")
    assert f"body{weight}{{" in site, "base: 1"
    assert f"{weight * 2}.stack{{" in site, "layout: 2"
    assert f"{weight * 3}.button{{" in site, "parts: 3"
    assert f"tr{weight * 4}," in site, "print: 4"
    assert f"{weight * 2}.panes{{" in desk, "layout: 2, as in site.css"
    assert ":root{color-scheme:dark" in built("tinhso/dark.css"), "tokens: 0"


def test_an_icon_says_its_size_itself() -> None:
    for drawn in (icon("menu"), icon("menu", "Menu")):
        assert 'width="20" height="20"' in drawn
