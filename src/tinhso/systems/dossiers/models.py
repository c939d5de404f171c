"""A dossier and what belongs to it."""

from __future__ import annotations

import base64
import hmac
import uuid
from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tinhso.core.accounts.models import Business, Person
from tinhso.core.agencies.models import Agency
from tinhso.core.files.models import FileLink
from tinhso.core.forms.models import FormVersion
from tinhso.core.ledger.actions import new_id
from tinhso.core.numbering.models import Number
from tinhso.core.process.models import Task
from tinhso.systems.procedures.models import Variant


class State(models.IntegerChoices):
    """States as the national portal numbers them (`TrangThaiHoSo`)."""

    NEW = 1, _("Newly submitted")
    ACCEPTED = 2, _("Accepted")
    REFUSED = 3, _("Not accepted")
    IN_PROCESS = 4, _("In process")
    SUPPLEMENT = 5, _("Supplement requested")
    PAYMENT = 6, _("Payment requested")
    WITHDRAWN = 7, _("Withdrawn by the applicant")
    STOPPED = 8, _("Stopped")
    PROCESSED = 9, _("Processed, result waiting")
    RETURNED = 10, _("Result returned")


CLOSED = (State.REFUSED, State.WITHDRAWN, State.STOPPED, State.RETURNED)


class Channel(models.IntegerChoices):
    """How it came in (`KenhThucHien`)."""

    COUNTER = 1, _("At the counter")
    ONLINE = 2, _("Online")
    POST = 3, _("By public post")


class ApplicantKind(models.IntegerChoices):
    """Who applies (`LoaiDoiTuong`)."""

    CITIZEN = 1, _("Citizen")
    BUSINESS = 2, _("Business")
    STATE_AGENCY = 3, _("State agency")
    OTHER = 4, _("Other organisation")


class Dossier(models.Model):
    """One application. What the applicant said is a snapshot; corrections never reach back into it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=60, unique=True)
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+")
    procedure_code = models.CharField(max_length=40)
    procedure_name = models.CharField(max_length=500)
    channel = models.SmallIntegerField(choices=Channel.choices)
    state = models.SmallIntegerField(choices=State.choices, default=State.NEW)
    receiving_agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", help_text="Competent to decide")
    applicant = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    applicant_kind = models.SmallIntegerField(choices=ApplicantKind.choices, default=ApplicantKind.CITIZEN)
    business = models.ForeignKey(
        Business, models.PROTECT, null=True, db_index=False, related_name="+",
        help_text="Applies in its own name; `account` acted for it",
    )  # fmt: skip
    applicant_name = models.CharField(max_length=250)
    phone = models.CharField(max_length=20, blank=True)
    email = models.EmailField(blank=True)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="dossiers")
    form = models.ForeignKey(FormVersion, models.PROTECT, related_name="+")
    answers = models.JSONField()
    submitted_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True)
    correct_by = models.DateTimeField(null=True, help_text="Until when a mistake in its returned result is corrected")
    fee = models.PositiveIntegerField(default=0, help_text="Owed, in đồng")
    supplements = models.PositiveSmallIntegerField(default=1, help_text="How often the applicant may be asked for more")
    salt = models.BinaryField(max_length=16, help_text="Of every digest the ledger keeps; gone when erased")

    class Meta:
        indexes = [
            models.Index(fields=["account", "-submitted_at"], name="dossier_mine", condition=Q(account__isnull=False)),
            models.Index(fields=["applicant", "-submitted_at"], name="dossier_of_person"),
            models.Index(
                fields=["business", "-submitted_at"], name="dossier_of_business", condition=Q(business__isnull=False)
            ),
            models.Index(fields=["agency", "due_at"], name="dossier_open", condition=Q(finished_at=None)),
            # Lists behind figures: of a whole province newest first, and what one agency has finished of late.
            models.Index(fields=["-submitted_at", "-id"], name="dossier_newest"),
            models.Index(fields=["agency", "finished_at"], name="dossier_finished"),
            models.Index(fields=["agency", "submitted_at"], name="dossier_received"),
            # Those that wait for their applicants: few of many, where they are decided and where they were received.
            models.Index(fields=["agency"], name="dossier_asked_more", condition=Q(state=5)),
            models.Index(fields=["receiving_agency"], name="dossier_asked_more_here", condition=Q(state=5)),
        ]
        constraints = [
            models.CheckConstraint(name="dossier_state", condition=Q(state__in=State.values)),
            models.CheckConstraint(
                name="dossier_of_one_applicant",
                condition=Q(business=None) | Q(applicant=None, applicant_kind=ApplicantKind.BUSINESS),
            ),
            models.CheckConstraint(
                name="dossier_accepted_has_due",
                condition=Q(accepted_at=None, due_at=None) | Q(accepted_at__isnull=False, due_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def secret(self) -> str:
        """Eight letters and digits printed on the slip; with the code they open the public look-up."""
        mac = hmac.digest(settings.TINHSO.key("slip-secret"), self.id.bytes, "sha256")
        return base64.b32encode(mac)[:8].decode()

    @property
    def is_paused(self) -> bool:
        """Whether its clock stands still, waiting for the applicant."""
        return self.state == State.SUPPLEMENT

    @property
    def result(self) -> Result | None:
        """The newest: in force, or still being made, also in the place of one with a mistake."""
        return self.results.select_related("number__book").order_by("-version").first()

    def digest(self, content: bytes) -> str:
        """What the ledger keeps of bytes: worthless to anyone once the salt is erased."""
        return hmac.digest(bytes(self.salt), content, "sha256").hex()

    def late_at(self, at: datetime) -> bool:
        """Whether the promise to the applicant is broken at that moment."""
        return self.due_at is not None and (self.finished_at or at) > self.due_at


class Component(models.Model):
    """One paper of a dossier, as a stored file."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="components")
    key = models.CharField(max_length=60)
    name = models.CharField(max_length=300)
    file = models.ForeignKey(FileLink, models.PROTECT, related_name="+")
    supplement = models.ForeignKey(
        "Supplement", models.CASCADE, null=True, related_name="papers", help_text="With which it came later"
    )


