"""The room the ledger looks into; the fold itself is in `folds`."""

from .folds import fold

__all__ = ["fold"]
