"""What the agent is willing to sign: the signed attributes of a document, and nothing else.

A page can only hand over bytes. Were any bytes signed, a stolen page could have the token sign a
log-in or a certificate request; so the bytes must say that they are a document's signature, made
with the very certificate that was chosen (CAdES `signing-certificate-v2`, RFC 5035).
"""

from __future__ import annotations

import hashlib

from asn1crypto import cms, tsp


def belong_to(attributes: bytes, certificate: bytes) -> bool:
    """Whether `attributes` (DER) are signed attributes over a SHA-256 document digest for this certificate (DER)."""
    try:
        parsed = cms.CMSAttributes.load(attributes, strict=True)
        found = {attribute["type"].native: attribute["values"] for attribute in parsed}
        signer: tsp.SigningCertificateV2 = found["signing_certificate_v2"][0]  # known to asn1crypto by its tsp alone
        named = signer["certs"][0]
        return (
            parsed.dump(force=True) == attributes
            and found["content_type"][0].native == "data"
            and len(found["message_digest"][0].native) == hashlib.sha256().digest_size
            and named["hash_algorithm"]["algorithm"].native == "sha256"
            and named["cert_hash"].native == hashlib.sha256(certificate).digest()
        )
    except (ValueError, KeyError, IndexError, TypeError):
        return False
