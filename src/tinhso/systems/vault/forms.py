"""What people type about a paper."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tinhso.core.accounts.models import Authority

_DAY = {"type": "date"}


def _day() -> forms.DateInput:
    return forms.DateInput(attrs=_DAY, format="%Y-%m-%d")


class AddForm(forms.Form):
    """A paper from elsewhere. What its signature says takes the place of what is typed."""

    file = forms.FileField(
        label=gettext_lazy("The file"),
        help_text=gettext_lazy("PDF, or a photo. A PDF signed by a state authority is verified at once."),
        widget=forms.FileInput(attrs={"accept": ".pdf,image/*"}),
    )
    name = forms.CharField(
        label=gettext_lazy("What kind of paper it is"),
        max_length=200,
        help_text=gettext_lazy("As it says on top, such as: University degree"),
    )
    number = forms.CharField(label=gettext_lazy("Number"), max_length=60, required=False)
    agency_name = forms.CharField(label=gettext_lazy("Issued by"), max_length=200, required=False)
    issued_on = forms.DateField(label=gettext_lazy("Issued on"), required=False, widget=_day())
    valid_until = forms.DateField(label=gettext_lazy("Holds until"), required=False, widget=_day())

    def __init__(self, *args: Any, businesses: list[Authority], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        if businesses:
            mine = [("", _("Mine"))]
            choices = mine + [(str(one.business_id), one.business.name) for one in businesses]
            self.fields["whose"] = forms.ChoiceField(
                label=_("Whose paper it is"), choices=choices, required=False, widget=forms.RadioSelect, initial=""
            )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        issued, until = values.get("issued_on"), values.get("valid_until")
        if issued and issued > self.today:
            self.add_error("issued_on", _("This day has not come yet."))
        if issued and until and until < issued:
            self.add_error("valid_until", _("It cannot end before it was issued."))
        return values
