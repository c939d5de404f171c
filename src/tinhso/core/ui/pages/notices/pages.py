"""A person's own notifications, for citizens and officials alike."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from tinhso.core.notify import actions, kinds, queries
from tinhso.core.notify.models import Notice

from ...access import may
from ...navigation import nav
from ...request import Request

PAGE = 30


@may("account")
@require_GET
def listing(request: Request) -> HttpResponse:
    """Newest first; the address of the next page is the last notice shown, so nothing is skipped or shown twice."""
    found = queries.of_account(request.user)
    if (last := _after(request.GET.get("after", ""))) is not None:
        at, pk = last
        found = found.filter(Q(at__lt=at) | Q(at=at, pk__lt=pk))
    rows = list(found[: PAGE + 1])
    context: dict[str, Any] = {
        "shell": "ui/desk.html" if request.staff else "ui/citizen.html",
        "rows": [(notice, kinds.words(notice)) for notice in rows[:PAGE]],
        "unread": any(notice.read_at is None for notice in rows[:PAGE]),
        "first_url": request.path if last else "",
        "next_url": f"?after={_key(rows[PAGE - 1])}" if len(rows) > PAGE else "",
    }
    return render(request, "notices/notices.html", context)


@may("account")
@require_GET
def one(request: Request, notice_id: UUID) -> HttpResponse:
    """Follow a notice to what it is about. Opening one's own notice is reading it, so a link will do."""
    notice = get_object_or_404(queries.of_account(request.user), pk=notice_id)
    actions.mark_read(request.user, at=timezone.now(), notice=notice.pk)
    return redirect(kinds.words(notice).url)


@may("account")
@require_POST
def read_all(request: Request) -> HttpResponse:
    actions.mark_read(request.user, at=timezone.now())
    return redirect("ui:notices")


def _key(notice: Notice) -> str:
    return f"{notice.at.timestamp():.6f}_{notice.pk}"


def _after(key: str) -> tuple[datetime, UUID] | None:
    at, _, pk = key.partition("_")
    try:
        return datetime.fromtimestamp(float(at), tz=timezone.get_current_timezone()), UUID(pk)
    except (ValueError, OverflowError, OSError):
        return None


def unread(request: HttpRequest) -> int:
    """The number behind the bell."""
    return queries.unread_count(request.user)


nav("account", gettext_lazy("Notifications"), "ui:notices", icon="bell", order=5, badge=unread)
