"""Which entries of a dossier the portal is told, and by which calls."""

from __future__ import annotations

from .models import Call

BOTH, STEP, DOSSIER = (Call.DOSSIER, Call.STEP), (Call.STEP,), (Call.DOSSIER,)

# Event → calls, in the order in which they go. What concerns nobody outside (a letter that was rendered, a leader who
# was asked for time and declined, an officer who looked) is not told.
TOLD: dict[str, tuple[Call, ...]] = {
    "dossiers.submitted": BOTH,
    "dossiers.taken_over": BOTH,
    "dossiers.accepted": BOTH,
    "dossiers.refused": BOTH,
    "dossiers.withdrawn": BOTH,
    "dossiers.supplement_requested": BOTH,
    "dossiers.supplement_received": BOTH,
    "dossiers.extended": BOTH,
    "dossiers.stopped": BOTH,
    "dossiers.transferred": BOTH,
    "dossiers.inherited": DOSSIER,
    "dossiers.assigned": BOTH,
    "dossiers.step_taken_back": BOTH,
    "dossiers.consultation_asked": STEP,
    "dossiers.consultation_answered": STEP,
    "dossiers.consultation_waived": STEP,
    "dossiers.result_proposed": STEP,
    "dossiers.result_sent_back": STEP,
    "dossiers.result_signed": STEP,
    "dossiers.result_numbered": STEP,
    "dossiers.result_issued": BOTH,
    "dossiers.returned": BOTH,
    "dossiers.result_cancelled": BOTH,
    "dossiers.correction_asked": STEP,
    "dossiers.correction_granted": STEP,
    "dossiers.correction_declined": STEP,
    "dossiers.correction_issued": STEP,
    "dossiers.correction_returned": BOTH,
}
