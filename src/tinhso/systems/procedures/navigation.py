"""Where procedures stand in the menus, on the home page and in the search box."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tinhso.core.forms.text import localized
from tinhso.core.ui.navigation import Errand, Found, errands, finder, nav

from . import queries

nav("citizen", _("Procedures"), "procedures:catalogue", icon="list", order=10)
nav("home", _("All procedures"), "procedures:catalogue", icon="list", order=10)


@errands(order=10)
def common() -> Iterable[Errand]:
    """What people come for, as the procedures in force say, and the way to all of them."""
    for one in queries.with_errands():
        url = reverse("procedures:procedure", args=[one.code])
        for errand in one.errands:
            yield Errand(localized(errand["label"]), url, errand["icon"], one.field.title)
    yield Errand(_("All procedures"), reverse("procedures:catalogue"), "list")


@finder("desk", order=90)
def found(request: HttpRequest, words: str) -> list[Found]:
    """Procedures that have the words typed."""
    return _shown(queries.search(words, limit=10))


@finder("citizen", order=10)
def found_or_near(request: HttpRequest, words: str) -> list[Found]:
    """The same; where there is none, the way to those near to what was typed."""
    listed, near = queries.search_near(words, limit=10)
    if not near:
        return _shown(listed)
    url = f"{reverse('procedures:catalogue')}?{urlencode({'q': words[:200]})}"
    return [Found(_("Procedures near to your words"), url, _("Procedure"), "")]


def _shown(listed: list[queries.Listed]) -> list[Found]:
    return [
        Found(
            one.title,
            reverse("procedures:procedure", args=[one.code]),
            _("Procedure"),
            f"{one.field_title} · {one.code}",
        )
        for one in listed
    ]