class Letter(models.Model):
    """An official letter of a dossier. It has its number at once; its PDF is made by a job."""

    class Form(models.TextChoices):
        """TT 03/2025/TT-VPCP."""

        SLIP = "01", _("Receipt and appointment slip")
        SUPPLEMENT = "02", _("Request to complete the dossier")
        REFUSAL = "03", _("Refusal")
        APOLOGY = "04", _("Apology and new date")
        STOP = "05", _("Notice that processing stops")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="letters")
    form = models.CharField(max_length=2, choices=Form.choices)
    number = models.OneToOneField(Number, models.PROTECT, related_name="+")
    reason = models.TextField(blank=True)
    made_at = models.DateTimeField(help_text="Date the letter bears")
    file = models.ForeignKey(FileLink, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["made_at"], name="letter_asking_more", condition=Q(form="02"))]
        constraints = [  # only the applicant may be asked more than once, as a breach
            models.UniqueConstraint(name="letter_once", fields=["dossier", "form"], condition=~Q(form="02"))
        ]


class Supplement(models.Model):
    """What the applicant is asked to add (form 02), and what came of it. The clock stands still in between."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="requests")
    letter = models.OneToOneField(Letter, models.CASCADE, related_name="supplement")
    until = models.DateTimeField(help_text="By when it is asked for")
    breach = models.BooleanField(default=False, help_text="Asked again, which a leader allowed")
    received_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True, help_text="The applicant's words with it")
    due_before = models.DateTimeField(null=True)
    due_after = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["until"], name="supplement_waiting", condition=Q(received_at=None))]


class Extension(models.Model):
    """More time that an officer asks for, before the promised time is over, and what the leader decided."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="extensions")
    task = models.OneToOneField(Task, models.PROTECT, related_name="+")
    due_before = models.DateTimeField()
    due_after = models.DateTimeField()
    reason = models.TextField(help_text="As the applicant reads it in form 04")
    letter = models.OneToOneField(Letter, models.CASCADE, null=True, related_name="extension")


class Answer(models.TextChoices):
    """How the step of a consulted agency ends."""

    AGREE = "agree", _("Agrees")
    DISAGREE = "disagree", _("Does not agree")
    NO_OPINION = "no_opinion", _("Has no opinion")
    WAIVED = "waived", _("Went on without an answer")


