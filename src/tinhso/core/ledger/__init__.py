"""The record of what happened: append-only, ordered, sealed; everything else follows from it.

Nouns: an *entry* says that something happened to one *subject* (the aggregate root: a
dossier, an account, a book) by an *actor*; entries of one action share a *cause* (the id
of the first). The *sequencer* gives committed entries dense *positions*; *consumers* read
positions with a *cursor*; a *seal* is a signed, chained Merkle root over a run of positions.

It holds no personal data: ids, codes, dates, states and salted digests only (`events.py`
enforces it). Words of reasons and opinions live in `Remark` rows, which can be erased.

Lowest layer of core: it knows no agency, account or system.
"""
