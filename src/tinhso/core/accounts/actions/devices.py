"""Devices: added by an administrator, enrolled once by the machine itself."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from ...agencies.models import Agency
from ...ledger.actions import Actor, Refused, action, new_id, record
from .. import devices, events
from ..models import AccountKind, ApiClient, DeviceKind
from ..queries import token_hash
from .accounts import create_account

ENROL_WITHIN = timedelta(minutes=30)


@action
def add_device(name: str, *, kind: str, agency: Agency, by: Actor, at: datetime) -> tuple[ApiClient, str]:
    """A device of an agency with the rights of its kind, and the code it enrols with: once, within half an hour."""
    if kind not in DeviceKind.values:
        raise Refused("device_kind", _("Choose a kind of device."), field="kind", status=422)
    username = f"device-{new_id().hex}"
    account = create_account(username, kind=AccountKind.DEVICE, display_name=name, by=by, at=at)
    code = secrets.token_hex(10)
    device = ApiClient(
        account=account,
        name=account.display_name,
        token_hash=token_hash(code),
        scopes=sorted(devices.scopes_of(kind)),
        agency=agency,
        device_kind=kind,
        enrolment_until=at + ENROL_WITHIN,
        valid_from=at,
    )
    device.save(force_insert=True)
    event = events.DeviceAdded(account.pk, kind, device.scopes)
    record(event, subject=device, agency=agency.pk, by=by, at=at)
    return device, code


@action
def enrol_device(code: str, public_key: str, *, at: datetime) -> ApiClient:
    """Take the public key of the device that knows the code; the code is spent. Raises `Refused`."""
    key = devices.public_key(public_key)
    waiting = ApiClient.objects.select_for_update().filter(device_kind__gt="", public_key=None, valid_to=None)
    device = waiting.filter(token_hash=token_hash(code), enrolment_until__gt=at).first()
    if device is None:
        message = _("This code is unknown, used or older than half an hour. Ask for a new one.")
        raise Refused("enrolment_code", message, field="code", status=403)
    device.public_key, device.token_hash = key, secrets.token_bytes(32)
    device.save(update_fields=["public_key", "token_hash"])
    event = events.DeviceEnrolled(device.account_id, hashlib.sha256(key).hexdigest())
    record(event, subject=device, agency=device.agency_id, by=Actor("client", str(device.pk)), at=at)
    return device
