"""Forms of agencies and posts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tinhso.core.agencies.models import Agency, Capacity, Kind, Role, Staff

from ..accounts.forms import mail, telephone


class AgencyForm(forms.Form):
    name = forms.CharField(label=_("Name of the agency"), max_length=250)
    short_name = forms.CharField(label=_("Short name"), max_length=60)
    code = forms.CharField(
        label=_("Agency code"), max_length=35, help_text=_("For example H15.50.05; the old form is taken too.")
    )
    old_code = forms.CharField(
        label=_("Old agency code"), max_length=13, required=False, help_text=_("For example 000.05.50.H15.")
    )
    unit_code = forms.CharField(
        label=_("Code of the administrative unit"),
        max_length=5,
        required=False,
        help_text=_("Only for a people's committee: 2 digits for a province, 5 for a commune."),
    )

    @classmethod
    def of(cls, agency: Agency, data: Any = None) -> AgencyForm:
        return cls(data, initial={name: getattr(agency, name) for name in cls.base_fields})


class NewAgencyForm(AgencyForm):
    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices)


class PostForm(forms.Form):
    """What someone may do in an agency."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=Role.choices, widget=forms.CheckboxSelectMultiple(attrs={"class": "choices"})
    )
    title = forms.CharField(
        label=_("Title"), max_length=120, required=False, help_text=_("As printed under a signature.")
    )
    capacity = forms.ChoiceField(label=_("Signing capacity"), choices=Capacity.choices, required=False)

    @classmethod
    def of(cls, staff: Staff, data: Any = None) -> PostForm:
        return cls(data, initial={"roles": staff.roles, "title": staff.title, "capacity": staff.capacity})


class NewPostForm(PostForm):
    """A post for an account that exists, or for a new one."""

    username = forms.CharField(
        label=_("Username"),
        max_length=60,
        help_text=_("If an official has it already, they get this post too; otherwise an account is made."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    display_name = forms.CharField(label=_("Full name"), max_length=120, required=False)
    phone = telephone()
    email = mail()
    field_order = ("username", "display_name", "title", "roles", "capacity", "phone", "email")
