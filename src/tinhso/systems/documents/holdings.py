"""Documents are of agencies, not held for a person; what an anonymised copy does with their words."""

from tinhso.core.accounts import copies

copies.treat(
    "documents.document",
    plain="direction state type notation source issued_on",
    abstract=copies.words,
    signer_name=copies.name,
    sender_name=copies.words,
    sheet=copies.answers,
    words=copies.words,
    salt=copies.secret,
)
copies.whole("documents.recipient")
copies.treat("documents.recipientstate", plain="state", words=copies.words)
copies.treat("documents.assignment", plain="part", words=copies.words, progress=copies.words)
