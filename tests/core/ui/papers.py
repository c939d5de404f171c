"""Papers that belong to an account, for tests of files on pages."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.http import HttpRequest
from django.test import Client
from django.utils import timezone
from tests.core.files import samples

from tinhso.core.accounts.models import Account
from tinhso.core.files import access, actions
from tinhso.core.files.models import FileLink
from tinhso.core.ledger.actions import Actor

DATA = samples.noise(200_000)
OWNERS: dict[UUID, Account] = {}


def may_read(request: HttpRequest, owner_id: UUID) -> bool:
    return request.user == OWNERS[owner_id]


access.readers_of("tests.paper")(may_read)


def actor(account: Account) -> Actor:
    return Actor("account", str(account.pk))


def signed_in(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def a_paper(owner: Account, data: bytes = DATA, name: str = "Tờ khai.pdf", kind: str = "tests.paper") -> FileLink:
    link = actions.store_bytes(data, name=name, by=actor(owner), at=timezone.now())
    paper = uuid4()
    OWNERS[paper] = owner
    return actions.attach(link, (kind, paper), by=actor(owner), at=timezone.now())
