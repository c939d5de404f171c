"""What people fill in about documents."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tinhso.core.agencies.models import Kind, Staff
from tinhso.core.files.content import PDF
from tinhso.core.worktime.calendar import ZONE

from . import queries, types
from .actions.assigning import LONGEST, To
from .models import Document, Urgency
from .sheet import LONGEST as BODY
from .sheet import Sheet, lines, read

GROUPS = ((Kind.COMMUNE, _("All communes")), (Kind.DEPARTMENT, _("All departments")))


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea({"rows": rows})


class SheetForm(forms.Form):
    """A document being written."""

    type = forms.ChoiceField(label=_("Type"))
    abstract = forms.CharField(label=_("What it is about"), max_length=500, widget=_area(2))
    urgency = forms.TypedChoiceField(label=_("Urgency"), coerce=int, choices=Urgency.choices, initial=Urgency.NORMAL)
    notation = forms.CharField(
        label=_("Notation"),
        max_length=40,
        required=False,
        help_text=_("After the number; empty: as usual for its type."),
    )
    groups = forms.MultipleChoiceField(
        label=_("Goes to"), choices=GROUPS, required=False, widget=forms.CheckboxSelectMultiple
    )
    to = forms.MultipleChoiceField(label=_("And to"), required=False, widget=forms.CheckboxSelectMultiple)
    addressees = forms.CharField(
        label=_("Addressed to"), required=False, widget=_area(2), help_text=_("One a line; empty: those it goes to.")
    )
    bases = forms.CharField(
        label=_("Bases"), required=False, widget=_area(3), help_text=_("What it rests on, one a line.")
    )
    body = forms.CharField(
        label=_("What it says"),
        max_length=BODY,
        widget=_area(16),
        help_text=_("One paragraph a line. Numbers of articles and Roman numerals stand out by themselves."),
    )
    places = forms.CharField(label=_("Also receive it"), required=False, widget=_area(2), help_text=_("One a line."))

    def __init__(self, data: Any, *, staff: Staff, at: datetime, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        self.agencies = {str(one.pk): one for one in queries.addressees(staff, at)}
        kind, to = self.fields["type"], self.fields["to"]
        assert isinstance(kind, forms.ChoiceField)
        assert isinstance(to, forms.MultipleChoiceField)
        kind.choices = [(one.code, one.name) for one in types.types().values()]
        to.choices = [(pk, one.name) for pk, one in self.agencies.items()]

    def given(self) -> dict[str, Any]:
        """What the actions take."""
        clean = self.cleaned_data
        chosen = {pk: self.agencies[pk] for pk in clean["to"]}
        chosen |= {pk: one for pk, one in self.agencies.items() if one.kind in clean["groups"]}
        sheet = Sheet(
            lines(clean["addressees"]),
            lines(clean["bases"]),
            clean["body"].replace("\r\n", "\n").strip(),
            lines(clean["places"]),
        )
        return {
            "type_": clean["type"],
            "abstract": clean["abstract"],
            "urgency": clean["urgency"],
            "sheet": sheet,
            "notation": clean["notation"],
            "to": list(chosen.values()),
        }


def begun(document: Document) -> dict[str, Any]:
    """A document as its form begins."""
    sheet = read(document.sheet)
    return {
        "type": document.type,
        "abstract": document.abstract,
        "urgency": document.urgency,
        "notation": document.notation,
        "to": [str(pk) for pk in document.recipients.values_list("agency_id", flat=True)],
        "addressees": "\n".join(sheet.addressees),
        "bases": "\n".join(sheet.bases),
        "body": sheet.body,
        "places": "\n".join(sheet.places),
    }


class ReceiveForm(forms.Form):
    """A document that came on paper."""

    file = forms.FileField(
        label=_("The scanned document (PDF)"),
        widget=forms.FileInput({"accept": PDF.endings[0]}),
        help_text=_("Never a classified one: keep those on paper and in their own register."),
    )
    sender_name = forms.CharField(label=_("Agency it comes from"), max_length=250)
    type = forms.ChoiceField(label=_("Type"))
    notation = forms.CharField(label=_("Its number and notation"), max_length=60)
    issued_on = forms.DateField(label=_("The day it bears"), widget=forms.DateInput({"type": "date"}))
    abstract = forms.CharField(label=_("What it is about"), max_length=1000, widget=_area(2))
    signer_name = forms.CharField(label=_("Who signed it"), max_length=200, required=False)
    urgency = forms.TypedChoiceField(label=_("Urgency"), coerce=int, choices=Urgency.choices, initial=Urgency.NORMAL)

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        kind = self.fields["type"]
        assert isinstance(kind, forms.ChoiceField)
        kind.choices = [(one.code, one.name) for one in types.types().values()]


class OrderForm(forms.Form):
    """Who deals with it, and by when."""

    lead = forms.ChoiceField(label=_("Leads"))
    support = forms.MultipleChoiceField(label=_("Supports"), required=False, widget=forms.CheckboxSelectMultiple)
    inform = forms.MultipleChoiceField(label=_("For information"), required=False, widget=forms.CheckboxSelectMultiple)
    due = forms.DateField(label=_("Due by"), widget=forms.DateInput({"type": "date"}))
    words = forms.CharField(label=_("What is to be done"), required=False, max_length=LONGEST, widget=_area(3))

    def __init__(self, data: Any, *, staff: Staff, at: datetime, alone: bool = False, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        posts = [post for post in queries.people(staff, at) if post.account_id != staff.account_id]
        self.posts = {str(post.pk): post for post in posts}
        labels = [(pk, _label(post)) for pk, post in self.posts.items()]
        for name in ("lead", "support", "inform"):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = labels
        if alone:
            del self.fields["support"], self.fields["inform"]

    def given(self) -> dict[str, Any]:
        clean = self.cleaned_data
        out = {"words": clean["words"], "due_at": datetime.combine(clean["due"], time(17), ZONE)}
        if "support" not in clean:
            return {**out, "to": self._to(clean["lead"])}
        others = set(clean["support"]) - {clean["lead"]}
        informed = set(clean["inform"]) - {clean["lead"]} - others
        return {
            **out,
            "lead": self._to(clean["lead"]),
            "support": [self._to(pk) for pk in sorted(others)],
            "inform": [self._to(pk) for pk in sorted(informed)],
        }

    def _to(self, post: str) -> To:
        found = self.posts[post]
        return To(found.agency, found.account)


def _label(post: Staff) -> str:
    return f"{post.account.display_name} · {post.title or post.agency.short_name}"