class Consultation(models.Model):
    """What one agency is asked about a dossier, what it gets to see for that, and its opinion. Which agency, by
    when, and how it ended are its task's."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="consultations")
    task = models.OneToOneField(Task, models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    question = models.TextField(blank=True)
    form = models.BooleanField(default=True, help_text="The answers of the application may be read")
    papers = ArrayField(models.UUIDField(), default=list, help_text="Components that may be read")
    opinion = models.TextField(blank=True)
    file = models.ForeignKey(FileLink, models.PROTECT, null=True, related_name="+")
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    def late_at(self, at: datetime) -> bool:
        """Whether the agency still owes its answer at that moment."""
        return self.task.closed_at is None and self.task.due_at is not None and self.task.due_at <= at

    @property
    def answer(self) -> str:
        """The answer in words; empty while it is open, or where the work ended without it."""
        return str(Answer(self.task.outcome).label) if self.task.outcome in Answer.values else ""


class Result(models.Model):
    """The decision itself: drafted, signed by the leader, numbered, sealed by the agency. One that corrects a mistake
    of the office is the next version; both are kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dossier = models.ForeignKey(Dossier, models.CASCADE, db_index=False, related_name="results")
    version = models.PositiveSmallIntegerField(default=1, help_text="From 2 on it corrects the one before")
    code = models.CharField(max_length=80, unique=True, help_text="Dossier code and -KQ (NĐ 45/2020, article 14)")
    token = models.UUIDField(default=uuid.uuid4, unique=True, help_text="In the QR; unguessable")
    content = models.JSONField(help_text="What the officer proposes to state: the letter's data")
    revision = models.PositiveSmallIntegerField(default=1, help_text="Counts proposals after being sent back")
    draft = models.ForeignKey(FileLink, models.PROTECT, null=True, related_name="+")
    signed = models.ForeignKey(FileLink, models.PROTECT, null=True, related_name="+")
    issued = models.ForeignKey(FileLink, models.PROTECT, null=True, related_name="+")
    signer = models.ForeignKey("agencies.Staff", models.PROTECT, related_name="+", help_text="Whose name it bears")
    signed_at = models.DateTimeField(null=True)
    number = models.OneToOneField(Number, models.PROTECT, null=True, related_name="+")
    numbered_at = models.DateTimeField(null=True)
    issued_at = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True, help_text="Of one that corrects; the first, with its dossier")
    replaced_at = models.DateTimeField(null=True, help_text="A corrected one was issued in its place; it is kept")
    cancelled_at = models.DateTimeField(null=True, help_text="It is kept, and whoever verifies it is told")

    class Meta:
        indexes = [models.Index(fields=["issued_at"], name="result_corrected", condition=Q(version__gt=1))]
        constraints = [models.UniqueConstraint(name="result_of_version", fields=["dossier", "version"])]

    @property
    def ended_at(self) -> datetime | None:
        """Since when it holds no longer."""
        return self.cancelled_at or self.replaced_at

    @property
    def book(self) -> str:
        """The agency's book of this kind of result: `result:1.004873`."""
        return f"result:{self.dossier.procedure_code}"

    @property
    def notation(self) -> str:
        """Number and notation as printed, `15/UBND-XNTTHN`; empty before it has one."""
        return f"{self.number.value}/{self.dossier.variant.notation}" if self.number else ""

    @property
    def file(self) -> FileLink | None:
        """The newest form of the document."""
        return self.issued or self.signed or self.draft


# Results that the applicant has: the first with the dossier's return, a corrected one by a return of its own.
HANDED_OVER = Q(version=1, dossier__state=State.RETURNED) | Q(returned_at__isnull=False)


class FeeReceipt(models.Model):
    """Cash taken at the counter."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="receipts")
    amount = models.PositiveIntegerField(help_text="In đồng")
    number = models.OneToOneField(Number, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="receipt_amount", condition=Q(amount__gt=0)),
            models.UniqueConstraint(name="receipt_once", fields=["dossier"]),
        ]


class Note(models.Model):
    """What officials tell each other about a dossier. Applicants never see it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField()
    mentioned = ArrayField(models.UUIDField(), default=list, help_text="Accounts that were told")
    at = models.DateTimeField()


class Phrase(models.Model):
    """A reason that an agency writes often, to begin with where a verb asks for one."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    verb = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    text = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(name="phrase_once", fields=["agency", "verb", "name"])]

    def __str__(self) -> str:
        return self.name


class TakenOver(models.Model):
    """That a dossier began in another system. It outlives an erased dossier, so that no file brings that one back."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.BinaryField(max_length=32, unique=True, help_text="Keyed hash of the system and its id of the dossier")
    dossier = models.OneToOneField(Dossier, models.SET_NULL, null=True, related_name="taken_over")
    system = models.CharField(max_length=40)
    old_id = models.CharField(max_length=80, blank=True, help_text="There; blank once erased")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.system} {self.old_id}"


class Earlier(models.Model):
    """One line of a dossier's history in the system it began in; with `until`, the clock stood still."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="earlier")
    at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    what = models.CharField(max_length=200, blank=True)
    who = models.CharField(max_length=120, blank=True)
    words = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="earlier_pause_ends", condition=Q(until=None) | Q(until__gt=models.F("at")))
        ]


class Takeover(models.Model):
    """A file of open dossiers on its way in. Its rows, which are personal data, are kept only until they are in."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200)
    rows = models.JSONField(default=list)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    taken = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    faults = models.JSONField(default=list, help_text="[[row, column, what to do]]")
    remarks = models.JSONField(default=list, help_text="[[row, column, what to know]]")

    def __str__(self) -> str:
        return self.name


from .filters.models import Filter as Filter  # noqa: E402  # a model as well: Django looks for them here
