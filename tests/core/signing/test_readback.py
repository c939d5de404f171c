"""What is read back of a document just signed: the right one passes; whatever came wrong from elsewhere does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

import pytest
from asn1crypto import cms, core
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from cryptography.hazmat.primitives.serialization import Encoding

from tinhso.core.ledger.actions import Refused
from tinhso.core.letters.fields import CONVERTER, LEADER, SEAL
from tinhso.core.signing import ca, pades, readback, revocation
from tinhso.core.signing.ca import Authority
from tinhso.core.signing.keys import Identity
from tinhso.core.signing.pades import Prepared
from tinhso.core.signing.report import Code, Verdict
from tinhso.core.signing.stamps import StampAuthority
from tinhso.core.signing.validation import validate

from .authority import Running, running
from .life import AT, Life

Change = Callable[[Any, Life], None]


@pytest.fixture(scope="session")
def prepared(life: Life) -> Prepared:
    return pades.prepare(life.draft, field=LEADER, identity=life.leader.signer.identity, at=AT)


@pytest.fixture(scope="session")
def right(prepared: Prepared, life: Life) -> bytes:
    """The document as it should be."""
    return pades.embed(prepared, life.leader.signer.sign(prepared.attributes))


def rewritten(pdf: bytes, prepared: Prepared, change: Callable[[Any], None]) -> bytes:
    """`pdf` with another CMS in its room."""
    content = cms.ContentInfo.load(bytes.fromhex(pdf[prepared.start + 1 : prepared.end - 1].decode()))
    change(content)
    room = prepared.end - prepared.start - 2
    other = content.dump(force=True).hex().encode().ljust(room, b"0")
    assert len(other) == room
    return bytes(pdf[: prepared.start + 1] + other + pdf[prepared.end - 1 :])


def test_the_right_one_passes_and_a_stranger_says_so_too(right: bytes, prepared: Prepared, trusting: Any) -> None:
    assert readback.fault(right, prepared, at=AT) is None
    assert validate(right, at=AT).verdict is Verdict.UNSEALED


def test_what_is_too_large_to_be_verified_is_not_kept(
    right: bytes, prepared: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readback, "MAX_BYTES", len(right) - 1)
    assert readback.fault(right, prepared, at=AT) is Code.TOO_LARGE


def at(pdf: bytes, place: int) -> bytes:
    return pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]


BYTES: dict[str, tuple[Callable[[bytes, Prepared], bytes], Code]] = {
    "a page was altered": (lambda pdf, p: at(pdf, 3000), Code.ALTERED_BYTES),
    "the last byte before the signature": (lambda pdf, p: at(pdf, p.start - 1), Code.ALTERED_BYTES),
    "the claimed time": (lambda pdf, p: pdf.replace(b"/M (D\\07220261123", b"/M (D\\07220261122"), Code.ALTERED_BYTES),
    "the end": (lambda pdf, p: at(pdf, len(pdf) - 8), Code.ALTERED_BYTES),
    "appended to": (lambda pdf, p: pdf + b"%", Code.NOT_COVERED),
    "cut off": (lambda pdf, p: pdf[:-5], Code.NOT_COVERED),
    "a range that leaves a gap": (
        lambda pdf, p: pdf.replace(f"[0 {p.start} ".encode(), f"[0 {p.start - 1} ".encode()),
        Code.NOT_COVERED,
    ),
    "a range from elsewhere": (lambda pdf, p: pdf.replace(b"/ByteRange [0 ", b"/ByteRange [9 "), Code.NOT_COVERED),
    "two ranges": (lambda pdf, p: pdf + b"/ByteRange [0 1 2 3]", Code.UNREADABLE),
    "no range": (lambda pdf, p: pdf.replace(b"/ByteRange", b"/ByteRangf"), Code.UNREADABLE),
    "an empty room": (
        lambda pdf, p: pdf[: p.start + 1] + b"0" * (p.end - p.start - 2) + pdf[p.end - 1 :],
        Code.UNREADABLE,
    ),
    "no hexadecimal digits": (lambda pdf, p: pdf[: p.start + 1] + b"xy" + pdf[p.start + 3 :], Code.UNREADABLE),
    "half a signature": (
        lambda pdf, p: pdf[: p.start + 201] + b"0" * (p.end - p.start - 202) + pdf[p.end - 1 :],
        Code.UNREADABLE,
    ),
}


@pytest.mark.parametrize("what", BYTES)
def test_other_bytes_are_found(what: str, right: bytes, prepared: Prepared) -> None:
    change, code = BYTES[what]
    damaged = change(right, prepared)
    assert damaged != right
    assert readback.fault(damaged, prepared, at=AT) is code


def signer_of(content: Any) -> Any:
    return content["content"]["signer_infos"][0]


def put(name: str, value: Callable[[Any, Life], Any]) -> Change:
    def change(content: Any, life: Life) -> None:
        signer_of(content)[name] = value(signer_of(content), life)

    return change


def other_certificates(content: Any, life: Life) -> None:
    content["content"]["certificates"] = [cms.CertificateChoices.load(life.other_leader.signer.identity.certificate)]


def other_holder(content: Any, life: Life) -> None:
    """As a service would that uses somebody else's key: certificate, name and signature fit each other."""
    other_certificates(content, life)
    signer = signer_of(content)
    signer["sid"].chosen["serial_number"] = life.other_leader.certificate.serial_number
    signer["signature"] = life.other_leader.signer.sign(signer["signed_attrs"].untag().dump())


