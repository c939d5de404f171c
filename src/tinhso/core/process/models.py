"""Definitions and tasks."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from tinhso.core.agencies.models import Agency
from tinhso.core.ledger.actions import new_id

from .graph import ASIDES, Graph, Step, graph_of


class Definition(models.Model):
    """An immutable step graph, named by the SHA-256 of its canonical JSON."""

    digest = models.CharField(max_length=64, primary_key=True)
    body = models.JSONField()

    @property
    def graph(self) -> Graph:
        return graph_of(self.digest)


class Fork(models.Model):
    """Parallel branches of one subject that are under way and meet in a join.

    Who completes or closes anything in a branch locks the open forks of the subject first.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    subject_id = models.UUIDField()
    join = models.CharField(max_length=40, help_text="Key of the join in the graph")
    needed = models.PositiveSmallIntegerField(help_text="Branches the join waits for")
    arrived = models.PositiveSmallIntegerField(default=0)
    outer = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", help_text="Fork around this one")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["subject_id"], name="fork_open", condition=Q(closed_at=None))]


class Task(models.Model):
    """One step of one subject, to be done by a role at an agency.

    `code`, `who` and `what` repeat what an inbox row shows, so that an inbox is one
    indexed query; `who` is personal data and is erased with the subject.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    subject_kind = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    definition = models.ForeignKey(Definition, models.PROTECT, db_index=False)
    step = models.CharField(max_length=40)
    kind = models.CharField(max_length=40)
    code = models.CharField(max_length=80)
    who = models.CharField(max_length=200, blank=True)
    what = models.CharField(max_length=300, blank=True)
    back = models.CharField(max_length=40, blank=True, help_text="Step that goes on when this one, an aside, ends")
    fork = models.ForeignKey(Fork, models.PROTECT, null=True, db_index=False, related_name="+")
    role = models.CharField(max_length=20, blank=True)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="tasks")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, help_text="Of this step")
    subject_due_at = models.DateTimeField(null=True, help_text="Promised to the applicant")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=80, blank=True)
    outcome = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["agency", "role", "due_at", "id"], name="task_inbox", condition=Q(closed_at=None)),
            models.Index(fields=["assignee", "due_at", "id"], name="task_mine", condition=Q(closed_at=None)),
            models.Index(fields=["due_at"], name="task_due", condition=Q(closed_at=None)),
            models.Index(fields=["subject_id", "opened_at"], name="task_subject"),
        ]
        constraints = [
            models.CheckConstraint(
                name="task_closed_with_outcome",
                condition=Q(closed_at=None, outcome="") | (Q(closed_at__isnull=False) & ~Q(outcome="")),
            ),
            # An inbox is in the order of due times.
            models.CheckConstraint(name="task_of_staff_is_due", condition=Q(role="") | Q(due_at__isnull=False)),
            # One open task a step: what starts or follows twice is refused by the database.
            models.UniqueConstraint(name="task_open_once", fields=["subject_id", "step"], condition=Q(closed_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.step}"

    @property
    def node(self) -> Step:
        """Its step in the graph, or the aside that it is."""
        return ASIDES.get(self.step) or graph_of(self.definition_id).step(self.step)

    @property
    def name(self) -> str:
        return self.node.name

    @property
    def waits_for_applicant(self) -> bool:
        return not self.role


class Drawing(models.Model):
    """A process as somebody draws it: a draft, valid or not, until it is published as a definition."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", help_text="Whose administrators draw it")
    name = models.CharField(max_length=200)
    xml = models.TextField(help_text="BPMN 2.0, with the layout")
    revision = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField()
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    form = models.CharField(max_length=160, blank=True, help_text="Whose questions its conditions choose from: asked")
    definition = models.ForeignKey(Definition, models.PROTECT, null=True, related_name="+", help_text="Last published")
    published_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["agency", "name"], name="drawing_of")]

    def __str__(self) -> str:
        return self.name
