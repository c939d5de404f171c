"""Two editors on one page: what one did not touch takes the other's value; what both changed is said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django import forms
from django.http import QueryDict

from .editor_forms import RevisionForm
from .models import Revision


def since(revision: Revision, edition: str) -> Revision | None:
    """The draft as it was in an earlier edition that is still kept."""
    number = int(edition) if edition.isdecimal() and len(edition) < 9 else -1
    step = revision.earlier.filter(edition=number).first()
    if step is None:
        return None
    was = {"data": step.data, "checklist": step.checklist, "remark": revision.remark}
    return Revision(code=revision.code, base=revision.base, edition=number, **was)


def merged(sent: QueryDict, was: Revision, now: Revision, *, on: date) -> tuple[QueryDict, list[tuple[str, str]]]:
    """What was sent over the edition `was`, as if sent over the edition `now`; and where both changed one field:
    its label with what stands there now. What was sent stays in such a field."""
    before, after = (dict(_fields(RevisionForm(None, one, on=on))) for one in (was, now))
    out, both = sent.copy(), []
    for name, (label, theirs) in after.items():
        if name in ("edition", "remark"):
            continue
        mine, old = _plain(sent.getlist(name)), before.get(name, (label, []))[1]
        if mine == old:
            out.setlist(name, theirs)
        elif theirs not in (old, mine):
            both.append((label, "; ".join(theirs)))
    out["edition"] = str(now.edition)
    return out, both


def same_cases(was: Revision, now: Revision) -> bool:
    """Whether no case was added or removed between: the page knows cases by their order."""
    return [one["key"] for one in was.data["variants"]] == [one["key"] for one in now.data["variants"]]


def _fields(form: RevisionForm) -> Iterator[tuple[str, tuple[str, list[str]]]]:
    """Name on the page → label, and what a browser sends back when nothing is touched."""
    for one in [form, *form.cases, *(paper for case in form.cases for paper in case.papers)]:
        for field in one:
            yield field.html_name, (str(field.label), _plain(_sent_back(field)))


def _sent_back(field: forms.BoundField) -> list[str]:
    value, widget = field.value(), field.field.widget
    if isinstance(widget, forms.CheckboxInput):
        return ["on"] if value else []
    shown = widget.format_value(value)
    values = shown if isinstance(shown, list | tuple) else [shown]
    return ["" if one is None else str(one) for one in values]


def _plain(values: list[str]) -> list[str]:
    return [value.replace("\r\n", "\n").strip() for value in values]
