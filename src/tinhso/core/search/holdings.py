"""The index is made anew from an anonymised copy."""

from ..accounts.copies import empty

empty("search.searchdocument")
