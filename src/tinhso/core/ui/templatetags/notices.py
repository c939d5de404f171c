"""`{% load notices %}{% bell %}`: the way to one's notifications, with how many wait to be read."""

from __future__ import annotations

from typing import Any

from django import template

from tinhso.core.notify.queries import MANY, unread_count

register = template.Library()


@register.inclusion_tag("notices/bell.html", takes_context=True)
def bell(context: template.Context, word: bool = False) -> dict[str, Any]:
    """Nothing for visitors, and on error pages, which know no user and may have no database."""
    user = context.get("user")
    if user is None or not user.is_authenticated:
        return {}
    count = unread_count(user)
    return {"known": True, "word": word, "count": count, "shown": f"{MANY}+" if count > MANY else str(count)}
