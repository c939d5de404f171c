"""What the verbs share: the case a dossier is to its tasks, and moving it from state to state."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.formats import get_format
from django.utils.translation import gettext as _

from tinhso.core.forms.definition import flat
from tinhso.core.ledger.actions import Actor, Refused, new_id
from tinhso.core.ledger.rows import change, find, insert
from tinhso.core.numbering.actions import next_number
from tinhso.core.process.actions import Case
from tinhso.core.process.models import Task
from tinhso.core.process.queries import open_tasks

from ..models import Dossier, Letter, Result, State


def case_of(dossier: Dossier) -> Case:
    """How tasks show this dossier, and which agencies they may be at."""
    return Case(
        code=dossier.code,
        who=dossier.applicant_name,
        what=dossier.procedure_name,
        receiving=dossier.receiving_agency_id,
        competent=dossier.agency_id,
        due_at=dossier.correct_by or dossier.due_at,
        answers=flat(dossier.answers),
    )


def task_of(dossier: Dossier, *kinds: str) -> Task:
    """The open task of one of these kinds; `Refused` says where the dossier is instead."""
    tasks = open_tasks(dossier)
    for task in tasks:
        if task.kind in kinds:
            return task
    raise Refused(
        "not_at_this_step",
        _("This cannot be done now. The dossier is at: %(where)s.")
        % {"where": ", ".join(t.name for t in tasks) or State(Dossier.objects.get(pk=dossier.pk).state).label},
    )


def move(dossier: Dossier, *, allowed: tuple[State, ...], **changes: Any) -> Dossier:
    """Change the row if it is still in an allowed state. Called after its tasks are locked:
    every verb takes tasks first and the dossier second, so none waits for another in a ring."""
    states = [state.value for state in allowed]
    if not change(Dossier, changes, "id = %s AND state = ANY(%s::int[])", [dossier.pk, states]):
        now = State(Dossier.objects.get(pk=dossier.pk).state)
        raise Refused("wrong_state", _("The dossier is already in the state “%(state)s”.") % {"state": now.label})
    for name, value in changes.items():
        setattr(dossier, name, value)
    return dossier


def work_on(dossier: Dossier, *, allowed: tuple[State, ...], state: State) -> Dossier:
    """`move` by a step that also corrects results: a dossier whose result was returned stays returned."""
    if dossier.correct_by is None:
        return move(dossier, allowed=allowed, state=state)
    return move(dossier, allowed=(State.RETURNED,), state=State.RETURNED)


def newest_result(dossier: Dossier, *, lock: bool = False) -> Result | None:
    """The result that is in force or being made; of corrected ones the last."""
    return next(iter(find(Result, "dossier_id = %s ORDER BY version DESC LIMIT 1", [dossier.pk], lock=lock)), None)


def current_result(dossier: Dossier) -> Result:
    """The newest result, locked; there is one."""
    result = newest_result(dossier, lock=True)
    if result is None:
        raise Result.DoesNotExist(dossier.code)
    result.dossier = dossier
    return result


LONGEST = 4000  # letters of a reason, a note, a question


def limited(words: str, *, most: int = LONGEST, field: str = "reason") -> str:
    """Words as they were typed, a line's end as one letter, as browsers count it: too many are refused, never cut."""
    words = words.replace("\r\n", "\n")
    if len(words) > most:
        said = _("This has %(count)s letters, and at most %(most)s are kept. Nothing was done: please shorten it.")
        count, limit = (f"{each:,}".replace(",", get_format("THOUSAND_SEPARATOR")) for each in (len(words), most))
        raise Refused("too_long", said % {"count": count, "most": limit}, field=field, status=422)
    return words


def sentence(words: str, message: str, field: str = "reason") -> str:
    """Words that somebody will read as a reason: at least a sentence."""
    if len(words := words.strip()) < 10:
        raise Refused("reason_missing", message, field=field, status=422)
    return words


def letter_of(dossier: Dossier, form: Letter.Form, reason: str = "", *, by: Actor, at: datetime) -> Letter:
    """A letter with its number; its PDF is made and sealed by a job."""
    from ..jobs import make_letter

    letter = Letter(id=new_id(), dossier=dossier, form=form, made_at=at, reason=reason)
    letter.number = next_number(f"form-{form}", agency=dossier.receiving_agency_id, subject=letter, by=by, at=at)
    insert(letter)
    make_letter.defer(letter=str(letter.id))
    return letter