def other_digest(content: Any, life: Life) -> None:
    """The same key signed the digest of another document."""
    signer = signer_of(content)
    attributes = cms.CMSAttributes.load(pades.attributes_of(sha256(b"another").digest(), life.leader.signer.identity))
    signer["signed_attrs"] = attributes
    signer["signature"] = life.leader.signer.sign(attributes.dump())


def fewer_attributes(content: Any, life: Life) -> None:
    """Signed by the right key over the right digest, without the name of its certificate."""
    signer = signer_of(content)
    attributes = cms.CMSAttributes([one for one in signer["signed_attrs"] if "certificate" not in one["type"].native])
    signer["signed_attrs"] = attributes
    signer["signature"] = life.leader.signer.sign(attributes.dump())


def two_signers(content: Any, life: Life) -> None:
    both = [cms.SignerInfo.load(signer_of(content).dump()) for _n in range(2)]
    content["content"]["signer_infos"] = both


CMS: dict[str, tuple[Change, Code]] = {
    "a bit of the signature": (
        put("signature", lambda s, life: at(s["signature"].native, 100)), Code.ALTERED_BYTES
    ),
    "a short signature": (put("signature", lambda s, life: s["signature"].native[:128]), Code.ALTERED_BYTES),
    "an empty signature": (put("signature", lambda s, life: b""), Code.ALTERED_BYTES),
    "a long signature": (put("signature", lambda s, life: s["signature"].native + b"\0"), Code.ALTERED_BYTES),
    "another key's signature": (
        put("signature", lambda s, life: life.other_leader.signer.sign(s["signed_attrs"].untag().dump())),
        Code.ALTERED_BYTES,
    ),
    "another digest algorithm": (
        put("digest_algorithm", lambda s, life: {"algorithm": "sha512"}), Code.ALTERED_BYTES
    ),
    "another algorithm of signing": (
        put("signature_algorithm", lambda s, life: {"algorithm": "rsassa_pss"}), Code.ALTERED_BYTES
    ),
    "another's certificate": (other_certificates, Code.ALTERED_BYTES),
    "another holder altogether": (other_holder, Code.ALTERED_BYTES),
    "the digest of another document": (other_digest, Code.ALTERED_BYTES),
    "attributes that do not name the certificate": (fewer_attributes, Code.UNREADABLE),
    "two signers": (two_signers, Code.UNREADABLE),
}  # fmt: skip


