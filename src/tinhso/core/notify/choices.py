"""What recipients choose for themselves, and administrators for all."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from ..ledger.actions import Actor, Refused, action, new_id, record
from . import kinds
from .channels import CHANNELS, Outgoing, UndeliverableError
from .channels.http import AWAY, BusyError
from .channels.push import acceptable, decoded
from .events import ChannelTested, KindSet, PreferenceSet, SentAgain
from .jobs import deliver
from .models import Delivery, Device, KindSetting, Preference, State
from .queries import preference

_NAMESPACE = UUID("2a86bb0b-3d0b-4c0b-9a2e-71d5a4f1c9d3")
MOST_DEVICES = 10
POINT, SECRET = 65, 16  # bytes of a browser's public key and of its shared secret, RFC 8291


@action
def choose(
    holder: tuple[str, UUID],
    *,
    off: Iterable[str],
    digest: bool,
    quiet: tuple[time, time] | None,
    by: Actor,
    at: datetime,
) -> Preference:
    """Keep how someone wants to be told. `quiet` None: the province's hours; equal times: never quiet."""
    one = preference(holder)
    one.off = [name for name in CHANNELS if name in set(off)]
    one.digest = digest
    one.quiet_from, one.quiet_to = quiet or (None, None)
    one.save()
    hours = f"{quiet[0]:%H:%M}-{quiet[1]:%H:%M}" if quiet else ""
    record(PreferenceSet(one.off, digest, hours), subject=one, by=by, at=at)
    return one


@action
def turn(channel: str, on: bool, holder: tuple[str, UUID], *, by: Actor, at: datetime) -> Preference:
    """Turn one channel on or off and leave the rest: what the link in a mail does."""
    one = preference(holder)
    quiet = (one.quiet_from, one.quiet_to) if one.quiet_from and one.quiet_to else None
    off = set(one.off) - {channel} | (set() if on else {channel})
    return choose(holder, off=off, digest=one.digest, quiet=quiet, by=by, at=at)


@action
def add_device(
    account: Any, *, endpoint: str, key: str, secret: str, language: str, label: str, at: datetime
) -> Device:
    """Tell this browser too. Raises Refused for a push service we do not call and for keys that are none.

    An address belongs to one browser: signed in as someone else there, it is theirs from now on.
    """
    try:
        whole = len(decoded(key)) == POINT and len(decoded(secret)) == SECRET
    except ValueError:
        whole = False
    if not whole or len(endpoint) > 1000 or not acceptable(endpoint):
        raise Refused("push_service", _("This browser's push service cannot be used here."), status=422)
    values = {"account": account, "key": key, "secret": secret, "language": language, "label": label[:60]}
    device, _new = Device.objects.update_or_create(endpoint=endpoint, defaults={**values, "added_at": at})
    too_many = Device.objects.filter(account=account).order_by("-added_at").values_list("pk", flat=True)[MOST_DEVICES:]
    Device.objects.filter(pk__in=list(too_many)).delete()
    return device


@action
def remove_device(account: Any, device: UUID) -> None:
    """Tell this browser no more; nothing where it is not the account's."""
    Device.objects.filter(account=account, pk=device).delete()


@action
def set_kind(kind: str, *, channels: Iterable[str], zalo_template: str, by: Actor, at: datetime) -> KindSetting:
    """Choose the ways out of one kind of notice. Raises Refused for a required notice without any."""
    declared, wanted = kinds.get(kind), set(channels)
    kept = [name for name in CHANNELS if name in wanted]
    if declared.required and not kept:
        raise Refused(
            "required_notice", _("The law asks for this notice: choose at least one way."), field="channels", status=422
        )
    template = zalo_template.strip()
    if template and not template.isdigit():
        raise Refused("zalo_template", _("Zalo numbers its texts: digits only."), field="zalo_template", status=422)
    one, _new = KindSetting.objects.update_or_create(kind=kind, defaults={"channels": kept, "zalo_template": template})
    record(KindSet(kind, kept, template), subject=("notify.kind", uuid5(_NAMESPACE, kind)), by=by, at=at)
    return one


def try_channel(name: str, *, to: str, template: str, by: Actor, at: datetime) -> str:
    """Send a test message now and record what became of it. Returns `sent`, `not_configured`, or the
    code of the failure. Call it outside any transaction."""
    channel = CHANNELS[name]
    outcome = "not_configured"
    if channel.configured():
        try:
            channel.send(_trial(to, template))
            outcome = "sent"
        except UndeliverableError as refused:
            outcome = refused.code
        except AWAY as away:
            outcome = str(away) if isinstance(away, BusyError) else type(away).__name__
    _tried(name, outcome, by=by, at=at)
    return outcome


def _trial(to: str, template: str) -> Outgoing:
    found = []
    for language, _name in settings.LANGUAGES:
        with override(language):
            title, body = _("Test message"), _("This channel works. Nothing needs to be done.")
            found.append(kinds.Words(title, body, settings.TINHSO.base_url))
    params = {"title": found[0].title, "body": found[0].body}
    return Outgoing(to, tuple(found), f"<{new_id()}@test>", template, params)


@action
def _tried(name: str, outcome: str, *, by: Actor, at: datetime) -> None:
    record(ChannelTested(name, outcome), subject=("notify.channel", uuid5(_NAMESPACE, name)), by=by, at=at)


@action
def send_again(channel: str, *, since: timedelta, by: Actor, at: datetime) -> int:
    """Try what a channel refused within `since` once more, under the same message ids; returns how many."""
    rows = Delivery.objects.filter(channel=channel, state=State.REFUSED, notice__at__gte=at - since)
    ids = list(rows.select_for_update(of=("self",)).values_list("pk", flat=True))
    if ids:
        Delivery.objects.filter(pk__in=ids).update(state=State.WAITING, detail="")
        deliver.defer_many([{"delivery": str(pk)} for pk in ids])
        record(SentAgain(channel, len(ids)), subject=("notify.channel", uuid5(_NAMESPACE, channel)), by=by, at=at)
    return len(ids)
