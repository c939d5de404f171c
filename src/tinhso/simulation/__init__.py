"""A province's year in a bottle: people, offices and errands drawn from a seed, and made to happen.

Nouns: a *profile* is a province's figures and curves, each with how sure it is; a *world* is a
profile laid over the agencies of this install for a span of time, with a *seed*; an *arrival* is
the n-th application of a world: when, where, by whom, how. A system's `simulation.py` registers a
*room* that knows how an arrival lives there. The same seed gives the same arrivals everywhere, so
that work can be split, broken off and gone on with.

Three modes. *Actions*: each arrival lives through the real actions on a simulated clock. *Volume*:
a world made by actions is multiplied, row by row, into a large one. *Live*: constructed people use
the pages and the API of a running install. Afterwards `check` recounts everything by other means.

Stands on core; systems register with it; it knows none. Never in production.
"""
