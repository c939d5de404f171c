"""Reminders to renew certificates. They stand here because signing lies below the layer of notices."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tinhso.core.agencies.models import Role, Staff
from tinhso.core.ledger.actions import Actor, one_change
from tinhso.core.notify.actions import Recipient, notify
from tinhso.core.notify.kinds import Param, kind
from tinhso.core.signing import queries
from tinhso.core.signing.actions import remind
from tinhso.core.signing.models import Certificate, Kind

STAGES = (60, 30, 14, 7, 1)  # days before it ends; a new certificate takes some weeks
HOUSE = Actor.system("jobs")

kind(
    "signing.expiring",
    title=_("Your signing certificate ends in %(days)d days"),
    body=_("It ends on %(until)s. Ask its issuer for a new one now, then register it here."),
    link=lambda notice: reverse("ui:certificates"),
)
kind(
    "signing.seal_expiring",
    title=_("The certificate of an agency's seal ends in %(days)d days"),
    body=_("It ends on %(until)s. Ask its issuer for a new one now, then have it installed."),
    link=lambda notice: reverse("ui:certificate_register"),
)


def remind_all(at: datetime) -> int:
    """Remind everyone whose certificate is about to end, once at each stage; returns how many certificates."""
    said = 0
    for certificate in queries.expiring(at, days=max(STAGES)):
        stage = min(stage for stage in STAGES if certificate.days_left(at) <= stage)
        with one_change():
            entry = remind(certificate, stage=stage, by=HOUSE, at=at)
            if entry is None:
                continue
            name = "signing.expiring" if certificate.kind == Kind.PERSONAL else "signing.seal_expiring"
            params: dict[str, Param] = {"days": certificate.days_left(at), "until": certificate.not_after}
            for account in _whom(certificate, at):
                notify(name, to=Recipient(account), subject=certificate, entry=entry, at=at, params=params)
        said += 1
    return said


def _whom(certificate: Certificate, at: datetime) -> Iterable[UUID]:
    """The holder; for a seal the administrators nearest above the agency."""
    if certificate.holder_id is not None:
        return [certificate.holder_id]
    assert certificate.agency is not None
    for agency in reversed(certificate.agency.path):
        posts = Staff.objects.open_at(at).filter(agency=agency, roles__contains=[Role.ADMINISTRATOR])
        if found := list(posts.values_list("account", flat=True)):
            return found
    return []
