"""Addresses of the simulator: those of OpenID Connect, and the page to pick a citizen."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import login
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import include, path
from django.utils.http import url_has_allowed_host_and_scheme

from .citizens import CITIZENS


def choose(request: HttpRequest) -> HttpResponse:
    """Instead of proving who one is: pick one of the constructed citizens."""
    after = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(after, None):
        after = ""
    if request.method == "POST" and after:
        chosen = next((c for c in CITIZENS if c.number == request.POST.get("citizen")), None)
        if chosen is not None:
            user: Any
            user, _created = User.objects.update_or_create(username=chosen.number, defaults={"first_name": chosen.name})
            login(request, user, backend="django.contrib.auth.backends.ModelBackend")
            return redirect(after)
    return render(request, "vneid/choose.html", {"citizens": CITIZENS, "after": after})


urlpatterns = [
    path("", include("allauth.idp.urls")),
    path("chon", choose),
    path("", choose),
]
