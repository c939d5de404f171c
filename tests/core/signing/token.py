"""A USB token for tests: SoftHSM2 with an official's key on it, and someone who types PINs."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pkcs11
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pkcs11 import Attribute
from pkcs11.util.rsa import decode_rsa_private_key
from pkcs11.util.x509 import decode_x509_certificate
from tests.house.browser import needs

from tinhso.core.signing.ca import Issued

PLACES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
)
PIN = "246810"


class SoftToken:
    """A token in a folder; `pulled_out` moves the folder away."""

    def __init__(self, folder: Path) -> None:
        program = needs("softhsm2-util", "softhsm2")
        self.driver = next((place for place in PLACES if Path(place).exists()), "")
        if not self.driver:
            pytest.skip("libsofthsm2.so is absent: apt install softhsm2")
        self.folder, self.store = folder, folder / "tokens"
        self.store.mkdir(parents=True)
        self.conf = folder / "softhsm2.conf"
        self.conf.write_text(f"directories.tokendir = {self.store}\nobjectstore.backend = file\nlog.level = ERROR\n")
        os.environ["SOFTHSM2_CONF"] = str(self.conf)
        subprocess.run(
            [program, "--init-token", "--free", "--label", "lanh-dao", "--pin", PIN, "--so-pin", "13579135"],
            check=True, capture_output=True,
        )  # fmt: skip

    def hold(self, issued: Issued, key_id: bytes = b"\x01") -> SoftToken:
        """Put a key, its certificate and the issuer's onto the token, as providers do."""
        driver = pkcs11.lib(self.driver)
        try:
            with driver.get_token(token_label="lanh-dao").open(rw=True, user_pin=PIN) as session:
                # PKCS#1: what the library takes apart
                der = issued.key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
                private = decode_rsa_private_key(der)
                session.create_object({**private, Attribute.ID: key_id, Attribute.TOKEN: True})
                for place, one in enumerate((issued.certificate, *issued.above)):
                    values = decode_x509_certificate(one.public_bytes(Encoding.DER))
                    own = {Attribute.ID: key_id if place == 0 else bytes([100 + place]), Attribute.TOKEN: True}
                    session.create_object({**values, **own})
        finally:
            driver.finalize()
        return self

    def pulled_out(self) -> None:
        shutil.move(self.store, self.folder / "in-a-drawer")
        self.store.mkdir()

    def put_back(self) -> None:
        shutil.rmtree(self.store)
        shutil.move(self.folder / "in-a-drawer", self.store)


def pinentry(folder: Path, *pins: str) -> Path:
    """A pinentry program that types these PINs one after another, then closes the window; it keeps what it was told."""
    todo, heard = folder / "pins", folder / "heard"
    todo.write_text("\n".join(pins))
    program = folder / "pinentry"
    program.write_text(
        f"#!{sys.executable}\n"
        "import sys\n"
        f"todo, heard = {str(todo)!r}, {str(heard)!r}\n"
        "print('OK ready', flush=True)\n"
        "for line in sys.stdin:\n"
        "    open(heard, 'a').write(line)\n"
        "    if line.strip() == 'GETPIN':\n"
        "        pins = open(todo).read().split('\\n')\n"
        "        open(todo, 'w').write('\\n'.join(pins[1:]))\n"
        "        print(f'D {pins[0]}' if pins[0] else 'ERR 83886179 cancelled', flush=True)\n"
        "    print('OK', flush=True)\n"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program
