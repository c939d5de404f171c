"""Drawing processes: drafts, which leave no trace in the ledger, and publishing."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import models
from django.utils.translation import gettext as _

from tinhso.core.accounts.models import Account
from tinhso.core.agencies.models import Staff
from tinhso.core.agencies.queries import scope
from tinhso.core.forms.conditions import Condition
from tinhso.core.ledger.actions import Actor, Refused, action, record

from .actions import define
from .bpmn.reading import read
from .bpmn.safe import parse
from .bpmn.ways import ways, with_condition
from .bpmn.writing import write
from .events import ProcessPublished
from .graph import graph_of
from .models import Definition, Drawing


def drawings(staff: Staff | None) -> models.QuerySet[Drawing]:
    """Drawings of the agencies in reach."""
    return scope(Drawing.objects.all(), staff)


def published() -> list[tuple[str, Definition]]:
    """Processes that a procedure may be given: the name each was drawn under, and its definition."""
    rows = Drawing.objects.exclude(definition=None).select_related("definition").order_by("name", "id")
    return [(row.name, row.definition) for row in rows if row.definition]


@action
def begin(name: str, xml: bytes, *, agency: UUID, by: Account, at: datetime) -> Drawing:
    """A new drawing from a BPMN file, whatever is wrong with it; only unsafe XML is refused."""
    drawing = Drawing(agency_id=agency, name=_named(name), xml=_text(xml), updated_at=at, updated_by=by)
    drawing.save(force_insert=True)
    return drawing


@action
def begin_from(name: str, definition: Definition, *, agency: UUID, by: Account, at: datetime) -> Drawing:
    """A new drawing of a process that exists."""
    return begin(name, write(graph_of(definition.digest), name), agency=agency, by=by, at=at)


@action
def keep(drawing: Drawing, xml: bytes, *, name: str, revision: int, by: Account, at: datetime) -> Drawing:
    """Keep what was drawn. `revision` is the one that was opened: what another has kept since is not lost."""
    kept = Drawing.objects.filter(pk=drawing.pk, revision=revision).update(
        name=_named(name), xml=_text(xml), revision=revision + 1, updated_at=at, updated_by=by
    )
    if not kept:
        now = Drawing.objects.select_related("updated_by").filter(pk=drawing.pk).first()
        if now is None:
            raise Refused("gone", _("This drawing has been discarded."))
        raise Refused(
            "changed_meanwhile",
            _("%(who)s has changed this drawing since you opened it. Download yours, then open it again.")
            % {"who": now.updated_by.display_name},
        )
    return Drawing.objects.get(pk=drawing.pk)


@action
def choose_form(drawing: Drawing, key: str, *, by: Account, at: datetime) -> Drawing:
    """Let its conditions choose from the questions of this form, by its key in `asked`. What is drawn stays."""
    drawing.form, drawing.updated_by, drawing.updated_at = key[:160], by, at
    drawing.save(update_fields=["form", "updated_by", "updated_at"])
    return drawing


@action
def decide(
    drawing: Drawing, way: str, condition: Condition | None, *, seen: str, label: str, by: Account, at: datetime
) -> Drawing:
    """Take a way out of a gateway when this holds; None: when no other is taken. `label` says it in words.

    `seen` is what stood there when it was opened: people who change different ways do not meet. Raises `Refused`.
    """
    drawing = Drawing.objects.select_for_update().get(pk=drawing.pk)
    found = ways(drawing.xml.encode()).find(way)
    if found is None:
        raise Refused("gone", _("This way is no longer in the drawing."))
    if found[1].text != seen:
        message = _("Somebody has changed this condition since you opened it. What you chose is still here.")
        raise Refused("changed_meanwhile", message)
    drawing.xml = _text(with_condition(drawing.xml.encode(), way, condition, label))
    drawing.revision, drawing.updated_at, drawing.updated_by = drawing.revision + 1, at, by
    drawing.save(update_fields=["xml", "revision", "updated_at", "updated_by"])
    return drawing


@action
def publish(drawing: Drawing, *, by: Actor, at: datetime) -> Drawing:
    """Make the drawing a definition that procedures may use. Dossiers go on by the one they began with.

    Raises `Refused`, naming everything that is wrong with it.
    """
    drawing = Drawing.objects.select_for_update().get(pk=drawing.pk)
    reading = read(drawing.xml.encode())
    if reading.body is None:
        words = "; ".join(finding.message for finding in reading.findings)
        raise Refused("process_invalid", words, field="process", status=422)
    definition = define(reading.body)
    if drawing.definition_id == definition.pk:
        return drawing
    drawing.definition, drawing.published_at = definition, at
    drawing.save(update_fields=["definition", "published_at"])
    record(ProcessPublished(definition.digest), subject=drawing, by=by, at=at, agency=drawing.agency_id)
    return drawing


@action
def discard(drawing: Drawing) -> None:
    """Throw a drawing away that was never published; what is published stays known by its name."""
    if not Drawing.objects.filter(pk=drawing.pk, definition=None).delete()[0]:
        raise Refused("published", _("This process has been published; it stays."))


def _named(name: str) -> str:
    if not (name := " ".join(name.split())[:200]):
        raise Refused("name_missing", _("Give the process a name."), field="name", status=422)
    return name


def _text(xml: bytes) -> str:
    """The XML as text, read once to be sure that it is safe, and written plainly."""
    import lxml.etree as etree

    return str(etree.tostring(parse(xml), encoding="unicode"))
