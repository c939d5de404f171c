"""How each outcome of each kind of step comes about, and what may happen to a dossier without an open step.

No PDF is made: the jobs that would render, sign and seal are not enqueued. Where an action keeps a
document, it gets a link to one single page, which says in so many words that the dossier is simulated
and that no document was made; a simulated signature names the certificate `simulated`. So nothing pretends
to be an official document, and public verification refuses it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from django.utils.timezone import localtime

from tinhso.core.agencies.models import Role, Staff
from tinhso.core.forms.definition import FormDefinition
from tinhso.core.ledger.rows import update
from tinhso.core.process.models import Task
from tinhso.core.worktime.calendar import WorkDuration
from tinhso.systems.procedures import results

from .. import actions
from ..models import Answer, Consultation
from .answers import answers
from .life import Life, Step, Verb, actor

LATE = "Hồ sơ mô phỏng: trả trễ hẹn."
QUESTION = "Hồ sơ mô phỏng: đề nghị xác minh thông tin đã khai."
OPINION = "Hồ sơ mô phỏng: không có thông tin khác."
REFUSAL = "Hồ sơ mô phỏng: giấy tờ nộp kèm chưa hợp lệ theo quy định của thủ tục."
MISSING = "Hồ sơ mô phỏng: bổ sung bản chụp giấy tờ còn thiếu."
ADDED = "Hồ sơ mô phỏng: đã bổ sung theo yêu cầu."
NEVER = "Hồ sơ mô phỏng: quá thời hạn mà chưa nhận được giấy tờ bổ sung."
MORE = "Hồ sơ mô phỏng: cần thêm thời gian xác minh."
WRONG = "Hồ sơ mô phỏng: ngày sinh ghi trong kết quả chưa đúng với tờ khai."
STANDS = "Hồ sơ mô phỏng: kết quả ghi đúng như tờ khai đã nộp."
VOID = "Hồ sơ mô phỏng: kết quả đã cấp không đúng quy định."

AHEAD = WorkDuration(6, "working_hours")  # before the promise is over somebody sees that it will be broken
DECIDED = WorkDuration(1, "working_hours")  # in which the leader decides on more time


def by(step: Step) -> Staff:
    """The official who does it."""
    assert step.who is not None, "the step waits for the applicant"
    return step.who


def _accept(step: Step) -> None:
    actions.accept(step.life.dossier, by=actor(by(step)), at=step.at)
    step.life.letters(step.at)


def refuse(step: Step) -> None:
    actions.refuse(step.life.dossier, reason=REFUSAL, by=actor(by(step)), at=step.at)
    step.life.letters(step.at)


def _ask_for_more(step: Step) -> None:
    life, within = step.life, timedelta(days=step.life.world.profile["supplement"]["within_days"])
    until = localtime(step.at).date() + within
    actions.ask_supplement(life.dossier, reason=MISSING, until=until, by=actor(by(step)), at=step.at)
    life.asked = True
    life.letters(step.at)


def _complete(step: Step) -> None:
    life = step.life
    actions.supplement(life.dossier, papers=[], note=ADDED, by=life.applicant(), at=step.at)


def _never_completed(step: Step) -> None:
    life = step.life
    accepted = life.dossier.accepted_at is not None
    end = actions.stop if accepted else actions.refuse
    who = life.official(Role.OFFICER if accepted else Role.RECEPTIONIST)
    end(life.dossier, reason=NEVER, by=actor(who), at=step.at)
    life.letters(step.at)


def _assign(step: Step) -> None:
    officer = step.life.official(Role.OFFICER)
    actions.assign(step.life.dossier, to=officer.account, by=actor(by(step)), at=step.at)


def _propose(step: Step) -> None:
    life, at = step.life, step.at
    dossier, arrival, leader = life.dossier, life.arrival, life.official(Role.LEADER)
    begun = results.starting_content(dossier.variant, dossier.answers)
    form, unit = FormDefinition.load(dossier.variant.result_form), arrival.place.agency.unit_code
    stated = answers(form, arrival.citizen, unit, localtime(at).date(), arrival.chance, begun)
    result = actions.propose(
        dossier, content=stated, signer=leader, opinion="Mô phỏng: đủ điều kiện.", by=actor(by(step)), at=at
    )
    result.draft = life.document(at)  # what the job keeps of its draft
    update(result, "draft")
    life.can_be_corrected = step.task is not None and step.task.fork_id is None


def _sign(step: Step) -> None:
    life, page = step.life, step.life.document(step.at)
    actions.sign(
        life.dossier, signer=by(step), drafted=page, file=page, certificate="simulated", digest=life.digest,
        by=actor(by(step)), at=step.at,
    )  # fmt: skip


def _send_back(step: Step) -> None:
    actions.send_back(step.life.dossier, reason="Mô phỏng: bổ sung căn cứ.", by=actor(by(step)), at=step.at)


def _issue(step: Step) -> None:
    life = step.life
    result = actions.number_result(life.dossier, by=actor(by(step)), at=step.at)
    actions.issue(result, file=life.document(step.at), digest=life.digest, by=actor(by(step)), at=step.at)


def _return(step: Step) -> None:
    life = step.life
    if life.dossier.correct_by is not None:
        actions.return_result(life.dossier, by=actor(by(step)), at=step.at)
        return
    if life.dossier.fee:
        actions.take_fee(life.dossier, by=actor(by(step)), at=step.at)
    reason = LATE if life.dossier.late_at(step.at) else ""
    actions.return_result(life.dossier, reason=reason, by=actor(by(step)), at=step.at)
    _afterwards(life, step.at)


def _afterwards(life: Life, returned: datetime) -> None:
    """Now and then a mistake is found in what was returned, or it should never have been given."""
    figures, chance = life.world.profile["afterwards"], life.arrival.chance
    drawn, days = chance.random(), chance.expovariate(1 / figures["days"])
    found = drawn < figures["corrected"] + figures["cancelled"]
    if found and life.can_be_corrected:
        at = life.calendar.opening(returned + timedelta(days=days, minutes=30))
        do = _find_mistake if drawn < figures["corrected"] else _cancel
        life.errands.append(Step(at, life, None, None, do))


def _find_mistake(step: Step) -> None:
    life = step.life
    theirs = life.arrival.chance.random() < life.world.profile["afterwards"]["by_applicant"]
    who = life.applicant() if theirs else actor(life.official(Role.OFFICER))
    actions.ask_correction(life.dossier, reason=WRONG, by_applicant=theirs, by=who, at=step.at)


def _mistake(step: Step) -> None:
    actions.grant_correction(step.life.dossier, by=actor(by(step)), at=step.at)


def _no_mistake(step: Step) -> None:
    actions.decline_correction(step.life.dossier, reason=STANDS, by=actor(by(step)), at=step.at)


def _cancel(step: Step) -> None:
    leader = step.life.official(Role.LEADER)
    actions.cancel_result(step.life.dossier, reason=VOID, by=actor(leader), at=step.at)


def more_time(life: Life, task: Task, who: Staff, at: datetime) -> None:
    """Who will be done with a step only at `at`, after the promise, may see that in time and ask for more."""
    due, chance = life.dossier.due_at, life.arrival.chance
    if due is None or at <= due or life.dossier.finished_at or life.extended or task.kind == "consult":
        return
    asked = max(life.calendar.subtract(due, AHEAD), task.opened_at)
    granted = life.calendar.add(asked, DECIDED)
    if granted < min(due, at) and chance.random() < life.world.profile["more_time"]:
        life.extended = True
        life.errands.append(Step(granted, life, task, who, partial(_extend, asked=asked, needed=at)))


def _extend(step: Step, *, asked: datetime, needed: datetime) -> None:
    """The new promise is the day on which it will be done, or the next."""
    life, day = step.life, localtime(needed).date() + timedelta(days=step.life.arrival.chance.randint(1, 2))
    actions.ask_extension(life.dossier, until=day, reason=MORE, by=actor(by(step)), at=asked)
    actions.extend(life.dossier, by=actor(life.official(Role.LEADER)), at=step.at)
    life.letters(step.at)


def _consult(step: Step) -> None:
    actions.consult(step.life.dossier, question=QUESTION, form=True, papers=(), by=actor(by(step)), at=step.at)


def _answers(outcome: str) -> Verb:
    def answer(step: Step) -> None:
        asked = Consultation.objects.select_related("dossier", "task").get(task=step.task)
        actions.answer(asked, outcome=outcome, opinion=OPINION, file=None, by=actor(by(step)), at=step.at)

    return answer


VERBS: dict[tuple[str, str], Verb] = {
    ("receive", "accept"): _accept,
    ("receive", "refuse"): refuse,
    ("receive", "supplement"): _ask_for_more,
    ("assign", "assigned"): _assign,
    ("appraise", "propose"): _propose,
    ("appraise", "refuse"): refuse,
    ("appraise", "consult"): _consult,
    ("appraise", "supplement"): _ask_for_more,
    ("supplement", "received"): _complete,
    ("supplement", "never"): _never_completed,
    ("sign", "signed"): _sign,
    ("sign", "return"): _send_back,
    ("issue", "issued"): _issue,
    ("return", "returned"): _return,
    ("correct", "granted"): _mistake,
    ("correct", "declined"): _no_mistake,
    **{("consult", str(one)): _answers(one) for one in (Answer.AGREE, Answer.DISAGREE, Answer.NO_OPINION)},
}
# What may come of a step though no process draws it.
UNDRAWN = {"receive": {"supplement"}, "appraise": {"supplement"}, "supplement": {"never"}}
NOT_OF_A_CORRECTION = {"refuse", "consult", "supplement"}
