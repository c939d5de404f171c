"""What officials are told about their own accounts."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tinhso.core.notify.kinds import kind

kind(
    "account.idle_warned",
    title=_("Your account is about to be disabled"),
    body=_("Nobody has signed in with it for weeks. Sign in before %(until)s to keep it; an unused account is closed."),
    link=lambda notice: reverse("ui:profile"),
)