@pytest.mark.parametrize("what", CMS)
def test_another_signature_in_the_room_is_found(what: str, right: bytes, life: Life, prepared: Prepared) -> None:
    change, code = CMS[what]
    damaged = rewritten(right, prepared, lambda content: change(content, life))
    assert readback.fault(damaged, prepared, at=AT) is code


def test_whatever_a_stranger_finds_is_among_it(right: bytes, life: Life, prepared: Prepared, trusting: Any) -> None:
    """The whole validation of such files says the same; it passes over no more than what is named here."""
    damaged = {what: change(right, prepared) for what, (change, _code) in BYTES.items()}
    for what, (change, _code) in CMS.items():
        damaged[what] = rewritten(right, prepared, lambda content, change=change: change(content, life))  # type: ignore[misc]
    passed = {what for what, one in damaged.items() if validate(one, at=AT).verdict is not Verdict.INVALID}
    assert passed <= {
        "appended to",  # a remark after the end
        "two ranges",
        "another holder altogether",  # any trusted leader may have signed, for all it knows
        "two signers",
        "attributes that do not name the certificate",
    }


def test_attributes_that_name_another_certificate_are_found(life: Life, prepared: Prepared) -> None:
    digest = sha256(prepared.pdf[: prepared.start] + prepared.pdf[prepared.end :]).digest()
    attributes = pades.attributes_of(digest, life.other_leader.signer.identity)
    mixed = replace(prepared, attributes=attributes)
    pdf = pades.embed(mixed, life.leader.signer.sign(attributes))
    assert readback.fault(pdf, mixed, at=AT) is Code.ALTERED_BYTES


def test_a_tail_of_another_preparation_is_found(life: Life, prepared: Prepared) -> None:
    """A preparation keeps what was appended apart from its document: the two must belong together."""
    later = pades.prepare(life.draft, field=LEADER, identity=life.leader.signer.identity, at=AT.replace(minute=59))
    crossed = replace(prepared, pdf=later.pdf)
    assert (later.start, later.end) == (prepared.start, prepared.end)
    pdf = pades.embed(crossed, life.leader.signer.sign(crossed.attributes))
    assert readback.fault(pdf, crossed, at=AT) is Code.ALTERED_BYTES


VALUES: dict[str, Callable[[Life, bytes], bytes]] = {
    "nothing": lambda life, a: b"",
    "one byte": lambda life, a: b"\1",
    "too short": lambda life, a: life.leader.signer.sign(a)[:-1],
    "too long": lambda life, a: life.leader.signer.sign(a) + b"\0",
    "zeros": lambda life, a: bytes(256),
    "ones": lambda life, a: b"\xff" * 256,
    "a bit flipped": lambda life, a: at(life.leader.signer.sign(a), 128),
    "reversed": lambda life, a: life.leader.signer.sign(a)[::-1],
    "another key's": lambda life, a: life.other_leader.signer.sign(a),
    "over another document": lambda life, a: life.leader.signer.sign(a + b"\0"),
    "over the digest, hashed twice": lambda life, a: life.leader.signer.sign(sha256(a).digest()),
    "SHA-512": lambda life, a: life.leader.key.sign(a, padding.PKCS1v15(), SHA512()),
    "padded by PSS": lambda life, a: life.leader.key.sign(a, padding.PSS(padding.MGF1(SHA256()), 32), SHA256()),
    "wrapped in DER": lambda life, a: core.OctetString(life.leader.signer.sign(a)).dump(),
    "as text": lambda life, a: life.leader.signer.sign(a).hex().encode(),
    "an ECDSA pair": lambda life, a: utils.encode_dss_signature(2**200, 3**100),
}


@pytest.mark.parametrize("what", VALUES)
def test_a_wrong_value_from_a_service_or_a_token_is_not_put_in(what: str, life: Life, prepared: Prepared) -> None:
    with pytest.raises(Refused) as refused:
        pades.embed(prepared, VALUES[what](life, prepared.attributes))
    assert refused.value.code == "wrong_key"


