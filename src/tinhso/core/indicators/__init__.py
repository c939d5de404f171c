"""Figures that follow from the record: declared by systems, folded from the ledger, never counted on a page.

A system declares in its `indicators.py`, with the names of `declare`::

    accepted = Indicator("dossiers.accepted", title=_("Accepted dossiers"), unit=_("dossiers"),
                         kind=Kind.COUNT, dims=("procedure", "channel"))

    @accepted.on("dossiers.accepted")
    def _(entry: Placed) -> Delta:
        return Delta(entry.data["procedure"], entry.data["channel"])

    @accepted.recounted
    def _() -> Iterable[Recounted]: ...      # the same from the rows; a difference is a bug

A cell is one indicator, day (of the province), agency and up to two small dimensions. All
cells carry `as_of`: how far the ledger was read. Exempt from the ledger, like all folds.
"""
