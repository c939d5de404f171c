"""The counter for tests: a form begun there, a dossier handed in on paper, pages of a scanner."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image, ImageDraw

from tests.systems.dossiers.builders import MONDAY, answers
from tinhso.core.accounts.models import Account
from tinhso.core.agencies.models import Staff
from tinhso.core.forms.definition import FormDefinition
from tinhso.core.forms.models import Draft
from tinhso.core.ledger.actions import Actor, Refused
from tinhso.simulation.check import settle
from tinhso.systems.counter import consumers as of_counter
from tinhso.systems.dossiers import actions as dossiers
from tinhso.systems.dossiers.intake import application
from tinhso.systems.dossiers.models import Channel, Dossier
from tinhso.systems.procedures.queries import variant_in_force
from tinhso.systems.vault import consumers as of_vault

FORM = "/ban-lam-viec/tiep-nhan/2.000815/default/?ho-so=ab12"
CARD = "066190000001|240123456|Nguyễn Thị Hoa|08031990|Nữ|12 Nơ Trang Lơng, Tân Lợi, Buôn Ma Thuột, Đắk Lắk|15042021"


CONSUMERS = (of_counter, of_vault)  # as the worker finds them


@contextmanager
def refused(code: str) -> Iterator[None]:
    """What is done within is refused, by this code."""
    with pytest.raises(Refused) as refusal:
        yield
    assert refusal.value.code == code


def official(username: str) -> Staff:
    return Staff.objects.select_related("account", "agency").get(account__username=username)


def actor(one: Staff) -> Actor:
    return Actor("account", str(one.account_id), one.agency_id)


def desk(username: str = "motcua") -> Client:
    client = Client()
    client.force_login(Account.objects.get(username=username))
    return client


def a_form(client: Client) -> Draft:
    """The receptionist has opened the form for certified copies."""
    assert client.get(FORM).status_code == 200
    return Draft.objects.get(context="counter/2.000815/default/ab12")


def at_counter(at: datetime = MONDAY, by: str = "motcua", **changed: Any) -> Dossier:
    """Handed in on paper at somebody's counter; its consumers have read that."""
    who = official(by)
    variant = variant_in_force("1.004873")
    assert variant is not None
    clean = FormDefinition.load(variant.form).validate(answers(**changed), on=at.date())
    given = application(variant, clean, channel=Channel.COUNTER, account=None, counter=who.agency, by=actor(who), at=at)
    made = dossiers.submit(given, by=actor(who), at=at)
    settle(timezone.now())
    return made


def accepted(dossier: Dossier, by: str = "motcua") -> Dossier:
    dossiers.accept(dossier, by=actor(official(by)), at=MONDAY + timedelta(hours=1))
    settle(timezone.now())
    return Dossier.objects.get(pk=dossier.pk)


def a_page(words: str, *, kind: str = "JPEG", size: tuple[int, int] = (620, 877), mode: str = "RGB") -> bytes:
    """A sheet with its words large on top, as a scanner gives it."""
    sheet = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(sheet)
    draw.rectangle((8, 8, 80, 40), fill="black")  # top left, so that a turn is seen
    draw.text((100, 60), words, fill="black", font_size=48)
    out = io.BytesIO()
    sheet.convert(mode).save(out, kind)
    return out.getvalue()


def a_tiff(*words: str) -> bytes:
    """Several pages in one file, black and white, compressed as faxes are."""
    first, *others = [Image.open(io.BytesIO(a_page(one))).convert("1") for one in words]
    out = io.BytesIO()
    first.save(out, "TIFF", save_all=True, append_images=others, compression="group4")
    return out.getvalue()


def a_pdf(*words: str) -> bytes:
    first, *others = [Image.open(io.BytesIO(a_page(one))) for one in words]
    out = io.BytesIO()
    first.save(out, "PDF", save_all=True, append_images=others)
    return out.getvalue()


def saved(draft: Draft, **values: Any) -> Draft:
    """Answers kept in a draft, as if typed."""
    draft.answers = values
    draft.save()
    return draft
