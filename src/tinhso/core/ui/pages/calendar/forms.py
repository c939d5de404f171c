"""Forms of office hours and of single days."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS as NAMES
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tinhso.core.worktime.hours import FIRST_YEAR, LAST_YEAR, WEEKDAYS, Weekly, parse_spans, show_spans
from tinhso.core.worktime.models import DayOverride

EXAMPLE = gettext_lazy("For example 07:00-11:30, 13:30-17:00. Empty: closed.")


def spans_of(text: str) -> list[str]:
    """`07:00-11:30, 13:30-17:00` as a list; raises ValidationError."""
    try:
        return show_spans(parse_spans([part for part in text.replace(";", ",").split(",") if part.strip()]))
    except ValueError as wrong:
        raise forms.ValidationError(_("Write the hours in order, such as 07:00-11:30, 13:30-17:00.")) from wrong


class SpansField(forms.CharField):
    """Hours of one day as people write them; its value is a list of spans."""

    def __init__(self, **more: Any) -> None:
        super().__init__(required=False, max_length=80, **more)

    def clean(self, value: Any) -> Any:
        return spans_of(super().clean(value))


class DayField(forms.DateField):
    def __init__(self, **more: Any) -> None:
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more)

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        if day and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise forms.ValidationError(_("Choose a day of the years people plan for."))
        return day


class HoursForm(forms.Form):
    """Weekly hours from a day on."""

    valid_from = DayField(label=gettext_lazy("From this day on"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, name in enumerate(WEEKDAYS):
            self.fields[name] = SpansField(label=NAMES[number], help_text=EXAMPLE if number == 0 else "")

    @classmethod
    def of(cls, week: Weekly, valid_from: date, data: Any = None) -> HoursForm:
        shown = {day: ", ".join(show_spans(spans)) for day, spans in zip(WEEKDAYS, week, strict=True)}
        return cls(data, initial={**shown, "valid_from": valid_from}, prefix="hours")

    def weekly(self) -> dict[str, list[str]]:
        return {day: self.cleaned_data[day] for day in WEEKDAYS if self.cleaned_data[day]}


class DayForm(forms.Form):
    """A day that differs."""

    day = DayField(label=gettext_lazy("Day"))
    kind = forms.ChoiceField(
        label=gettext_lazy("On this day the office is"), choices=DayOverride.Kind.choices, widget=forms.RadioSelect
    )
    hours = SpansField(
        label=gettext_lazy("Hours, if open"), help_text=gettext_lazy("Empty: as on a usual day of the week.")
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)
