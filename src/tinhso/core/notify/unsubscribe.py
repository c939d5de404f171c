"""Links that turn mail off with one click and without signing in (RFC 8058)."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.core import signing

from .models import Notice

_SALT = "notify.unsubscribe"
PATH = "/thong-bao/ngung/"  # of core.ui's page; mail is written below the pages


def holder_of(notice: Notice) -> tuple[str, UUID]:
    """Whose choice counts for a notice: ("person", id) where the person is known, else ("account", id)."""
    if notice.person_id:
        return "person", notice.person_id
    assert notice.account is not None
    return ("person", notice.account.person_id) if notice.account.person_id else ("account", notice.account.pk)


def address(notice: Notice) -> str:
    """The signed address for the recipient of a notice. It never ends: an old mail must still work."""
    kind, pk = holder_of(notice)
    return f"{settings.TINHSO.base_url}{PATH}{signing.dumps([kind, str(pk)], salt=_SALT)}"


def read(token: str) -> tuple[str, UUID] | None:
    """The holder a token names; None for one that we did not sign."""
    try:
        kind, pk = signing.loads(token, salt=_SALT)
        return str(kind), UUID(pk)
    except (signing.BadSignature, ValueError, TypeError):
        return None
