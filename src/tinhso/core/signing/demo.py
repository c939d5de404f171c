"""The demo's own certification authority: a key for every demo leader and receptionist, a seal for every agency."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.utils import timezone

from ..agencies.models import Agency, Role, Staff
from ..ledger.actions import Actor
from . import queries
from .actions import register_certificate
from .ca import Authority
from .keys import keys_folder, write_private

# Opens demo keys only; a production install makes none.
DEMO_PASSPHRASE = "kyso-trinhdien"  # noqa: S105
NAME = "Tỉnh Số (trình diễn)"
_OLD = timedelta(days=365)  # the demo's people signed before today
_DAYS = 9 * 365  # of a certificate; the authority's ten years end later


def load(progress: Callable[[str], None]) -> None:
    """Make what is missing; a second run changes nothing. Refuses outside demo and test."""
    if not settings.TINHSO.demo:
        raise RuntimeError("the demonstration authority must not exist in production")
    at, by = timezone.now(), Actor.system("demo")
    since = at - _OLD
    authority = _authority()
    signers = [Role.LEADER, Role.RECEPTIONIST]  # receptionists sign what they digitise
    posts = Staff.objects.filter(roles__overlap=signers, valid_to=None).select_related("account", "agency")
    for staff in posts.order_by("account").distinct("account"):
        if queries.personal_certificate(staff.account_id, at=at) is None:
            issued = authority.issue(staff.account.display_name, organisation=staff.agency.name, at=since, days=_DAYS)
            write_private(keys_folder("personal") / f"{staff.account_id}.p12", issued.pkcs12(DEMO_PASSPHRASE))
            register_certificate(issued.chain_pem, holder=staff.account, agency=staff.agency, by=by, at=at)
            progress(f"signing key: {staff.account.display_name}")
    for agency in Agency.objects.filter(staff__valid_to=None, staff__isnull=False).distinct():
        if queries.seal_certificate(agency.pk, at=at) is None:
            issued = authority.issue(agency.name, at=since, days=_DAYS)
            write_private(keys_folder("seals") / f"{agency.pk}.pem", issued.pem())
            register_certificate(issued.chain_pem, agency=agency, by=by, at=at)
            progress(f"seal: {agency.name}")


def _authority() -> Authority:
    path = keys_folder("ca") / "demo.pem"
    if not path.exists():
        authority = Authority.make(NAME, at=timezone.now() - _OLD)
        write_private(path, authority.dump())
    authority = Authority.load(path.read_bytes())
    trusted = keys_folder("trust") / "demo.pem"
    if not trusted.exists():
        write_private(trusted, authority.root.public_bytes(Encoding.PEM))
    return authority
