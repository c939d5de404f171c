"""Whom this install trusts: the root certificates in `DATA_DIR/keys/trust`, PEM or DER."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from asn1crypto import pem, x509

from .keys import keys_folder


def trust_roots() -> tuple[x509.Certificate, ...]:
    """The trusted roots, read again when a file of the folder changes."""
    folder = keys_folder("trust")
    files = sorted(path for path in folder.iterdir() if path.suffix in (".pem", ".crt", ".cer"))
    return _read(tuple((path, path.stat().st_mtime_ns) for path in files))


@lru_cache(maxsize=4)
def _read(files: tuple[tuple[Path, int], ...]) -> tuple[x509.Certificate, ...]:
    roots = []
    for path, _changed in files:
        data = path.read_bytes()
        blocks = [der for _kind, _headers, der in pem.unarmor(data, multiple=True)] if pem.detect(data) else [data]
        roots += [x509.Certificate.load(der) for der in blocks]
    return tuple(roots)
