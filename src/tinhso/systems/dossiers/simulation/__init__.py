"""Dossiers in the simulated year: applications of constructed people, and the roads they take.

A road is not written down: at each open task the step's own outcomes are offered, and what the law gives every
dossier beside them; the profile says how often the unusual ones come, and `verbs.VERBS` how each is done. A process
of another shape is walked as it is; a new kind of step needs a line there. Other systems join by `life.Beside`.
"""

from tinhso.simulation.rooms import Room, simulated

from ..models import Dossier, Result
from .checks import check
from .handing_in import application
from .roads import play, prepare


def printed(dossier: Dossier, kind: str) -> str:
    """How a number of a book of results stands in the result, and wherever that is named."""
    return f"{{}}/{dossier.variant.notation}" if kind == Result(dossier=dossier).book else ""


simulated(
    Room(
        "dossiers",
        subject=Dossier,
        prepare=prepare,
        play=play,
        check=check,
        books={
            ("dossiers.accepted", "slip"): "form-01",
            ("dossiers.refused", "letter"): "form-03",
            ("dossiers.letter_made", "number"): "form-{form}",
            ("dossiers.supplement_requested", "letter"): "form-02",
            ("dossiers.supplement_received", "letter"): "form-02",
            ("dossiers.extended", "letter"): "form-04",
            ("dossiers.stopped", "letter"): "form-05",
            ("dossiers.result_numbered", "number"): "result:",
            ("dossiers.fee_taken", "number"): "receipt",
        },
        printed=lambda dossier, kind: (
            f"{{}}/{dossier.variant.notation}" if kind == Result(dossier=dossier).book else ""
        ),
        digest=("dossiers.submitted", "answers", "answers"),
        application=application,
        desk="/ban-lam-viec/",
        unusual={"tu-choi": "receive.refuse", "tra-lai": "sign.return"},
        first=frozenset({"thu-phi"}),
        aside=frozenset({"nhan-viec"}),
    )
)
