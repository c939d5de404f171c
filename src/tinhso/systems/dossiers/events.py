"""What dossiers tell the ledger: codes, times and states, nothing about the person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tinhso.core.ledger.events import Event, upcaster


@dataclass(frozen=True)
class DossierSubmitted(Event, name="dossiers.submitted", version=1):
    code: str
    procedure: str
    channel: int
    receiving: UUID
    answers: str  # salted digest of the answers as submitted


@dataclass(frozen=True)
class DossierAccepted(Event, name="dossiers.accepted", version=1):
    procedure: str
    channel: int
    due_at: datetime
    slip: str  # number of form 01


@dataclass(frozen=True)
class DossierRefused(Event, name="dossiers.refused", version=1):
    """With the letter's number; the reason is the entry's remark."""

    procedure: str
    channel: int
    letter: str


@dataclass(frozen=True)
class DossierWithdrawn(Event, name="dossiers.withdrawn", version=1):
    procedure: str
    channel: int


@dataclass(frozen=True)
class DossierAssigned(Event, name="dossiers.assigned", version=1):
    """The unit head chose who appraises it."""

    officer: UUID


@dataclass(frozen=True)
class ResultProposed(Event, name="dossiers.result_proposed", version=1):
    """Appraised: the officer submits a draft for signature; the opinion is the remark."""

    result: str


@dataclass(frozen=True)
class ResultSentBack(Event, name="dossiers.result_sent_back", version=1):
    """The leader returns the draft to the officer; the reason is the remark."""

    result: str


@dataclass(frozen=True)
class LetterMade(Event, name="dossiers.letter_made", version=2):
    """Its PDF is sealed. `late`: an apology (form 04) that came after the promise was over, which it should precede."""

    form: str
    number: str
    late: bool | None  # None: recorded before that was asked
    digest: str  # salted


upcaster("dossiers.letter_made", 1)(lambda data: {**data, "late": None})


@dataclass(frozen=True)
class ResultSigned(Event, name="dossiers.result_signed", version=1):
    result: str
    capacity: str
    certificate: str  # serial number, hexadecimal
    digest: str  # salted


@dataclass(frozen=True)
class ResultNumbered(Event, name="dossiers.result_numbered", version=1):
    result: str
    number: str


@dataclass(frozen=True)
class ResultIssued(Event, name="dossiers.result_issued", version=2):
    """Numbered, dated and sealed; `on_time` by the promise to the applicant, `early` if on an earlier day."""

    result: str
    procedure: str
    channel: int
    on_time: bool
    early: bool | None  # None: recorded before that was asked, as the next two
    worked: int | None  # seconds of working time from acceptance on, without the pauses
    officer: UUID | None  # who submitted it for signature
    digest: str  # salted; public verification recomputes it


upcaster("dossiers.result_issued", 1)(lambda data: {**data, "early": None, "worked": None, "officer": None})


@dataclass(frozen=True)
class FeeTaken(Event, name="dossiers.fee_taken", version=1):
    amount: int  # đồng
    number: str


@dataclass(frozen=True)
class DossierReturned(Event, name="dossiers.returned", version=1):
    procedure: str
    channel: int
    on_time: bool


@dataclass(frozen=True)
class DossierTakenOver(Event, name="dossiers.taken_over", version=1):
    """An open dossier came from another system and goes on here, at this step, by the process in force."""

    code: str
    procedure: str
    channel: int
    receiving: UUID
    system: str
    step: str
    state: int
    submitted_at: datetime
    due_at: datetime | None
    answers: str  # salted digest of the answers as they came


@dataclass(frozen=True)
class DossierErased(Event, name="dossiers.erased", version=1):
    """Rows and bytes are gone at the person's request; what the ledger says stays."""


@dataclass(frozen=True)
class DossierSeen(Event, name="dossiers.seen", version=1):
    """For the access log: an official opened the dossier."""

    code: str
    why: str  # the step they work on, or "reading"


@dataclass(frozen=True)
class DossierLeftAgency(Event, name="dossiers.left_agency", version=1):
    """The competent agency was merged: the dossier counts there no longer."""

    procedure: str


@dataclass(frozen=True)
class DossierInherited(Event, name="dossiers.inherited", version=1):
    """The successor of a merged agency goes on with it, as competent or only as receiving agency."""

    procedure: str
    predecessor: UUID
    competent: bool


@dataclass(frozen=True)
class SignerChanged(Event, name="dossiers.signer_changed", version=1):
    """A substitute or a successor has the result drafted anew for their own signature."""

    result: str
    signer: UUID


@dataclass(frozen=True)
class ConsultationAsked(Event, name="dossiers.consultation_asked", version=1):
    """An agency is asked for its opinion at a step of the process; the question stays out of the ledger."""

    step: str
    consulted: UUID
    due_at: datetime | None


@dataclass(frozen=True)
class ConsultationAnswered(Event, name="dossiers.consultation_answered", version=1):
    step: str
    consulted: UUID
    answer: str  # agree, disagree, no_opinion
    digest: str  # salted, of the opinion and its file


@dataclass(frozen=True)
class ConsultationWaived(Event, name="dossiers.consultation_waived", version=1):
    """The answer was late and the work goes on without it; the reason is the remark."""

    step: str
    consulted: UUID


@dataclass(frozen=True)
class SubmittedForBusiness(Event, name="dossiers.submitted_for_business", version=1):
    """The applicant is a business; who acted for it did so by this authority."""

    business: UUID
    authority: UUID


