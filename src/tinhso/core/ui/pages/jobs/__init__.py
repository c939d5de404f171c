"""Administrators' page of background work: what waits, what failed, what to do about it."""
