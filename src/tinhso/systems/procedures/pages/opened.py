"""One form of a draft as the pages of the builder have it in hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property

from tinhso.core.accounts.models import Account
from tinhso.core.forms.choosing import labels
from tinhso.core.forms.definition import FormDefinition
from tinhso.core.forms.design import Design
from tinhso.core.forms.layout import Block
from tinhso.core.forms.text import localized
from tinhso.core.ui.request import Request

from ..builder.parts import FORM, RESULT, case_of, form_of
from ..models import Revision
from .editor import edits


@dataclass
class Opened:
    """A draft, one of its cases, and one of the case's forms."""

    revision: Revision
    case: dict[str, Any]
    part: str
    editable: bool

    @cached_property
    def form(self) -> dict[str, Any]:
        return form_of(self.case, self.part)

    @cached_property
    def design(self) -> Design:
        return Design(self.form)

    @cached_property
    def definition(self) -> FormDefinition:
        return FormDefinition(self.form)

    @cached_property
    def asked(self) -> FormDefinition:
        """The form that people fill in."""
        return self.definition if self.part == FORM else FormDefinition(self.case["form"])

    @property
    def answers(self) -> list[tuple[str, str]]:
        """What the officer's statement may begin with: path and label of each answer, addresses as a whole."""
        found = labels(self.asked)
        for page in self.asked.pages.values():
            for block in page.blocks:
                for path, label in _addresses(block):
                    found[path] = label
        return list(found.items())

    @property
    def changed_by(self) -> str:
        """Who made the last change, by name."""
        step = self.revision.earlier.order_by("-edition").only("by").first()
        kind, _colon, account = step.by.partition(":") if step else ("", "", "")
        found = Account.objects.filter(pk=account).first() if kind == "account" else None
        return found.display_name if found else ""


def _addresses(block: Block, whose: str = "") -> Any:
    for item in block.items:
        if isinstance(item, Block):
            label = " – ".join(filter(None, [whose, localized(item.legend)]))
            if any(question.path == f"{item.path}.province" for question in item.questions()):
                yield item.path, label
            yield from _addresses(item, label)


def opened(request: Request, revision_id: UUID, case: str, part: str = FORM) -> Opened:
    """Raises `Http404`, and `Refused` for a case that was taken out."""
    if part not in (FORM, RESULT):
        raise Http404
    revision = get_object_or_404(Revision.objects.select_related("author"), pk=revision_id)
    editable = edits(request) and revision.state == Revision.State.DRAFT
    return Opened(revision, case_of(revision.data, case), part, editable)
