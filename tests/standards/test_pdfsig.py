"""An independent reader agrees: `pdfsig` (poppler) finds our signatures valid and the chain trusted."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.core.signing.life import Life, a_life

PACKAGES = {"pdfsig": "poppler-utils", "pdffonts": "poppler-utils", "certutil": "libnss3-tools"}


@pytest.fixture(scope="module")
def life() -> Life:
    for tool, package in PACKAGES.items():
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed (package {package})")
    return a_life()


@pytest.fixture(scope="module")
def nss(life: Life, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An NSS database that trusts the root of our certificates."""
    folder = tmp_path_factory.mktemp("nss")
    (folder / "root.pem").write_bytes(life.root)
    for arguments in (["-N", "--empty-password"], ["-A", "-n", "root", "-t", "C,C,C", "-i", str(folder / "root.pem")]):
        subprocess.run(["certutil", "-d", str(folder), *arguments], check=True, capture_output=True)
    return folder


def pdfsig(pdf: bytes, nss: Path) -> str:
    file = nss / "letter.pdf"
    file.write_bytes(pdf)
    return subprocess.run(
        ["pdfsig", "-nssdir", str(nss), str(file)], check=False, capture_output=True, text=True
    ).stdout


def test_both_signatures_are_valid_and_trusted(life: Life, nss: Path) -> None:
    said = pdfsig(life.sealed, nss)
    assert said.count("Signature Validation: Signature is Valid.") == 2
    assert said.count("Certificate Validation: Certificate is Trusted.") == 2
    assert said.count("Signature Type: ETSI.CAdES.detached") == 2
    assert said.count("Signing Hash Algorithm: SHA-256") == 2
    assert re.search(r"Field Name: seal.*?Total document signed", said, re.DOTALL)


def test_every_version_on_the_way_is_valid(life: Life, nss: Path) -> None:
    for version in (life.signed, life.numbered):
        assert pdfsig(version, nss).count("Signature is Valid.") == 1


def test_a_changed_byte_is_not_valid_there_either(life: Life, nss: Path) -> None:
    place = life.sealed.index(b"stream\n", life.sealed.index(b"/FlateDecode")) + 40
    changed = bytearray(life.sealed)
    changed[place] ^= 1
    assert "Signature is Valid." not in pdfsig(bytes(changed), nss).split("Signature #2")[0]


def test_every_font_of_a_sealed_letter_is_embedded(life: Life, nss: Path) -> None:
    file = nss / "fonts.pdf"
    file.write_bytes(life.sealed)
    lines = subprocess.run(["pdffonts", str(file)], check=True, capture_output=True, text=True).stdout.splitlines()[2:]
    assert lines
    assert all(re.search(r"\s(yes)\s+(yes|no)\s+(yes)\s", line) for line in lines), lines
