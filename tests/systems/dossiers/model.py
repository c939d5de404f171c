"""What a dossier is by the law, said again in few words and without the product's code: for `test_any_sequence`.

Refused actions raise `No` with the code that the product must give. Times are whole minutes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

MINUTE = timedelta(minutes=1)
NEW, ACCEPTED, REFUSED, IN_PROCESS, SUPPLEMENT, WITHDRAWN, STOPPED, PROCESSED, RETURNED = 1, 2, 3, 4, 5, 7, 8, 9, 10
HOUSE = ("receptionist", "unit_head", "officer", "leader", "clerk")
WHO = {"receive": 0, "assign": 1, "appraise": 2, "sign": 3, "extend": 3, "issue": 4, "return": 0, "correct": 1}
ALSO = {"sign": "deputy", "extend": "deputy", "appraise": "clerk"}  # hold that role at the first agency too


class No(Exception):
    """The law says no; the argument is the product's code for it."""


@dataclass
class Model:
    """One dossier of three working days at one of two agencies."""

    works: Callable[[datetime], bool]  # whether the office works in this minute
    state: int = NEW
    steps: set[str] = field(default_factory=lambda: {"receive"})
    agency: int = 0
    receiving: int = 0  # the agency whose counter took it in, and gives the result out
    held: dict[str, str] = field(default_factory=dict)  # step → who has it: an official and their agency
    appraised: str = ""  # who had the step the last time
    due: datetime | None = None
    paused: datetime | None = None
    back: str = ""
    asked: int = 0
    allowed: int = 1
    promised: tuple[datetime, datetime] | None = None  # what an extension asked for would change
    extended: bool = False
    results: int = 0  # written, of which so many were issued; more than one where a mistake was corrected
    issued: int = 0
    correct_by: datetime | None = None  # a mistake in the returned result is being corrected until then
    cancelled: bool = False  # the returned result holds no longer
    signed: bool = False
    paid: bool = False
    finished: datetime | None = None
    forms: list[str] = field(default_factory=list)
    last: tuple[str, str, int, datetime, str] | None = None  # step, role, state and holder before, when: to take back

    def at(self, *kinds: str) -> str:
        for kind in ("receive", "assign", "appraise", "sign", "issue", "return", "extend", "supplement", "correct"):
            if kind in kinds and kind in self.steps:
                return kind
        raise No("not_at_this_step")

    def go(self, step: str, now: datetime, to: str = "", *, who: str = "", state: int = 0, undo: bool = False) -> None:
        self.last = (step, HOUSE[WHO[step]], self.state, now, self.held.get(step, "")) if undo else None
        self.leave(step)
        self.enter(*[to] if to else [], who=who)
        self.state = state or self.state

    def leave(self, *steps: str) -> None:
        for step in steps:
            self.steps.discard(step)
            who = self.held.pop(step, "")
            self.appraised = who if who and step == "appraise" else self.appraised

    def enter(self, *steps: str, who: str = "") -> None:
        self.steps |= set(steps)
        self.held |= {step: who for step in steps if who}

    def again(self, step: str = "appraise") -> str:
        """Who appraised before does it again, unless it is another agency's now."""
        return self.appraised if step == "appraise" and self.appraised.endswith(str(self.agency)) else ""

    def where(self, step: str) -> int:
        return self.receiving if step in ("receive", "return") else self.agency

    def may_have(self, step: str, who: str) -> None:
        if step == "supplement":
            raise No("waits_for_applicant")
        if self.where(step) or who not in (HOUSE[WHO[step]], ALSO.get(step)):
            raise No("not_allowed")

    def claim(self, now: datetime, step: str, who: str) -> None:
        self.may_have(self.at(step), who)
        if self.held.get(step, who + "0") != who + "0":
            raise No("already_claimed")
        self.held[step] = who + "0"

    def hand_over(self, now: datetime, step: str, who: str) -> None:
        """The unit head of the first agency gives it to somebody there."""
        if self.where(self.at(step)):
            raise No("not_allowed")
        self.may_have(step, who)
        self.held[step] = who + "0"

    def end(self, state: int, form: str = "") -> None:
        self.leave(*self.steps.copy())
        self.state, self.last = state, None
        self.forms += [form] * bool(form)

    def accept(self, now: datetime) -> None:
        self.go(self.at("receive"), now, "assign", state=ACCEPTED)
        self.due = self.in_three_days(now)
        self.forms.append("01")

    def refuse(self, now: datetime) -> None:
        self.at("receive", "appraise", *["supplement"] * (self.due is None))
        self.not_returned()
        self.end(STOPPED if self.due else REFUSED, "03")

    def assign(self, now: datetime) -> None:
        self.go(self.at("assign"), now, "appraise", who=f"officer{self.agency}", state=IN_PROCESS, undo=True)

    def propose(self, now: datetime) -> None:
        state = RETURNED if self.correct_by else IN_PROCESS
        self.go(self.at("appraise"), now, "sign", who="leader0", state=state, undo=True)
        self.results = self.issued + 1

    def send_back(self, now: datetime) -> None:
        self.go(self.at("sign"), now, "appraise", who=self.again(), undo=True)

    def sign(self, now: datetime) -> None:
        self.go(self.at("sign"), now, "issue")
        self.signed = True

    def issue(self, now: datetime) -> None:
        self.at("issue")
        self.issued += 1
        self.end(self.state if self.correct_by else PROCESSED)
        self.enter("return")
        self.finished = self.finished or now

    def give(self, now: datetime, reason: str) -> None:
        self.at("return")
        if self.correct_by:
            self.correct_by = None
        elif self.due and self.finished and self.finished > self.due and not reason:
            raise No("reason_missing")
        elif not self.paid:
            raise No("fee_owed")
        self.end(RETURNED)

    def pay(self, now: datetime) -> None:
        if self.paid:
            raise No("fee_already_taken")
        self.paid = True

    def ask(self, now: datetime) -> None:
        step = self.at("receive", "appraise")
        if self.asked >= self.allowed:
            raise No("second_supplement")
        self.not_returned()
        self.go(step, now, "supplement", state=SUPPLEMENT)
        self.asked, self.paused, self.back = self.asked + 1, now, step
        self.forms.append("02")

    def allow(self, now: datetime) -> None:
        if self.asked < self.allowed or not self.steps or self.finished:
            raise No("not_needed")
        self.allowed += 1

    def complete(self, now: datetime) -> None:
        self.go(self.at("supplement"), now, self.back, who=self.again(self.back), state=IN_PROCESS if self.due else NEW)
        assert self.paused is not None
        if self.due and self.due > self.paused:
            left = self.worked(self.paused, self.due)
            self.due = self.after(now, left) if left else max(self.due, now)

    def stop(self, now: datetime) -> None:
        self.at("assign", "appraise", "supplement")
        if self.due is None:
            raise No("not_accepted_yet")
        self.not_returned()
        self.end(STOPPED, "05")

    def more(self, now: datetime, day: date) -> None:
        self.at("assign", "appraise", "sign", "issue")
        if self.due is None or now >= self.due:
            raise No("time_is_over")
        if self.finished:
            raise No("finished")
        if self.extended:
            raise No("extended_before")
        new = datetime.combine(day, time(17), now.tzinfo)
        if new <= self.due:
            raise No("bad_date")
        if "extend" in self.steps:
            raise No("already_open")
        self.steps, self.promised = self.steps | {"extend"}, (self.due, new)

    def grant(self, now: datetime) -> None:
        self.at("extend")
        assert self.due
        assert self.promised
        if now >= self.due:
            raise No("time_is_over")
        if self.due != self.promised[0]:
            raise No("promise_moved")
        if self.state == SUPPLEMENT:
            raise No("wrong_state")
        self.leave("extend")
        self.due, self.extended = self.promised[1], True
        self.forms.append("04")

    def decline(self, now: datetime) -> None:
        self.leave(self.at("extend"))

    def transfer(self, now: datetime) -> None:
        step = self.at("receive", "assign", "appraise")
        if self.results:
            raise No("too_far")
        self.go(step, now, "receive" if step == "receive" else "assign", state=NEW if step == "receive" else ACCEPTED)
        self.leave("extend")
        self.agency = 1 - self.agency
        self.receiving = self.receiving if self.due else self.agency

    def withdraw(self, now: datetime) -> None:
        if self.state not in (NEW, ACCEPTED, IN_PROCESS, SUPPLEMENT):
            raise No("wrong_state")
        if self.signed:
            raise No("already_signed")
        self.end(WITHDRAWN)

    def take_back(self, now: datetime, role: str) -> None:
        if self.last is None or self.last[1] != role or now >= self.last[3] + timedelta(minutes=5):
            raise No("not_undoable")
        step, _role, state, _when, who = self.last
        self.leave(*self.steps - {"extend"})
        self.enter(step, who=who)
        self.last = None
        self.state = RETURNED if self.correct_by else state if step != "appraise" else IN_PROCESS

    def wrong(self, now: datetime) -> None:
        """The applicant finds a mistake in the result."""
        self.correct(now, "correct", "")

    def mistake(self, now: datetime) -> None:
        """The office finds its own."""
        self.correct(now, "appraise", self.again())

    def correct(self, now: datetime, step: str, who: str) -> None:
        self.in_force()
        self.enter(step, who=who)
        self.last, self.correct_by = None, self.in_three_days(now)

    def agree(self, now: datetime) -> None:
        self.go(self.at("correct"), now, "appraise", who=self.again())

    def stand(self, now: datetime) -> None:
        self.at("correct", "appraise")
        if not self.correct_by:
            raise No("not_correcting")
        self.correct_by, self.results = None, self.issued
        self.end(RETURNED)

    def cancel(self, now: datetime) -> None:
        self.in_force()
        self.cancelled = True

    def in_force(self) -> None:
        if self.state != RETURNED:
            raise No("not_returned")
        if self.correct_by:
            raise No("correcting")
        if self.cancelled:
            raise No("already_cancelled")

    def not_returned(self) -> None:
        if self.state == RETURNED:
            raise No("wrong_state")

    def in_three_days(self, now: datetime) -> datetime:
        day = now.date()
        for _day in range(3):
            day = self.next_day(day)
        return datetime.combine(day, time(17), now.tzinfo)

    def next_day(self, day: date) -> date:
        while True:
            day += timedelta(days=1)
            if any(self.works(datetime.combine(day, time(hour))) for hour in (8, 14)):
                return day

    def worked(self, start: datetime, end: datetime) -> int:
        return sum(self.works(start + MINUTE * n) for n in range(int((end - start) / MINUTE)))

    def after(self, start: datetime, minutes: int) -> datetime:
        while minutes:
            minutes -= self.works(start)
            start += MINUTE
        return start
