"""Letters by NĐ 30/2020: what is printed, what the file declares, and that data stays data."""

from __future__ import annotations

import io
import re
import threading
from datetime import UTC, datetime
from typing import Any

import pikepdf
import pytest
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.signing.life import letter_data

from tinhso.core.letters import fonts
from tinhso.core.letters.render import LetterError, render

AT = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
NAMES = "H'Ƀăk Niê Kđăm, Y Čhuan Ơ̆ng, H'Ê̆ban, Nguyễn Thị Hường, Đặng Ỷ Lặc"
MARITAL = "procedures/marital_status"


def text(pdf: bytes) -> str:
    """The words of a letter, by the ToUnicode maps of its fonts; ligatures and kerning do not matter."""
    words = []
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for page in document.pages:
            maps = {name: _unicode(font) for name, font in page.Resources.Font.items()}
            current: dict[int, str] = {}
            for operands, operator in pikepdf.parse_content_stream(page):
                if str(operator) == "Tf":
                    current = maps[str(operands[0])]
                elif str(operator) in ("Tj", "TJ"):
                    parts = operands[0] if isinstance(operands[0], pikepdf.Array) else [operands[0]]
                    for part in parts:
                        if isinstance(part, pikepdf.String):
                            raw = bytes(part)
                            codes = (int.from_bytes(raw[i : i + 2]) for i in range(0, len(raw), 2))
                            words.append("".join(current.get(code, "?") for code in codes))
                elif str(operator) == "ET":
                    words.append(" ")
    return re.sub(r"\s+", " ", "".join(words))


def _unicode(font: Any) -> dict[int, str]:
    found: dict[int, str] = {}
    source = font.ToUnicode.read_bytes().decode()
    for block in re.findall(r"beginbfchar(.*?)endbfchar", source, re.DOTALL):
        for glyph, letter in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            found[int(glyph, 16)] = bytes.fromhex(letter).decode("utf-16-be")
    for block in re.findall(r"beginbfrange(.*?)endbfrange", source, re.DOTALL):
        for first, last, letter in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            for step in range(int(last, 16) - int(first, 16) + 1):
                found[int(first, 16) + step] = chr(int(letter, 16) + step)
    return found


def test_a_letter_declares_pdf_a_2b_and_embeds_every_font() -> None:
    pdf = render(MARITAL, letter_data(), at=AT)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        metadata = document.open_metadata()
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "B")
        assert document.Root.OutputIntents[0].S == "/GTS_PDFA1"
        fonts_found = 0
        for thing in document.objects:
            if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/FontDescriptor":
                fonts_found += 1
                assert "/FontFile2" in thing, thing.FontName
        assert fonts_found >= 4  # regular and bold of the text, regular and italic of the fields
        for annotation in document.pages[0].Annots:
            assert annotation.Subtype == "/Widget"
            assert int(annotation.F) & 4  # printed
            assert "/N" in annotation.AP


def test_the_same_data_and_moment_give_the_same_bytes() -> None:
    assert render(MARITAL, letter_data(), at=AT) == render(MARITAL, letter_data(), at=AT)
    assert render(MARITAL, letter_data(), at=AT) != render(MARITAL, letter_data(), at=AT.replace(hour=2))


def test_the_four_parts_of_the_head_and_the_signature_stand_on_the_letter() -> None:
    words = text(render(MARITAL, letter_data(number="15/UBND-XNTTHN", date="2027-02-05"), at=AT))
    for part in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "ỦY BAN NHÂN DÂN",
        "PHƯỜNG BUÔN MA THUỘT",
        "Số: 15/UBND-XNTTHN",
        "Buôn Ma Thuột, ngày 05 tháng 02 năm 2027",
        "GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN",
        "TM. ỦY BAN NHÂN DÂN",
        "KT. CHỦ TỊCH",
        "PHÓ CHỦ TỊCH",
        "Trần Thị Mỹ Hương",
        "7F3K-92QX",
    ):
        assert part in words


