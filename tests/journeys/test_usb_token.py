"""A leader with a USB token registers it and signs what waits with one PIN: a real browser, the real agent."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from tests.core.signing.token import PIN, SoftToken, pinentry
from tests.house.browser import needs
from tests.house.databases import Database
from tests.house.places import ROOT
from tests.house.site import Site, free_ports
from tests.systems.dossiers.builders import a_dossier
from tinhso.core.files.queries import read_bytes
from tinhso.core.signing.ca import Authority
from tinhso.core.signing.keys import keys_folder
from tinhso.core.signing.models import Certificate, Source
from tinhso.core.signing.report import Verdict
from tinhso.core.signing.validation import validate
from tinhso.systems.dossiers.models import Result

from .people import Someone


@pytest.fixture
def token(province: Database, tmp_path: Path) -> SoftToken:
    authority = Authority.load((keys_folder("ca") / "demo.pem").read_bytes())
    issued = authority.issue("Trần Đức Long", organisation="UBND", at=timezone.now() - timedelta(days=1))
    return SoftToken(tmp_path / "token").hold(issued)


@pytest.fixture
def town_hall(province: Database, token: SoftToken, tmp_path: Path) -> Iterator[tuple[Site, str]]:
    """The site, and the agent on the chairman's PC with its pairing code; two results wait for him."""
    for _n in range(2):
        a_dossier(timezone.now() - timedelta(days=3)).submitted().accepted().assigned().proposed()
    port = free_ports()
    site = Site(province, tmp_path / "data", AGENT_URL=f"http://127.0.0.1:{port}")
    program = pinentry(tmp_path, PIN, "111111", "222222", "333333", PIN)
    agent = subprocess.Popen(
        [
            *(sys.executable, "-m", "tinhso.cli", "agent", "--origin", site.url, "--driver", token.driver),
            *("--port", str(port), "--ask", str(program), "--language", "en"),
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "SOFTHSM2_CONF": str(token.conf)},
        stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    site.start("web")
    try:
        site.ready()
        assert agent.stdout is not None
        agent.stdout.readline()
        yield site, agent.stdout.readline().rpartition(":")[2].strip()
    finally:
        site.stop()
        agent.terminate()
        agent.wait()
        agent.stdout.close() if agent.stdout else None


def test_a_usb_token_is_registered_and_signs(
    town_hall: tuple[Site, str], token: SoftToken, browser: Any, tmp_path: Path
) -> None:
    site, code = town_hall
    leader = Someone(browser, site, "chutich")
    page = leader.go("/toi/chu-ky-so/").page
    leader.button("Tìm chứng thư số").click()
    page.get_by_label("Mã ghép nối").fill(code)
    leader.look()
    leader.button("Ghép nối").click()
    page.get_by_role("button", name="Thêm: Trần Đức Long").click()
    page.get_by_text("Anh/chị ký được ngay").wait_for()

    leader.go("/ban-lam-viec/ky/")
    leader.look()
    leader.button("Ký bằng USB token").click()
    page.get_by_text("Sai PIN ba lần").wait_for()
    token.pulled_out()
    leader.button("Ký bằng USB token").click()
    page.get_by_text("Chưa cắm token").wait_for()
    token.put_back()
    mine, now = Certificate.objects.filter(source=Source.TOKEN), timezone.now()
    valid = mine.get().not_after
    for change, words in (({"not_after": now}, "hết hạn ngày"), ({"revoked_at": now}, "đã thu hồi")):
        mine.update(**change)
        leader.button("Ký bằng USB token").click()
        page.get_by_text(words).wait_for()
        mine.update(not_after=valid, revoked_at=None)
    assert not Result.objects.exclude(signed=None).exists(), "nothing half done"
    leader.button("Ký bằng USB token").click()
    page.get_by_text("Không có văn bản nào chờ ký").wait_for()
    # The agent before it was paired, and the server of a certificate that is no longer in force.
    leader.noticed = [line for line in leader.noticed if "401" not in line and "409" not in line]
    leader.leave()

    needs("pdfsig", "poppler-utils")
    rows = list(Result.objects.exclude(signed=None))
    assert len(rows) == 2
    for row in rows:
        assert row.signed is not None
        pdf = read_bytes(row.signed)
        with ThreadPoolExecutor(1) as apart:  # the browser keeps an event loop in this one
            report = apart.submit(validate, pdf, at=timezone.now()).result()
            apart.submit(connections.close_all).result()
        assert report.verdict is Verdict.UNSEALED
        assert report.signatures[0].holder == "Trần Đức Long"
        file = tmp_path / f"{row.code}.pdf"
        file.write_bytes(pdf)
        said = subprocess.run(["pdfsig", "-nocert", str(file)], capture_output=True, text=True, check=False).stdout
        assert said.count("Signature is Valid") == 1, said
