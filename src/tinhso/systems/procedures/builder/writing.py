"""Letters written without code: their parts, how one begins, and the names by which people insert answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy

from tinhso.core.forms.choosing import labels
from tinhso.core.forms.definition import FormDefinition
from tinhso.core.forms.kinds import Paragraph

from .. import results

DESIGNED = "designed"
PARTS = [
    ("paragraph", gettext_lazy("Paragraph")),
    ("fact", gettext_lazy("Line “label: value”")),
    ("line", gettext_lazy("Line that is not indented")),
    ("item", gettext_lazy("Item of a list")),
    ("heading", gettext_lazy("Heading")),
    ("centre", gettext_lazy("In the middle")),
]
Part = dict[str, Any]


def begun(result: Mapping[str, Any], title: str) -> dict[str, Any]:
    """The result with a letter of one's own, which says all that the officer states."""
    definition = FormDefinition(result["form"])
    body = []
    for path, label in labels(definition).items():
        long = isinstance(definition.questions[path].kind, Paragraph)
        body.append({"kind": "paragraph", "text": f"{{{path}}}"} if long else _fact(label, path))
    data = {"title": {"value": title}, "about": {"value": ""}, "body": {"write": body}}
    return {**result, "letter": DESIGNED, "data": data}


def _fact(label: str, path: str) -> Part:
    return {"kind": "fact", "text": f"{label.replace(': ', ' – ')}: {{{path}}}"}


class Names:
    """Between the paths of answers and the words in brackets by which people write them: `[Họ, chữ đệm, tên]`."""

    def __init__(self, definition: FormDefinition) -> None:
        self.by_path: dict[str, str] = {}
        for path, label in labels(definition).items():
            plain = label.replace("[", "(").replace("]", ")")
            taken = list(self.by_path.values())
            number = sum(one == plain or one.startswith(f"{plain} (") for one in taken)
            self.by_path[path] = f"{plain} ({number + 1})" if number else plain
        self.by_name = {name: path for path, name in self.by_path.items()}

    def shown(self, text: str) -> str:
        """`Ông {name}` as `Ông [Họ, chữ đệm, tên]`."""
        return results.FIELD.sub(lambda found: f"[{self.by_path.get(found[1], found[1])}]", text)

    def kept(self, text: str) -> str:
        """The reverse. Braces of one's own become brackets: only names in the list stand for answers."""
        plain = text.replace("{", "(").replace("}", ")")
        for name in sorted(self.by_name, key=len, reverse=True):
            plain = plain.replace(f"[{name}]", f"{{{self.by_name[name]}}}")
        return plain
