"""Issue 4, must show 4: the web server is killed while a leader signs fifty results with one passphrase. Given
again, it goes on from the first unsigned; none is signed twice."""

from __future__ import annotations

import http.client
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from tests.house.databases import Database
from tests.house.site import Site
from tests.systems.dossiers.builders import a_dossier, staff
from tinhso.core.agencies.models import Role
from tinhso.core.files.models import FileLink
from tinhso.core.files.queries import read_bytes
from tinhso.core.ledger.models import Entry
from tinhso.core.process.models import Task
from tinhso.core.signing import documents
from tinhso.core.signing.demo import DEMO_PASSPHRASE
from tinhso.core.signing.report import Verdict
from tinhso.core.signing.validation import validate
from tinhso.systems.dossiers.models import Result

from .clients import Sender, form, session

pytestmark = pytest.mark.soak

DOSSIERS = 50
KILLED_AFTER = (12, 30)  # lines of the page


@pytest.fixture
def served(province: Database, tmp_path: Path) -> Iterator[Site]:
    site = Site(province, tmp_path / "data")
    site.start("web")
    try:
        site.ready(180)
        yield site
    finally:
        site.stop()


def pressed(site: Site, headers: dict[str, str], keys: list[str], lines: int) -> int:
    """Press the button and kill the web server when the page has grown by so many lines; how many it had told."""
    body = form(way="file", passphrase=DEMO_PASSPHRASE) + "".join(f"&document={key}" for key in keys).encode()
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=120)
    connection.request("POST", "/ban-lam-viec/ky/", body, headers)
    response, told = connection.getresponse(), 0
    try:
        while line := response.readline():
            told += line.count(b"<li value=")
            if told >= lines:
                site.kill("web")
                lines = DOSSIERS + 1
    except (OSError, http.client.HTTPException):
        pass  # the page broke off, as it should
    finally:
        connection.close()
    return told


def test_fifty_signed_with_two_kills_are_each_signed_once(served: Site) -> None:
    leader, before = staff(Role.LEADER), timezone.now() - timedelta(days=3)
    for _n in range(DOSSIERS):
        a_dossier(before).submitted().accepted().assigned().proposed()
    headers, started = session(leader.account), time.monotonic()
    order = [document.id for document in documents.waiting(leader)]
    for lines in KILLED_AFTER:
        keys = [document.key for document in documents.waiting(leader)]
        told = pressed(served, headers, keys, lines)
        assert "web" not in served.running, "it was killed in the middle"
        served.start("web")
        served.ready(180)
        left = [document.id for document in documents.waiting(leader)]
        signed = len(keys) - len(left)
        assert told <= signed < len(keys), "what a line told is kept"
        assert left == order[-len(left) :], "the first unsigned is next"
    with Sender(served.port, 1, headers) as sender:
        keys = [document.key for document in documents.waiting(leader)]
        body = form(way="file", passphrase=DEMO_PASSPHRASE) + "".join(f"&document={key}" for key in keys).encode()
        answer = sender.send("POST", "/ban-lam-viec/ky/", body)
    assert f"Đã ký: {len(keys)}. Chưa ký: 0.".encode() in answer.body
    print(f"{DOSSIERS} signed with {len(KILLED_AFTER)} kills in {time.monotonic() - started:.0f} s")

    assert documents.waiting(leader) == []
    once = Counter(Entry.objects.filter(event="dossiers.result_signed").values_list("subject_id", flat=True))
    assert (len(once), set(once.values())) == (DOSSIERS, {1})
    assert Entry.objects.filter(event="signature.made").count() == DOSSIERS
    owned = FileLink.objects.filter(name__endswith="da-ky.pdf").exclude(owner_id=None)
    assert owned.count() == DOSSIERS
    assert Task.objects.filter(kind="issue", closed_at=None).count() == DOSSIERS
    for result in Result.objects.select_related("signed__file"):
        assert result.signed is not None
        report = validate(read_bytes(result.signed), at=timezone.now())
        assert (report.verdict, len(report.signatures)) == (Verdict.UNSEALED, 1)
