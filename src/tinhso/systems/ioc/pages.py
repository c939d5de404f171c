"""The wall, and the part of it that refreshes itself."""

from django.http import HttpResponse
from django.shortcuts import render

from tinhso.core.agencies.models import Role
from tinhso.core.ui.access import may
from tinhso.core.ui.request import Request

WATCHERS = (Role.LEADER, Role.UNIT_HEAD, Role.AUDITOR)


@may(*WATCHERS)
def wall(request: Request) -> HttpResponse:
    """All figures of the reader's reach; asked for by htmx, only the figures themselves."""
    part = request.headers.get("HX-Request") == "true"
    return render(request, "ioc/figures.html" if part else "ioc/wall.html")
