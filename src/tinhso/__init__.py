"""Tỉnh Số: a Vietnamese province's digital government on one install."""
