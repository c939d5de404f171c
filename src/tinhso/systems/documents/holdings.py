"""Documents are of agencies, not held for a person; what an anonymised copy does with their words."""

from tinhso.core.accounts import copies

copies.treat(
    "documents.document",
    plain="direction state type notation source",
    abstract=copies.words,
    signer_name=copies.name,
    sender_name=copies.words,
    sheet=copies.words,
    words=copies.words,
)