@pytest.fixture(scope="module")
def stamper() -> Iterator[tuple[Running, StampAuthority]]:
    with running(Authority.make("Cơ quan dấu thời gian", at=datetime.now(AT.tzinfo)).dump()) as one:
        yield one, StampAuthority(one.url)


def test_a_time_stamp_that_does_not_hold_is_found(life: Life, settings: Any, trusting: Any, stamper: Any) -> None:
    running, authority = stamper
    settings.TINHSO = settings.TINHSO.model_copy(update={"tsa_url": running.url})
    prepared = pades.prepare(life.draft, field=LEADER, identity=life.leader.signer.identity, at=AT)
    value = life.leader.signer.sign(prepared.attributes)
    pdf = pades.embed(prepared, value, authority)
    assert readback.fault(pdf, prepared, at=datetime.now(AT.tzinfo)) is None, "its authority need not be trusted"

    def token(content: Any) -> Any:
        return signer_of(content)["unsigned_attrs"][0]["values"][0]["content"]

    def other_signature(content: Any) -> None:
        signer = token(content)["signer_infos"][0]
        signer["signature"] = at(signer["signature"].native, 9)

    def other_moment(content: Any) -> None:
        info = token(content)["encap_content_info"]
        said = info["content"].parsed
        said["message_imprint"]["hashed_message"] = sha256(b"another").digest()
        info["content"] = core.ParsableOctetString(said.dump(force=True))

    for change in (other_signature, other_moment):
        damaged = rewritten(pdf, prepared, change)
        assert readback.fault(damaged, prepared, at=datetime.now(AT.tzinfo)) is Code.STAMP_BROKEN


def test_only_who_is_trusted_and_may_sign_documents_signs(life: Life, trusting: Any) -> None:
    revocation.must_be_trusted(life.leader.signer.identity, at=AT)
    (trusting / "root.pem").unlink()
    with pytest.raises(Refused) as refused:
        revocation.must_be_trusted(life.leader.signer.identity, at=AT)
    assert refused.value.code == "certificate_untrusted"


def no_signing(**uses: bool) -> x509.KeyUsage:
    return x509.KeyUsage(**{**uses, "content_commitment": False})


@pytest.mark.parametrize(
    ("what", "other"),
    [
        ("_new_key", lambda: rsa.generate_private_key(65537, 1024)),
        ("x509", SimpleNamespace(**{**vars(x509), "KeyUsage": no_signing})),
    ],
    ids=["a key too short", "not for documents"],
)
def test_an_issuers_certificate_that_may_not_sign_documents_is_refused_in_words(
    what: str, other: Any, trusting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority.make("Cơ quan chứng thực", at=AT - timedelta(days=2))
    (trusting / "second.pem").write_bytes(authority.root.public_bytes(Encoding.PEM))
    monkeypatch.setattr(ca, what, other)
    identity = authority.issue("Trần Thị Mỹ Hương", at=AT - timedelta(days=1)).signer.identity
    with pytest.raises(Refused) as refused:
        revocation.must_be_trusted(identity, at=AT)
    assert refused.value.code == "certificate_untrusted"


def test_a_certificate_that_somebody_made_themselves_is_untrusted(trusting: Any) -> None:
    own = Authority.make("Tự cấp", at=AT - timedelta(days=1)).root.public_bytes(Encoding.DER)
    assert revocation.ask(Identity(own)).standing is revocation.Standing.UNTRUSTED
    with pytest.raises(Refused):
        revocation.must_be_trusted(Identity(own), at=AT)


def test_a_leader_signs_only_where_the_agency_can_seal(life: Life) -> None:
    sealed_first = pades.sign(life.draft, field=SEAL, signer=life.agency.signer, at=AT)
    for field in (LEADER, CONVERTER):
        with pytest.raises(Refused):
            pades.prepare(sealed_first, field=field, identity=life.leader.signer.identity, at=AT)
