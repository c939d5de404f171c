"""Vietnamese is complete, and sources speak English."""

from __future__ import annotations

from tinhso.cli.translations import faults, texts

SIGNS = set("·…–—’“”→←≤≥×°")


def test_every_text_has_a_finished_vietnamese_translation():
    found = list(faults())
    assert not found, "\n".join(found)


def test_texts_in_the_sources_are_english():
    found = [
        f"{text.where}: {text.message}"
        for text in texts()
        if any(not letter.isascii() and letter not in SIGNS for letter in text.message)
    ]
    assert not found, "\n".join(found)
