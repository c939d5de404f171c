"""Background work: durable, repeated until it succeeds, visible when it does not.

A package declares in its `jobs.py`::

    @job("letters.render")
    def render_slip(dossier: str) -> None: ...

    render_slip.defer(dossier=str(dossier.pk))      # in an action: no commit, no job

A job is a plain function of JSON keyword arguments (ids and codes, never names or bytes).
It may run twice (a worker may die after the work and before saying so), so it is idempotent.
Jobs are exempt from the ledger; a person's replay or skip of a failed one is recorded.
"""

from .registry import Job, job

__all__ = ["Job", "job"]
