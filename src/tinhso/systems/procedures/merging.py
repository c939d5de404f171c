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
    for name, field in after.items():
        if name in ("edition", "remark"):
            continue
        mine, theirs = _plain(sent.getlist(name)), _sent_back(field)
        old = _sent_back(before[name]) if name in before else []
        if mine == old:
            out.setlist(name, theirs)
        elif theirs not in (old, mine):
            both.append((str(field.label), _in_words(field, theirs)))
    out["edition"] = str(now.edition)
    return out, both


def same_cases(was: Revision, now: Revision) -> bool:
    """Whether no case was added or removed between: the page knows cases by their order."""
    return [one["key"] for one in was.data["variants"]] == [one["key"] for one in now.data["variants"]]


def _fields(form: RevisionForm) -> Iterator[tuple[str, forms.BoundField]]:
    """Every field by its name on the page."""
    for one in [form, *form.cases, *(paper for case in form.cases for paper in case.papers)]:
        for field in one:
            yield field.html_name, field


def _sent_back(field: forms.BoundField) -> list[str]:
    """What a browser sends back when nothing is touched."""
    value, widget = field.value(), field.field.widget
    if isinstance(widget, forms.CheckboxInput):
        return ["on"] if value else []
    shown = widget.format_value(value)
    values = shown if isinstance(shown, list | tuple) else [shown]
    return _plain(["" if one is None else str(one) for one in values])


def _in_words(field: forms.BoundField, values: list[str]) -> str:
    """What was entered as the page shows it: a choice by its name."""
    named = {str(key): str(name) for key, name in getattr(field.field, "choices", ())}
    return "; ".join(named.get(value, value) for value in values if value)


def _plain(values: list[str]) -> list[str]:
    return [value.replace("\r\n", "\n").strip() for value in values]
