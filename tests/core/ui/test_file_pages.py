"""Downloads and uploads over HTTP."""

from __future__ import annotations

import io
from contextlib import closing
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from tests.core.files import samples
from tests.core.ui.papers import DATA, a_paper, actor, signed_in
from tests.core.ui.people import a_citizen, an_official

from tinhso.core.files import actions
from tinhso.core.ledger.actions import Actor
from tinhso.core.ledger.models import AccessEntry
from tinhso.core.ui.pages.files.download import disposition
from tinhso.core.ui.pages.files.ranges import Part, UnsatisfiableError, wanted


def body(response) -> bytes:
    with closing(response):
        return b"".join(response.streaming_content)


@pytest.mark.usefixtures("db")
class TestDownload:
    def test_the_owner_gets_all_of_it_and_the_reading_is_logged(self) -> None:
        lan = a_citizen()
        link = a_paper(lan)
        response = signed_in(lan).get(f"/tep/{link.pk}", headers={"Accept-Encoding": "gzip"})
        assert response.status_code == 200
        assert body(response) == DATA
        assert response["Content-Length"] == str(len(DATA))
        assert "Content-Encoding" not in response
        entry = AccessEntry.objects.get()
        assert (entry.event, entry.subject_id, entry.actor) == ("files.read", link.owner_id, f"account:{lan.pk}")
        assert entry.data == {"file": str(link.pk)}

    def test_everybody_else_gets_the_404_of_a_file_that_never_was(self) -> None:
        lan, tuan = a_citizen("Lan"), a_citizen("Tuấn")
        link, unclaimed = a_paper(lan), a_paper(lan, kind="tests.nobody-registered")
        leader = an_official("leader").account
        for client in (signed_in(tuan), Client(), signed_in(leader)):
            assert client.get(f"/tep/{link.pk}").status_code == 404
        assert signed_in(lan).get(f"/tep/{unclaimed.pk}").status_code == 404
        assert signed_in(lan).get(f"/tep/{uuid4()}").status_code == 404
        assert not AccessEntry.objects.exists()

    def test_a_loose_upload_is_its_uploaders_alone(self) -> None:
        lan, tuan = a_citizen("Lan"), a_citizen("Tuấn")
        link = actions.store_bytes(DATA, name="a.pdf", by=actor(lan), at=timezone.now())
        public = actions.store_bytes(DATA, name="a.pdf", by=Actor.system("public"), at=timezone.now())
        assert body(signed_in(lan).get(f"/tep/{link.pk}")) == DATA
        assert signed_in(tuan).get(f"/tep/{link.pk}").status_code == 404
        assert Client().get(f"/tep/{public.pk}").status_code == 404

    def test_nothing_in_a_file_can_run(self) -> None:
        lan = a_citizen()
        client = signed_in(lan)
        shown = client.get(f"/tep/{a_paper(lan, samples.png(), 'ảnh.png').pk}")
        saved = client.get(f"/tep/{a_paper(lan, samples.docx(), 'đơn.docx').pk}")
        for response in (shown, saved):
            assert response["X-Content-Type-Options"] == "nosniff"
            assert "sandbox" in response["Content-Security-Policy"]
            assert "default-src 'none'" in response["Content-Security-Policy"]
            assert response["Cache-Control"] == "private, no-store"
            response.close()
        assert shown["Content-Disposition"].startswith("inline;")
        assert saved["Content-Disposition"].startswith("attachment;")
        assert saved["Content-Disposition"].endswith("filename*=UTF-8''%C4%91%C6%A1n.docx")

    @pytest.mark.parametrize(
        ("header", "start", "stop"),
        [("bytes=0-0", 0, 1), ("bytes=100-199", 100, 200), ("bytes=199990-", 199_990, None), ("bytes=-5", -5, None)],
    )
    def test_a_part_is_given_as_asked(self, header: str, start: int, stop: int | None) -> None:
        lan = a_citizen()
        link = a_paper(lan)
        response = signed_in(lan).get(f"/tep/{link.pk}", headers={"Range": header})
        assert response.status_code == 206
        part = body(response)
        assert part == DATA[start:stop]
        first = start % len(DATA)
        assert response["Content-Range"] == f"bytes {first}-{first + len(part) - 1}/{len(DATA)}"
        assert response["Content-Length"] == str(len(part))

    def test_a_download_that_broke_is_taken_up_where_it_broke(self) -> None:
        lan = a_citizen()
        client, link = signed_in(lan), a_paper(lan)
        whole = client.get(f"/tep/{link.pk}")
        first = next(iter(whole.streaming_content))
        whole.close()
        asked = {"Range": f"bytes={len(first)}-", "If-Range": whole["ETag"]}
        assert first + body(client.get(f"/tep/{link.pk}", headers=asked)) == DATA
        changed = client.get(f"/tep/{link.pk}", headers={**asked, "If-Range": '"another"'})
        assert changed.status_code == 200
        assert body(changed) == DATA

    def test_a_part_outside_the_file_is_refused_with_its_size(self) -> None:
        lan = a_citizen()
        response = signed_in(lan).get(f"/tep/{a_paper(lan).pk}", headers={"Range": f"bytes={len(DATA)}-"})
        assert (response.status_code, response["Content-Range"]) == (416, f"bytes */{len(DATA)}")

    def test_what_the_reader_has_is_not_sent_again(self) -> None:
        lan = a_citizen()
        client, link = signed_in(lan), a_paper(lan)
        with closing(client.head(f"/tep/{link.pk}")) as head:
            tag = head["ETag"]
        assert client.get(f"/tep/{link.pk}", headers={"If-None-Match": tag}).status_code == 304
        assert client.post(f"/tep/{link.pk}").status_code == 405


@given(header=st.text(max_size=40) | st.from_regex(r"bytes=\d{0,6}-\d{0,6}"), size=st.integers(0, 10_000))
def test_any_range_header_gives_bytes_of_the_file_or_a_plain_no(header: str, size: int) -> None:
    try:
        part = wanted(header, size)
    except UnsatisfiableError:
        return
    assert part is None or 0 <= part.first <= part.last < size
    assert wanted("bytes=0-1, 5-6", 100) is None
    assert wanted("bytes=1-1", 100) == Part(1, 1)


@given(st.text(max_size=60))
def test_any_name_makes_one_safe_header(name: str) -> None:
    header = disposition(name, inline=False)
    assert header.isascii()
    assert "\n" not in header
    assert header.count('"') == 2


@pytest.mark.usefixtures("db")
def test_two_gigabytes_are_refused_in_plain_words_before_any_is_read() -> None:
    class Unread(io.BytesIO):
        def read(self, *args: object) -> bytes:
            raise AssertionError("nothing may be read")

    response = Client().generic(
        "POST",
        "/giao-dien",
        b"",
        "multipart/form-data; boundary=x",
        **{"wsgi.input": Unread(), "CONTENT_LENGTH": str(2 << 30)},
    )
    assert response.status_code == 413
    assert "lớn" in response.content.decode()
    assert response["Connection"] == "close"
