"""Dossiers in the simulated year: applications of constructed people, and the roads they take.

A road is not written down: at each open task the step's own outcomes are offered, the profile says
how often the unusual ones come, and `roads.VERBS` how each is done. A process of another shape is
walked as it is; a new kind of step needs a line there.
"""

from tinhso.simulation.rooms import Room, simulated

from ..models import Dossier
from .checks import check
from .handing_in import application
from .roads import play, prepare

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
            ("dossiers.result_numbered", "number"): "result:",
            ("dossiers.fee_taken", "number"): "receipt",
        },
        digest=("dossiers.submitted", "answers", "answers"),
        application=application,
        desk="/ban-lam-viec/",
        unusual={"tu-choi": "receive.refuse", "tra-lai": "sign.return"},
        first=frozenset({"thu-phi"}),
        aside=frozenset({"nhan-viec"}),
    )
)
