"""Benchmarks: every figure beside its limit, taken in the same run on the same machine.

`make bench`, or `python -m bench NAME…` for some. A module of this folder offers
`figures(install) -> Iterator[Figure]`; it is found by being there. Nothing here is asserted:
figures depend on the machine, ratios much less. What was measured stands in
`docs/performance.md`.
"""
