"""What the conditions of a process look at, as lists show it: how steps ended, and the answers of a form.

A process belongs to no procedure, so a drawing says whose questions it chooses from. Which forms there are, core does
not know: who has them says so in its room `steps.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from tinhso.core.forms.definition import FormDefinition
from tinhso.core.forms.kinds import KINDS as ANSWERS
from tinhso.core.forms.layout import Block, Page, Question

from .bpmn.reading import EXPLICIT
from .bpmn.ways import Gateway, Ways
from .graph import OUTCOME

Find = Callable[[str], list[tuple[str, str]]]
Read = Callable[[str], "tuple[str, FormDefinition] | None"]
_FORMS: list[tuple[Find, Read]] = []


def forms_from(find: Find, read: Read) -> None:
    """Offer forms: `find` gives key and title of the first ones that have these words, `read` title and definition of
    one by its key, None where there is none."""
    _FORMS.append((find, read))


def find_forms(words: str) -> list[tuple[str, str]]:
    """Key and title of forms that have these words, all systems' together."""
    return [one for find, _read in _FORMS for one in find(words)]


def form_by(key: str) -> tuple[str, FormDefinition] | None:
    """Title and definition of the form with this key; None where it is gone, or was never chosen."""
    return next((found for _find, read in _FORMS if key and (found := read(key))), None)


@dataclass(frozen=True)
class Asked:
    """What conditions may look at: see `forms.choosing.Asking`."""

    pages: Mapping[str, Page]
    questions: Mapping[str, Question]


def asked(found: Ways, gateway: Gateway, form: FormDefinition | None) -> Asked:
    """What the ways out of this gateway may look at: how the step right before it ended, the form's questions, how
    other steps ended, and whatever a condition of the drawing looks at already, by its name."""
    ended = []
    for step in found.steps:
        if step.kind and step.id == gateway.after:
            label = _("how the step right before, %(step)s, ended") % {"step": step.name}
            ended.append(_question(EXPLICIT, label, [(one, step.kind.say(one)) for one in sorted(step.kind.outcomes)]))
    for step in found.steps:
        if step.kind:
            label = _("how the step %(step)s ended last") % {"step": step.name}
            outcomes = [(one, step.kind.say(one)) for one in sorted(step.kind.outcomes)]
            ended.append(_question(f"{OUTCOME}{step.key}", label, outcomes))
    questions = {one.path: one for one in ended if one.path == EXPLICIT} | dict(form.questions if form else {})
    questions |= {one.path: one for one in ended}
    other = [_question(path, path) for path in found.paths if path not in questions]
    questions |= {one.path: one for one in other}
    block = Block("", "", (*ended, *other))
    return Asked({**(form.pages if form else {}), "": Page("", "", "", (), (block,))}, questions)


def _question(path: str, label: str, options: Iterable[tuple[str, str]] = ()) -> Question:
    kind = ANSWERS["choice" if options else "text"]
    return Question(path, kind, {"type": "string"}, label, "", "", False, "", (), tuple(options), "", "", "", "")
