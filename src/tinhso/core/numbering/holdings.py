"""Books hold reasons why a number was voided; for an anonymised copy."""

from ..accounts.copies import treat, whole, words

whole("numbering.counter", "numbering.book")
treat("numbering.number", plain="subject_kind", reason=words)
