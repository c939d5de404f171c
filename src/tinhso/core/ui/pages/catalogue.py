"""`/ui`: every component in every state, for those who build pages. Only with DEBUG."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from ..access import may
from ..request import Request
from ..templatetags.ui import WORKING_DAY, moment, money, number


class Sample(forms.Form):
    """One field of each kind."""

    full_name = forms.CharField(label=gettext_lazy("Full name"), help_text=gettext_lazy("As on the citizen card"))
    email = forms.EmailField(label=gettext_lazy("E-mail"), required=False)
    born = forms.DateField(label=gettext_lazy("Date of birth"), widget=forms.DateInput(attrs={"type": "date"}))
    copies = forms.IntegerField(label=gettext_lazy("Copies"), min_value=1)
    purpose = forms.ChoiceField(
        label=gettext_lazy("Purpose"),
        choices=[("a", gettext_lazy("Marriage")), ("b", gettext_lazy("Buying a house"))],
    )
    receive = forms.ChoiceField(
        label=gettext_lazy("How to receive the result"),
        widget=forms.RadioSelect,
        choices=[("online", gettext_lazy("Online")), ("counter", gettext_lazy("At the counter"))],
    )
    note = forms.CharField(label=gettext_lazy("Note"), widget=forms.Textarea(attrs={"rows": 3}), required=False)
    paper = forms.FileField(label=gettext_lazy("Citizen card, front side"))
    truth = forms.BooleanField(label=gettext_lazy("What I have entered is true"))


@may("public")
@require_GET
def catalogue(request: Request) -> HttpResponse:
    if not settings.DEBUG:
        raise Http404
    messages.success(request, _("The dossier was accepted."))
    shell = "desk" if request.GET.get("shell") == "desk" else "citizen"
    return render(request, f"ui/catalogue_{shell}.html", specimens())


def specimens() -> dict[str, Any]:
    """What the catalogue shows: invented, but as it would read."""
    at = timezone.now()
    filled = {"full_name": "Nguyễn Thị Hồng Ánh", "copies": 0, "email": "anh@", "note": _("No hurry")}
    wrong = Sample({f"wrong-{key}": value for key, value in filled.items()}, auto_id="wrong_%s", prefix="wrong")
    return {
        "kinds": ["", "primary", "quiet", "danger"],
        "tones": ["info", "do", "done", "soon", "late"],
        "form": Sample(auto_id="sample_%s"),
        "wrong": wrong,
        "tasklist": [
            {"label": _("Who applies"), "url": "#1", "state": "done", "note": _("saved 14:02")},
            {"label": _("What for"), "url": "#2", "state": "now"},
            {"label": _("Papers"), "url": "#3", "state": "wrong", "note": _("One photo cannot be read")},
            {"label": _("Check and send"), "state": "todo"},
        ],
        "timeline": [
            {"at": at - timedelta(days=2), "title": _("You applied"), "state": "done", "icon": "send"},
            {"at": at - timedelta(days=1, hours=20), "title": _("Accepted"), "who": "Trần Văn Minh", "state": "done"},
            {
                "at": at - timedelta(hours=3),
                "title": _("Waiting for the leader's signature"),
                "state": "now",
                "text": _("The certificate is drawn up."),
            },
            {"title": _("Result"), "state": "later", "who": moment(at + timedelta(days=1))},
        ],
        "clocks": [
            {"left": WORKING_DAY * 3, "total": WORKING_DAY * 3},
            {"left": timedelta(hours=3), "total": WORKING_DAY},
            {"left": timedelta(minutes=25), "total": WORKING_DAY},
            {"left": -WORKING_DAY * 2, "total": WORKING_DAY},
            {"left": None, "total": WORKING_DAY},
        ],
        "columns": [(_("Code"), ""), (_("Applicant"), ""), (_("Fee"), "money")],
        "rows": [
            [("H15.24133-261122-0001", "#a", "code"), ("Nguyễn Thị Hồng Ánh", "", ""), (money(15000), "", "money")],
            [("H15.24133-261122-0002", "#b", "code"), ("Y Blim Êban", "", ""), (money(8000), "", "money")],
            [("H15.24133-261122-0003", "#c", "code"), ("Lê Quốc Khánh", "", ""), (money(0), "", "money")],
        ],
        "queue": [
            {
                "tone": "late",
                "name": _("Late"),
                "rows": [
                    {
                        "code": "H15.24133-261119-0007",
                        "who": "Y Blim Êban",
                        "left": -WORKING_DAY * 2,
                        "total": WORKING_DAY * 3,
                    }
                ],
            },
            {
                "tone": "soon",
                "name": _("Today"),
                "rows": [
                    {
                        "code": "H15.24133-261122-0001",
                        "who": "Nguyễn Thị Hồng Ánh",
                        "left": timedelta(hours=3),
                        "total": WORKING_DAY,
                        "current": True,
                    },
                    {
                        "code": "H15.24133-261122-0002",
                        "who": "Lê Quốc Khánh",
                        "left": timedelta(hours=5),
                        "total": WORKING_DAY,
                    },
                ],
            },
            {
                "tone": "",
                "name": _("This week"),
                "rows": [
                    {
                        "code": "H15.24133-261122-0011",
                        "who": "Phạm Thu Hà",
                        "left": WORKING_DAY * 3,
                        "total": WORKING_DAY * 3,
                    }
                ],
            },
        ],
        "procedure": _("Marriage status certificate"),
        "step": _("Appraise"),
        "tabs": [
            {"label": _("Mine"), "url": "?tab=1", "current": True, "count": 12},
            {"label": _("Unclaimed"), "url": "?tab=2", "count": 3},
            {"label": _("Done"), "url": "?tab=3"},
        ],
        "facts": [
            (_("How long"), _("3 working days")),
            (_("How much"), money(15000)),
            (_("Where"), _("Online, or at any counter")),
        ],
        "stats": [
            {
                "label": _("Received today"),
                "value": number(1284),
                "trend": _("12 % more than last Friday"),
                "trend_icon": "trending-up",
                "as_of": at,
                "url": "#s",
            },
            {
                "label": _("On time"),
                "value": number(97.4, 1),
                "unit": "%",
                "target": "95 %",
                "tone": "done",
                "as_of": at,
            },
            {"label": _("Due today"), "value": number(38), "tone": "soon", "as_of": at},
            {"label": _("Late"), "value": number(4), "tone": "late", "as_of": at},
        ],
    }


urlpatterns = [path("ui", catalogue, name="catalogue")]
