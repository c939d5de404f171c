"""The desk of documents on a phone and on a wide screen, with axe."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.core.files import samples
from tests.core.ui.axe import violations
from tests.house.databases import Database
from tests.house.site import serving
from tinhso.core.accounts.models import Account
from tinhso.core.agencies.demo import home
from tinhso.core.files import actions as files
from tinhso.systems.documents import actions

from .test_walk import MONDAY, actor, post, written

pytestmark = pytest.mark.browser
HERE = "/ban-lam-viec/van-ban/"


def test_documents_are_readable_on_a_phone_and_on_a_desk(province: Database, tmp_path: Path, browser: Any) -> None:
    _province, _commune, sibling = home()
    drafter, clerk = post("tuphap"), post("vanthu2")
    sent = written(drafter, [sibling])
    actions.submit(sent, signer=post("chutich"), staff=drafter, by=actor(drafter), at=MONDAY)
    written(drafter, [])
    file = files.store_bytes(samples.pdf("văn bản đến"), name="den.pdf", by=actor(clerk), at=MONDAY)
    held = actions.receive(
        file=file, type_="KH", abstract="chuyển đổi số năm 2027", notation="12/KH-STP", issued_on=MONDAY.date(),
        sender_name="Sở Tư pháp", signer_name="Lê Văn An", urgency=3, staff=clerk, by=actor(clerk), at=MONDAY,
    )  # fmt: skip
    actions.register(held, by=actor(clerk), at=MONDAY)
    pages = {
        "tuphap": (HERE, f"{HERE}di/", f"{HERE}{sent.pk}/", f"{HERE}soan/"),
        "chutich2": (HERE, f"{HERE}den/", f"{HERE}{held.pk}/"),
        "vanthu": (f"{HERE}nhan/",),
    }
    with serving(province, tmp_path / "data") as site:
        for username, paths in pages.items():
            for width in (360, 1440):
                context = browser.new_context(locale="vi-VN", viewport={"width": width, "height": 900})
                client = Client()
                client.force_login(Account.objects.get(username=username))
                cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site.url}
                context.add_cookies([cookie])
                page = context.new_page()
                for path in paths:
                    page.goto(site.url + path)
                    assert violations(page) == [], (username, path, width)
                    wide = page.evaluate("document.documentElement.scrollWidth")
                    assert wide <= width, (username, path, width, wide)
                context.close()