@dataclass(frozen=True)
class SupplementRequested(Event, name="dossiers.supplement_requested", version=2):
    """The applicant is asked to complete the dossier by `until`; what is missing is the remark. The clock stops."""

    procedure: str  # empty and 0: recorded before that was asked
    channel: int
    letter: str  # number of form 02
    until: datetime
    breach: bool  # asked again (NĐ 118/2025: one full request), which a leader had allowed


upcaster("dossiers.supplement_requested", 1)(lambda data: {**data, "procedure": "", "channel": 0})


@dataclass(frozen=True)
class SupplementAllowed(Event, name="dossiers.supplement_allowed", version=1):
    """A leader lets the applicant be asked once more, against the rule; the reason is the remark."""


@dataclass(frozen=True)
class SupplementReceived(Event, name="dossiers.supplement_received", version=1):
    """The clock runs again; `due_at` is the new promise, None before acceptance."""

    letter: str
    papers: int
    due_at: datetime | None
    digest: str  # salted, of the applicant's words and the papers


@dataclass(frozen=True)
class DossierStopped(Event, name="dossiers.stopped", version=1):
    """With the number of form 05; the reason is the remark."""

    procedure: str
    channel: int
    letter: str


@dataclass(frozen=True)
class ExtensionAsked(Event, name="dossiers.extension_asked", version=1):
    """An officer asks the leader for more time; the reason is the remark."""

    until: datetime


@dataclass(frozen=True)
class DossierExtended(Event, name="dossiers.extended", version=1):
    """The leader promises another time before the first was over, with an apology (form 04)."""

    before: datetime
    due_at: datetime
    letter: str


@dataclass(frozen=True)
class ExtensionDeclined(Event, name="dossiers.extension_declined", version=1):
    """The promise stands; the reason is the remark."""


@dataclass(frozen=True)
class PromisesEnding(Event, name="dossiers.promises_ending", version=1):
    """Promises of an agency end with its next working day, and nobody has apologised: who was told this morning."""

    until: datetime
    promises: int
    told: tuple[UUID, ...]  # accounts


@dataclass(frozen=True)
class DossierTransferred(Event, name="dossiers.transferred", version=1):
    """It came to the wrong place and goes on at the agency of this entry; the reason is the remark."""

    procedure: str
    sender: UUID
    to: UUID


@dataclass(frozen=True)
class StepTakenBack(Event, name="dossiers.step_taken_back", version=1):
    """A slip of the hand is undone: this step is open again, by who had done it minutes ago."""

    step: str
    outcome: str


@dataclass(frozen=True)
class RegisterSeen(Event, name="dossiers.register_seen", version=1):
    """For the access log: an official saw or took along the register (form 07) of an agency, which says whose
    dossiers came from one day to another."""

    agency: UUID
    since: date
    until: date
    form: str  # page, pdf, xlsx


@dataclass(frozen=True)
class ResultCancelled(Event, name="dossiers.result_cancelled", version=1):
    """A returned result holds no longer; it is kept and marked. The reason is the remark."""

    result: str


@dataclass(frozen=True)
class CorrectionAsked(Event, name="dossiers.correction_asked", version=1):
    """A mistake of the office was found in a returned result, by its applicant or by an official, who has it corrected
    at once. The dossier stays returned. What is wrong is the remark."""

    result: str
    by_applicant: bool
    until: datetime


@dataclass(frozen=True)
class CorrectionGranted(Event, name="dossiers.correction_granted", version=1):
    """The head agrees that there is a mistake: it goes back to who appraised."""

    result: str


@dataclass(frozen=True)
class CorrectionDeclined(Event, name="dossiers.correction_declined", version=1):
    """The result stands; why is the remark."""

    result: str


@dataclass(frozen=True)
class CorrectionIssued(Event, name="dossiers.correction_issued", version=1):
    """A corrected result is numbered, dated and sealed, and from now on stands in the place of the one before."""

    result: str
    replaces: str
    procedure: str
    channel: int
    on_time: bool  # by the time promised for the correction
    digest: str  # salted; public verification recomputes it


@dataclass(frozen=True)
class CorrectionReturned(Event, name="dossiers.correction_returned", version=1):
    """The applicant has the corrected result; returning the dossier was told before and is not told again."""

    result: str


@dataclass(frozen=True)
class PapersReused(Event, name="dossiers.papers_reused", version=1):
    """Papers of an application that nobody had to hand in again: the vault had them (NĐ 45/2020)."""

    procedure: str
    channel: int
    papers: int


@dataclass(frozen=True)
class NoteAdded(Event, name="dossiers.note_added", version=1):
    """Officials tell each other something about a dossier; its words are a row that is erased with it."""

    note: UUID
    mentioned: tuple[UUID, ...]  # accounts that are told


@dataclass(frozen=True)
class PhraseKept(Event, name="dossiers.phrase_kept", version=1):
    """An agency keeps a reason it writes often, or changes its words."""

    verb: str


@dataclass(frozen=True)
class PhraseDropped(Event, name="dossiers.phrase_dropped", version=1):
    verb: str


@dataclass(frozen=True)
class FilterKept(Event, name="dossiers.filter_kept", version=1):
    """An official keeps what they look for in the queue; its words are a row."""

    shared: bool


@dataclass(frozen=True)
class FilterDropped(Event, name="dossiers.filter_dropped", version=1):
    """By who made it."""


@dataclass(frozen=True)
class FilterPreferred(Event, name="dossiers.filter_preferred", version=1):
    """The actor's desk begins with it, or no longer."""

    on: bool
