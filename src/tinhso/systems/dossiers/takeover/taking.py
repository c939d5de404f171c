"""Taking over: one dossier, one transaction; a file, one dossier after the other."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tinhso.core.accounts.actions import register_person
from tinhso.core.ledger.actions import Actor, Refused, action, new_id, record
from tinhso.core.ledger.events import canonical
from tinhso.core.numbering.actions import dossier_code, hold_dossier_code
from tinhso.core.process import actions as process
from tinhso.core.process.moves import Move

from ..actions.common import case_of
from ..events import DossierTakenOver
from ..models import Dossier, Earlier, State, TakenOver
from .checking import Checked, Fault, check_all
from .reading import Row

EVERY = 50  # dossiers between two words of progress


@dataclass
class Outcome:
    """How a file went."""

    taken: int = 0
    known: int = 0
    faults: list[Fault] = field(default_factory=list)


def take_all(
    rows: Sequence[Row], *, by: Actor, at: datetime, progress: Callable[[Outcome], None] = lambda outcome: None
) -> Outcome:
    """Take over every dossier of a file that nothing is wrong with; what is here already is passed over."""
    outcome = Outcome()
    for number, checked in enumerate(check_all(rows, at=at), 1):
        if checked.faults:
            outcome.faults += checked.faults
        elif checked.known:
            outcome.known += 1
        else:
            try:
                taken = take_over(checked, by=by, at=at)
            except Refused as refused:
                outcome.faults.append(Fault(checked.row["row"], refused.field, str(refused)))
            else:
                outcome.taken += taken is not None
                outcome.known += taken is None
        if number % EVERY == 0:
            progress(outcome)
    return outcome


@action
def take_over(checked: Checked, *, by: Actor, at: datetime) -> Dossier | None:
    """Let a dossier of another system go on here, at the step where it stood; None where it is here already.

    `checked` has no faults. The promise to the applicant and all times stay as they were.
    """
    row, coming = checked.row, checked.coming
    variant = coming.variant
    assert variant is not None
    assert coming.step_since is not None
    origin = TakenOver(key=coming.key, system=row["system"], old_id=row["old_id"], at=at)
    TakenOver.objects.bulk_create([origin], ignore_conflicts=True)  # another run may do so at this moment
    if not TakenOver.objects.filter(pk=origin.pk).exists():
        return None
    values = dict(coming.values)
    if values["code"]:
        hold_dossier_code(values["code"])
    else:
        values["code"] = dossier_code(values["receiving_agency"].code, at=at)
    if coming.person:
        values["applicant"] = register_person(full_name=values["applicant_name"], by=by, at=at, **coming.person)
    dossier = Dossier(
        id=new_id(),
        variant=variant,
        procedure_code=variant.version.procedure.code,
        procedure_name=variant.version.procedure.name[:500],
        form_id=variant.form_id,
        salt=os.urandom(16),
        **values,
    )
    dossier.save(force_insert=True)
    TakenOver.objects.filter(pk=origin.pk).update(dossier=dossier)
    Earlier.objects.bulk_create(
        Earlier(dossier=dossier, at=one.at, until=one.until, what=one.what, who=one.who, words=one.words)
        for one in coming.lines
    )
    subject = (dossier._meta.label_lower, dossier.pk)
    move = Move(subject, variant.process_id, case_of(dossier), by=by, at=coming.step_since)
    (task,) = move.open((coming.step,), None)
    if coming.assignee:
        process.assign(task, to=coming.assignee, by=by, at=at)
    record(
        DossierTakenOver(
            code=dossier.code,
            procedure=dossier.procedure_code,
            channel=dossier.channel,
            receiving=dossier.receiving_agency_id,
            system=row["system"],
            step=coming.step,
            state=State(dossier.state),
            submitted_at=dossier.submitted_at,
            due_at=dossier.due_at,
            answers=dossier.digest(canonical(dossier.answers).encode()),
        ),
        subject=dossier,
        by=by,
        at=at,
        agency=dossier.agency_id,
    )
    return dossier