def test_names_of_every_people_of_the_province_are_printed_whole() -> None:
    assert NAMES in text(render(MARITAL, letter_data(status=NAMES), at=AT))


def test_letters_typed_in_parts_are_composed_and_unknown_ones_do_not_stop_a_letter() -> None:
    words = text(
        render(MARITAL, letter_data(status="Nguye\u0302\u0303n \u6c49\u200d\U0001f600 x\u0325y \ufb01"), at=AT)
    )
    assert "Nguyễn ?? xy fi" in words


def test_reserved_places_are_empty_fields_where_the_template_put_them() -> None:
    with pikepdf.open(io.BytesIO(render(MARITAL, letter_data(), at=AT))) as document:
        fields = {str(field.T): field for field in document.Root.AcroForm.Fields}
        width, height = (float(v) for v in list(document.pages[0].MediaBox)[2:])
    assert set(fields) == {"number", "date", "leader", "seal"}
    assert all("/V" not in field for field in fields.values())
    box = {name: [float(v) for v in field.Rect] for name, field in fields.items()}
    assert all(0 < b[0] < b[2] < width and 0 < b[1] < b[3] < height for b in box.values())
    assert box["number"][2] < box["date"][0]  # side by side under the head
    third = (box["leader"][2] - box["leader"][0]) / 3
    assert box["seal"][2] == pytest.approx(box["leader"][0] + third, abs=0.5)  # the seal covers the left third


def test_a_letter_with_number_and_date_reserves_only_signatures() -> None:
    with pikepdf.open(io.BytesIO(render(MARITAL, letter_data(number="1/A", date="2026-11-23"), at=AT))) as document:
        assert {str(field.T) for field in document.Root.AcroForm.Fields} == {"leader", "seal"}


@pytest.mark.parametrize(
    "attack",
    [
        '#read("/config/settings.py")',
        "*đậm* _nghiêng_ $x^2$ `mã` @nhãn <nhãn> = Tiêu đề",
        '\\ #pagebreak() #panic("x")',
        '"; #let x = 1 //',
        "tinhso-field:seal",
    ],
)
def test_what_people_type_is_printed_and_never_run(attack: str) -> None:
    words = text(render(MARITAL, letter_data(purpose=attack), at=AT))
    assert re.sub(r"\s+", "", attack) in re.sub(r"\s+", "", words)


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=80))
def test_any_text_can_be_printed(words: str) -> None:
    assert render(MARITAL, letter_data(purpose=words), at=AT).startswith(b"%PDF-1.7")


def test_a_letter_that_is_not_there_or_lacks_data_is_named() -> None:
    with pytest.raises(LetterError, match="nothing_such"):
        render("procedures/nothing_such", {}, at=AT)
    with pytest.raises(LetterError, match="system/template"):
        render("../config/settings", {}, at=AT)
    data = letter_data()
    del data["person"]
    with pytest.raises(LetterError, match="person"):
        render(MARITAL, data, at=AT)


def test_eight_threads_render_at_once() -> None:
    expected = render(MARITAL, letter_data(), at=AT)
    got: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: got.extend(render(MARITAL, letter_data(), at=AT) for _ in range(3)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [expected] * 24


def test_one_face_has_every_vietnamese_letter() -> None:
    assert len(fonts.vietnamese_letters()) == 2 * (12 * 6 + 17)
    for name in fonts.FACES:
        with TTFont(fonts.face(name)) as font:
            assert fonts.vietnamese_letters() | set("ƀɃčČ") <= {chr(code) for code in font.getBestCmap()}
            assert font["name"].getDebugName(1).startswith("Tinos")


def test_missing_faces_say_how_to_build_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr(fonts, "FOLDER", tmp_path)
    with pytest.raises(fonts.FontsMissing, match=r"tinhso\.core\.letters\.fonts"):
        fonts.face()
