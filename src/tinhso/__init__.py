"""Tỉnh Số: a Vietnamese province's digital government on one install."""

__version__ = "0.1.0"
