"""Forms of the accounts pages, and how a refusal finds its field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tinhso.core.accounts.models import Account, DeviceKind, Person
from tinhso.core.agencies import units
from tinhso.core.agencies.models import Agency
from tinhso.core.ledger.actions import Refused

R = TypeVar("R")


def tried(form: forms.Form, verb: Callable[[], R]) -> R | None:
    """Do it, or show the refusal beside the field it names; None when it was refused."""
    try:
        return verb()
    except Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return None


def telephone(**more: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"})
    return forms.CharField(label=_("Telephone"), required=False, max_length=20, widget=widget, **more)


def mail() -> forms.EmailField:
    widget = forms.EmailInput(attrs={"autocomplete": "email"})
    return forms.EmailField(label=_("E-mail"), required=False, widget=widget)


class ContactForm(forms.Form):
    """How an official is reached."""

    phone = telephone()
    email = mail()

    @classmethod
    def of(cls, account: Account, data: Any = None) -> ContactForm:
        return cls(data, initial={"phone": account.phone, "email": account.email})


class ProfileForm(forms.Form):
    """What a citizen may change about themselves; name, birth and number come from VNeID or a counter."""

    phone = telephone()
    email = mail()
    province_code = forms.ChoiceField(label=_("Province or city"), required=False)
    commune_code = forms.ChoiceField(label=_("Commune, ward or special zone"), required=False)
    address = forms.CharField(
        label=_("House number, street, hamlet"),
        required=False,
        max_length=250,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )

    def __init__(self, person: Person, data: Any = None) -> None:
        names = ("phone", "email", "province_code", "commune_code", "address")
        super().__init__(data, initial={name: getattr(person, name) for name in names})
        province = (data or {}).get("province_code") or person.province_code or settings.TINHSO.province
        self.fields["province_code"].choices = [("", "—"), *((u.code, u.name) for u in units.provinces())]  # type: ignore[attr-defined]
        self.fields["commune_code"].choices = [("", "—"), *((u.code, u.full_name) for u in units.communes(province))]  # type: ignore[attr-defined]
        self.fields["commune_code"].error_messages["invalid_choice"] = _(
            "This is not in the chosen province. The list below is its own now; choose again."
        )


class ClientForm(forms.Form):
    """A machine that may use the API."""

    name = forms.CharField(label=_("What it is"), max_length=120)
    agency = forms.ModelChoiceField(label=_("For which agency"), queryset=Agency.objects.none())
    scopes = forms.CharField(
        label=_("What it may do"),
        help_text=_("Scopes separated by spaces, such as procedures:read dossiers:read."),
        max_length=400,
    )

    def __init__(self, agencies: Any, data: Any = None) -> None:
        super().__init__(data)
        self.fields["agency"].queryset = agencies  # type: ignore[attr-defined]

    def clean_scopes(self) -> list[str]:
        return sorted(set(self.cleaned_data["scopes"].split()))


class DeviceForm(forms.Form):
    """A machine that stands in an agency."""

    name = forms.CharField(
        label=_("Where it stands"), max_length=120, help_text=_("For example: Kiosk at the entrance.")
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=DeviceKind.choices)
    agency = forms.ModelChoiceField(label=_("For which agency"), queryset=Agency.objects.none())

    def __init__(self, agencies: Any, data: Any = None) -> None:
        super().__init__(data)
        self.fields["agency"].queryset = agencies  # type: ignore[attr-defined]
