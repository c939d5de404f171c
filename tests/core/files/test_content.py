"""What may be handed in, judged by content."""

from __future__ import annotations

import io
import struct

import pytest
from tests.core.files import samples

from tinhso.core.files.content import ACCEPTED, PDF, recognise
from tinhso.core.files.names import LONGEST, clean
from tinhso.core.ledger.actions import Refused


def kind_of(data: bytes, name: str = "", accept=ACCEPTED) -> str:
    return recognise(io.BytesIO(data), len(data), name, accept).label


@pytest.mark.parametrize(
    ("data", "name", "label"),
    [
        (samples.pdf(), "Tờ khai.PDF", "PDF"),
        (samples.png(), "ảnh.png", "PNG"),
        (samples.jpeg(), "IMG_0001.JPG", "JPEG"),
        (samples.heic(), "IMG_0001.HEIC", "HEIC"),
        (samples.docx(), "don.docx", "Word"),
        (samples.xlsx(), "bang.xlsx", "Excel"),
        (samples.pdf(), "không có đuôi", "PDF"),
    ],
)
def test_the_usual_papers_are_taken(data: bytes, name: str, label: str) -> None:
    assert kind_of(data, name) == label


@pytest.mark.parametrize(
    "data",
    [
        b"MZ\x90\x00" + bytes(500),
        b"\x7fELF" + bytes(500),
        b"#!/bin/sh\nrm -rf /\n",
        b"<html><script>alert(1)</script></html>",
        b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        b"Xin ch\xc3\xa0o",
        b"<html>%PDF-1.7 %%EOF",
        samples.zipped(**{"readme.txt": b"x"}),
        samples.docx(**{"word__vbaProject.bin": b"macro"}),
        b"GIF89a" + bytes(500),
    ],
    ids=["exe", "elf", "script", "html", "svg", "text", "html with pdf marks", "zip", "docx with macros", "gif"],
)
def test_what_runs_or_is_unknown_is_refused(data: bytes) -> None:
    with pytest.raises(Refused) as refused:
        kind_of(data)
    assert (refused.value.code, refused.value.status, refused.value.field) == ("file_type", 422, "file")


@pytest.mark.parametrize("make", [samples.pdf, samples.png, samples.docx])
def test_a_file_cut_off_on_the_way_is_refused(make) -> None:
    whole = make()
    with pytest.raises(Refused, match=r"damaged|hỏng"):
        kind_of(whole[: len(whole) // 2])


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        kind_of(b"")
    assert refused.value.code == "file_empty"


@pytest.mark.parametrize("name", ["anh.png", "don.docx", "virus.exe", "trang.html"])
def test_a_name_that_says_another_type_is_refused(name: str) -> None:
    with pytest.raises(Refused) as refused:
        kind_of(samples.pdf(), name)
    assert refused.value.code == "file_name_mismatch"


def test_only_the_kinds_asked_for_are_taken() -> None:
    assert kind_of(samples.pdf(), accept=(PDF,)) == "PDF"
    with pytest.raises(Refused):
        kind_of(samples.png(), accept=(PDF,))


def test_a_zip_that_claims_to_unpack_to_terabytes_is_refused_unread() -> None:
    bomb = bytearray(samples.docx(word__media=b"x"))
    entry = bomb.rindex(b"PK\x01\x02")
    struct.pack_into("<I", bomb, entry + 24, 0xFFFFFFF0)  # uncompressed size in the table of contents
    with pytest.raises(Refused):
        kind_of(bytes(bomb))


def test_a_zip_with_a_huge_table_of_contents_is_refused_unread() -> None:
    crowd = samples.docx(**{f"word__part{n}": b"" for n in range(6000)})
    with pytest.raises(Refused):
        kind_of(crowd)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("C:\\Users\\Lan\\Tờ khai.pdf", "Tờ khai.pdf"),
        ("../../etc/passwd", "passwd"),
        ("ảnh\u202egpj.exe", "ảnhgpj.exe"),
        ("a\x00b\r\nc\t.pdf", "abc.pdf"),
        ("To\u031b\u0300 khai.pdf", "Từ khai.pdf".replace("ừ", "ờ")),
        (" . ", "tệp.pdf"),
        ("", "tệp.pdf"),
        ("..", "tệp.pdf"),
    ],
)
def test_names_are_made_safe_to_show(given: str, shown: str) -> None:
    assert clean(given, otherwise="tệp.pdf") == shown


def test_a_long_name_keeps_its_ending() -> None:
    short = clean("ờ" * 400 + ".pdf", otherwise="x")
    assert len(short) == LONGEST
    assert short.endswith("ờ.pdf")
