"""Procedures, their versions and variants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tinhso.core.forms.models import FormVersion
from tinhso.core.ledger.actions import new_id
from tinhso.core.process.models import Definition
from tinhso.core.worktime.calendar import Unit, WorkDuration

from .national.doubts import Why
from .reasons import REASONS

VECTOR = SearchVector("search", config="simple")


def in_language(vietnamese: str, english: str) -> str:
    """The English words for those who read English, where there are any."""
    return english if english and (get_language() or "").startswith("en") else vietnamese


class Field(models.Model):
    """A field of administration (lĩnh vực), such as civil status."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=300)
    name_en = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("field of procedures")
        verbose_name_plural = _("fields of procedures")

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The name in the reader's language."""
        return in_language(self.name, self.name_en)


class Procedure(models.Model):
    """A procedure by its national code, through all its versions."""

    class Level(models.TextChoices):
        MINISTRY = "ministry", _("Ministry")
        PROVINCE = "province", _("Province")
        COMMUNE = "commune", _("Commune")
        BOTH = "both", _("Province and commune")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=40, unique=True, help_text="1.004873, provincial ones with a suffix")
    name = models.CharField(max_length=2000)
    name_en = models.CharField(max_length=2000, blank=True)
    field = models.ForeignKey(Field, models.PROTECT, related_name="procedures")
    level = models.CharField(max_length=10, choices=Level.choices)
    words = models.TextField(blank=True, help_text="Other words people say for it")
    errands = models.JSONField(default=list, help_text="What people come for: [{label, icon}]")
    search = models.TextField(blank=True, help_text="Names, code and other words for it, folded; can be rebuilt")
    facets = ArrayField(
        models.CharField(max_length=120), default=list, help_text="Of the version in force; empty: none is in force"
    )

    class Meta:
        verbose_name = _("procedure")
        verbose_name_plural = _("procedures")
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^\d\.\d{6}(\.\d{2,3}){0,3}(\.[A-Z]\d{2})?$"), name="procedure_code_form"
            ),
            models.CheckConstraint(
                condition=Q(level__in=["ministry", "province", "commune", "both"]), name="procedure_level"
            ),
        ]
        indexes = [
            GinIndex(VECTOR, name="procedure_words"),
            GinIndex(fields=["facets"], name="procedure_offered"),
            models.Index(fields=["code"], name="procedure_errands", condition=~Q(errands=[])),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def title(self) -> str:
        """The name in the reader's language."""
        return in_language(self.name, self.name_en)


class ProcedureVersion(models.Model):
    """What was published at one time. At most one version of a procedure is in force."""

    class Online(models.TextChoices):
        """How far it goes without visiting the office (NĐ 42/2022, article 11)."""

        FULL = "full", _("Wholly online")
        PARTIAL = "partial", _("Partly online")
        INFORMATION = "information", _("Information only")

    class Origin(models.TextChoices):
        """Who made it: what a person made, the national database never overwrites."""

        SHIPPED = "shipped", _("Came with the install")
        NATIONAL = "national", _("National database")
        EDITOR = "editor", _("Catalogue editor")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the canonical data it was published from")
    published_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(max_length=60, blank=True, help_text="That published it: 163/QĐ-BTP")
    online = models.CharField(max_length=12, choices=Online.choices)
    summary = models.TextField(blank=True, help_text="What it is for, in a sentence")
    applicants = models.TextField(blank=True)
    steps = models.JSONField(default=list, help_text="What happens, a sentence each")
    requirements = models.JSONField(default=list, help_text="Conditions, a sentence each")
    authority = models.TextField(blank=True, help_text="Who decides")
    result = models.TextField(blank=True)
    legal_basis = models.JSONField(default=list, help_text="[{number, title}]")
    complaint = models.TextField(blank=True, help_text="How to complain")
    origin = models.CharField(max_length=8, choices=Origin.choices, default=Origin.SHIPPED)
    notice = models.JSONField(
        default=dict,
        help_text="Why one cannot apply here, and where to go: {why, place}; others: not ours",
    )
    stated = models.JSONField(default=dict, help_text="As the national database says it, in its words: {ways, papers}")
    facets = ArrayField(
        models.CharField(max_length=120), default=list, help_text="field:ho-tich, level:commune… it is counted under"
    )

    class Meta:
        verbose_name = _("version of a procedure")
        verbose_name_plural = _("versions of procedures")
        constraints = [
            models.UniqueConstraint(fields=["procedure", "number"], name="procedure_version_once"),
            models.UniqueConstraint(
                fields=["procedure"], condition=Q(withdrawn_at=None), name="procedure_one_version_in_force"
            ),
            models.CheckConstraint(
                condition=Q(online__in=["full", "partial", "information"]), name="procedure_version_online"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(withdrawn_at__gte=models.F("published_at")),
                name="procedure_version_validity",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.procedure.code} v{self.number}"


class Variant(models.Model):
    """A case (trường hợp) of a procedure: how long, how much, by which form and process."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    version = models.ForeignKey(ProcedureVersion, models.PROTECT, related_name="variants")
    key = models.SlugField(max_length=60)
    order = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=2000)
    name_en = models.CharField(max_length=2000, blank=True)
    amount = models.PositiveSmallIntegerField(help_text="Time limit; 0 working days is the same day")
    unit = models.CharField(max_length=15, choices=[(unit.value, unit.value) for unit in Unit])
    cutoff = models.TimeField(null=True, blank=True, help_text="What comes later counts from the next working day")
    fee_rule = models.JSONField(help_text="See `fees`")
    channels = ArrayField(models.CharField(max_length=8), help_text="counter, online, post")
    form = models.ForeignKey(FormVersion, models.PROTECT, related_name="+")
    process = models.ForeignKey(Definition, models.PROTECT, related_name="+")
    components = models.JSONField(default=list, help_text="[{key, name, copies, kind, required, accept, where}]")
    applicant = models.CharField(max_length=60, default="requester", help_text="Path of the applicant in the answers")
    decider = models.CharField(
        max_length=8, blank=True, choices=[("province", "province")], help_text="province: its committee decides"
    )
    competence = models.JSONField(
        default=list, help_text="Paths of addresses; the commune of the first answered decides; none: where handed in"
    )
    result_form = models.ForeignKey(FormVersion, models.PROTECT, related_name="+", help_text="What the officer states")
    result_start = models.JSONField(help_text="What that form starts with, from the answers; see `results`")
    result_letter = models.CharField(max_length=60, help_text="Template of the result in `letters/`")
    result_data = models.JSONField(help_text="The letter's data from what the officer stated; see `results`")
    notation = models.CharField(max_length=40, help_text="After the number of the result: UBND-XNTTHN")

    class Meta:
        verbose_name = _("variant of a procedure")
        verbose_name_plural = _("variants of procedures")
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="variant_once"),
            models.CheckConstraint(condition=Q(unit__in=[unit.value for unit in Unit]), name="variant_unit"),
            models.CheckConstraint(
                condition=Q(channels__contained_by=["counter", "online", "post"], channels__len__gt=0),
                name="variant_channels",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} {self.key}"

    @property
    def title(self) -> str:
        """The name in the reader's language."""
        return in_language(self.name, self.name_en)

    @property
    def duration(self) -> WorkDuration:
        return WorkDuration(self.amount, self.unit)

    def deciding_commune(self, answers: Mapping[str, Any]) -> str:
        """Unit code of the commune that is competent, from answers by path; empty: where it is handed in."""
        return next((answers[f"{path}.commune"] for path in self.competence if f"{path}.commune" in answers), "")

    @property
    def online(self) -> bool:
        return "online" in self.channels


class Facet(models.Model):
    """By what the catalogue is browsed, and how many versions in force it has, kept by publishing and withdrawing."""

    key = models.CharField(max_length=120, primary_key=True, help_text="field:ho-tich, event:marriage, online:full")
    name = models.CharField(max_length=300)
    name_en = models.CharField(max_length=300, blank=True)
    services = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("way of browsing")
        verbose_name_plural = _("ways of browsing")

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The name in the reader's language."""
        return in_language(self.name, self.name_en)

    @property
    def value(self) -> str:
        """The key without its kind."""
        return self.key.partition(":")[2]


class NationalRow(models.Model):
    """A procedure as the national database last said it."""

    class State(models.TextChoices):
        """What became of it here."""

        USABLE = "usable", _("Can be applied for")
        WAITING = "waiting", _("Waits for an official")
        INFORMATION = "information", _("Information only")
        KEPT = "kept", _("Ours is kept")

    code = models.CharField(max_length=40, primary_key=True)
    raw = models.JSONField()
    digest = models.CharField(max_length=64, help_text="Of the row, of the rules and of the answers it was made with")
    state = models.CharField(max_length=12, choices=State.choices)
    read_at = models.DateTimeField(help_text="When it last changed")

    class Meta:
        verbose_name = _("row of the national database")
        verbose_name_plural = _("rows of the national database")
        indexes = [models.Index(fields=["state", "code"], name="national_row_state")]

    def __str__(self) -> str:
        return self.code


class Flag(models.Model):
    """Something that the national database does not say for certain; an official answers it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    row = models.ForeignKey(NationalRow, models.CASCADE, related_name="flags")
    why = models.CharField(max_length=30)
    where = models.CharField(max_length=40, help_text="Path in the row: ways.0.time")
    excerpt = models.CharField(max_length=300)
    blocks = models.BooleanField(help_text="Until it is answered nobody can apply")
    answer = models.JSONField(null=True, help_text="{amount, unit} or {amount}, in đồng")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=80, blank=True)

    class Meta:
        verbose_name = _("question about a procedure")
        verbose_name_plural = _("questions about procedures")
        constraints = [models.UniqueConstraint(fields=["row", "where", "why"], name="flag_once")]
        indexes = [models.Index(fields=["row", "id"], name="flag_open", condition=Q(answered_at=None, blocks=True))]

    def __str__(self) -> str:
        return f"{self.row_id} {self.where} {self.why}"

    @property
    def reason(self) -> str:
        """Why a person has to look, in the reader's words."""
        return str(REASONS[Why(self.why)])

    @property
    def asks(self) -> str:
        """What an official can say: `time` or `fee`; empty: only that they have seen it."""
        what = self.where.rpartition(".")[2]
        return what if self.blocks and what in ("time", "fee") else ""


class ImportRun(models.Model):
    """One reading of the national database that changed something."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    file = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file")
    at = models.DateTimeField()
    counts = models.JSONField(default=dict)
    bad = models.JSONField(default=list, help_text="[{line, reason}], the first hundred")

    class Meta:
        verbose_name = _("synchronisation")
        verbose_name_plural = _("synchronisations")
        indexes = [models.Index(fields=["-at"], name="import_newest")]

    def __str__(self) -> str:
        return self.file


class Revision(models.Model):
    """A change of the catalogue on its way: drafted by one official, published by another."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        REVIEW = "review", _("In review")
        PUBLISHED = "published", _("Published")
        DISCARDED = "discarded", _("Discarded")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=40)
    base = models.ForeignKey(ProcedureVersion, models.PROTECT, null=True, related_name="+", help_text="It began from")
    data = models.JSONField(help_text="In the form of `data/*.json`")
    checklist = models.JSONField(default=dict, help_text="Criterion of the service level → met or not")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    remark = models.TextField(blank=True, help_text="Why, and what the reviewer wants changed")
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    published = models.ForeignKey(ProcedureVersion, models.PROTECT, null=True, related_name="+")
    edition = models.PositiveIntegerField(default=1, help_text="Rises with every change that is kept")
    editors = ArrayField(models.UUIDField(), default=list, help_text="Accounts that changed it: none of them reviews")

    class Meta:
        verbose_name = _("revision of a procedure")
        verbose_name_plural = _("revisions of procedures")
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=Q(state__in=["draft", "review"]), name="revision_open_once"
            ),
            models.CheckConstraint(
                condition=Q(reviewer=None) | ~Q(reviewer=models.F("author")), name="revision_four_eyes"
            ),
        ]
        indexes = [models.Index(fields=["state", "-changed_at"], name="revision_state")]

    def __str__(self) -> str:
        return f"{self.code} {self.get_state_display()}"


class RevisionStep(models.Model):
    """What an open revision was before a change: to undo it, and to tell apart what two people changed at once."""

    revision = models.ForeignKey(Revision, models.CASCADE, related_name="earlier")
    edition = models.PositiveIntegerField()
    data = models.JSONField()
    checklist = models.JSONField()
    by = models.CharField(max_length=80, help_text="Who changed it then")

    class Meta:
        verbose_name = _("earlier state of a revision")
        verbose_name_plural = _("earlier states of revisions")
        constraints = [models.UniqueConstraint(fields=["revision", "edition"], name="revision_step_once")]

    def __str__(self) -> str:
        return f"{self.revision_id} {self.edition}"
