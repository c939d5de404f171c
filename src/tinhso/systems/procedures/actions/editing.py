"""The catalogue editor: draft → review → published, by two officials; withdrawn by one.

Any editor of the province goes on with a draft. What it was before each change is kept while it is open, to undo
the change, and to tell apart what two people changed at once. Nobody who changed it reviews it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from tinhso.core.accounts.models import Account
from tinhso.core.forms.definition import digest
from tinhso.core.forms.findings import findings
from tinhso.core.ledger.actions import Actor, Refused, action, record

from .. import rules
from ..checks import faults_of
from ..differences import between, data_of
from ..events import RevisionMoved
from ..models import ProcedureVersion, Revision, RevisionStep
from ..national.row import CODE
from .publishing import publish, withdraw

State = Revision.State
Data = Mapping[str, Any]
STEPS = 50  # changes that can be undone


@action
def draft(data: Mapping[str, Any], *, author: Account, by: Actor, at: datetime) -> Revision:
    """Begin a change of a procedure, or a new one. One change of a procedure is open at a time."""
    code = str(data.get("procedure", {}).get("code", ""))
    if not CODE.fullmatch(code):
        raise Refused(
            "code_invalid", _("Enter the code as the national database gives it: 1.004873."), field="code", status=422
        )
    if Revision.objects.filter(code=code, state__in=[State.DRAFT, State.REVIEW]).exists():
        raise Refused("already_open", _("A change of this procedure is open already. Go on with that one."))
    base = ProcedureVersion.objects.filter(procedure__code=code, withdrawn_at=None).first()
    level = data["version"]["online"]  # what is in force today counts as met, until the author says otherwise
    met = {one["key"]: bool(one.get(level)) for one in rules.criteria(_day(at))}
    revision = Revision(code=code, base=base, data=dict(data), checklist=met, author=author, made_at=at, changed_at=at)
    revision.save(force_insert=True)
    return _moved(revision, by=by, at=at)


@action
def bring_back(version: ProcedureVersion, *, reason: str, author: Account, by: Actor, at: datetime) -> Revision:
    """Ask for what an earlier version said to be published anew, as a new version; another official decides."""
    if len(reason.strip()) < 5:
        raise Refused("reason_missing", _("Say why this version comes back."), field="reason", status=422)
    revision = draft(data_of(version), author=author, by=by, at=at)
    revision.remark = _("Back to version %(number)s: %(reason)s") % {
        "number": version.number,
        "reason": reason.strip(),
    }
    revision.save(update_fields=["remark"])
    return send_to_review(revision, by=by, at=at)


@action
def revise(
    revision: Revision,
    data: Data,
    *,
    checklist: Mapping[str, bool],
    remark: str,
    edition: int | None = None,
    by: Actor,
    at: datetime,
) -> Revision:
    """Keep what an editor changed in the state `edition` (None: in the last one). The service level follows from the
    checklist. Raises `Refused` where somebody has changed it since."""
    revision = _locked(revision, State.DRAFT)
    if edition is not None and edition != revision.edition:
        raise Refused("changed_meanwhile", _("Somebody has changed this draft since you opened it. Save once more."))
    if str(data["procedure"]["code"]) != revision.code:
        raise Refused("code_fixed", _("A draft stays with its procedure."), field="code", status=422)
    met = {key: bool(checklist.get(key)) for key in (one["key"] for one in rules.criteria(_day(at)))}
    online = rules.service_level(met, _day(at)) if data["variants"] else ProcedureVersion.Online.INFORMATION
    notice = {} if data["variants"] else data["version"].get("notice") or {}
    whole = {**data, "version": {**data["version"], "online": str(online), "notice": notice}}
    return _kept(revision, whole, checklist=met, remark=remark.strip(), by=by, at=at)


@action
def redesign(revision: Revision, change: Callable[[dict[str, Any]], Data], *, by: Actor, at: datetime) -> Revision:
    """Change the last state by a function of its data, which raises `Refused` where it does not fit: what others
    change elsewhere in the draft meanwhile stays."""
    revision = _locked(revision, State.DRAFT)
    return _kept(revision, change(revision.data), by=by, at=at)


@action
def undo(revision: Revision, *, by: Actor, at: datetime) -> Revision:
    """Take the last change of a draft back, whoever made it."""
    revision = _locked(revision, State.DRAFT)
    step = revision.earlier.order_by("-edition").first()
    if step is None:
        raise Refused("nothing_to_undo", _("There is nothing to undo."))
    step.delete()
    return _said(revision, step.data, checklist=step.checklist, by=by, at=at)


def _kept(revision: Revision, data: Data, *, by: Actor, at: datetime, **more: Any) -> Revision:
    """The next state of a draft, with the one before it kept."""
    before = RevisionStep(
        revision=revision, edition=revision.edition, data=revision.data, checklist=revision.checklist, by=str(by)
    )
    before.save(force_insert=True)
    revision.earlier.filter(edition__lte=revision.edition - STEPS).delete()
    return _said(revision, data, by=by, at=at, **more)


def _said(revision: Revision, data: Data, *, by: Actor, at: datetime, **more: Any) -> Revision:
    for name, value in {"data": data, **more}.items():
        setattr(revision, name, value)
    revision.edition, revision.changed_at = revision.edition + 1, at
    if by.kind == "account" and (editor := UUID(by.id)) not in revision.editors:
        revision.editors = [*revision.editors, editor]
    revision.save(update_fields=["data", "checklist", "remark", "edition", "editors", "changed_at"])
    return _moved(revision, by=by, at=at)


@action
def send_to_review(revision: Revision, *, by: Actor, at: datetime) -> Revision:
    """The author is done: another official looks. What cannot be published is refused here already."""
    revision = _locked(revision, State.DRAFT)
    if revision.base and not between(data_of(revision.base), revision.data):
        raise Refused("nothing_changed", _("Nothing has been changed yet."))
    for variant in revision.data["variants"]:
        for part, wrong in faults_of(variant).items():
            raise Refused("procedure_invalid", f"{variant['name']}: {wrong}", field=part, status=422)
        for form in (variant["form"], variant["result"]["form"]):
            for _place, wrong in findings(form):
                raise Refused("procedure_invalid", f"{variant['name']}: {wrong}", field="form", status=422)
    revision.state, revision.changed_at = State.REVIEW, at
    revision.save(update_fields=["state", "changed_at"])
    return _moved(revision, by=by, at=at)


@action
def send_back(revision: Revision, *, remark: str, reviewer: Account, by: Actor, at: datetime) -> Revision:
    """The reviewer asks for changes."""
    revision = _locked(revision, State.REVIEW)
    _other_eyes(revision, reviewer)
    if len(remark.strip()) < 5:
        raise Refused("reason_missing", _("Tell the author what to change."), field="remark", status=422)
    revision.state, revision.remark, revision.changed_at = State.DRAFT, remark.strip(), at
    revision.save(update_fields=["state", "remark", "changed_at"])
    return _moved(revision, by=by, at=at)


@action
def publish_revision(revision: Revision, *, reviewer: Account, by: Actor, at: datetime) -> ProcedureVersion:
    """The reviewer brings it into force. Never the author; never over a version that came meanwhile."""
    revision = _locked(revision, State.REVIEW)
    _other_eyes(revision, reviewer)
    now = ProcedureVersion.objects.filter(procedure__code=revision.code, withdrawn_at=None).first()
    if (now and now.pk) != revision.base_id:
        raise Refused("base_changed", _("This procedure was published anew meanwhile. Send it back and compare again."))
    version = publish(revision.data, origin=ProcedureVersion.Origin.EDITOR, by=by, at=at)
    revision.state, revision.reviewer, revision.published, revision.changed_at = State.PUBLISHED, reviewer, version, at
    revision.save(update_fields=["state", "reviewer", "published", "changed_at"])
    revision.earlier.all().delete()
    _moved(revision, by=by, at=at)
    return version


@action
def discard(revision: Revision, *, by: Actor, at: datetime) -> Revision:
    """Give a change up."""
    revision = _locked(revision, State.DRAFT, State.REVIEW)
    revision.state, revision.changed_at = State.DISCARDED, at
    revision.save(update_fields=["state", "changed_at"])
    revision.earlier.all().delete()
    return _moved(revision, by=by, at=at)


@action
def withdraw_procedure(code: str, *, reason: str, by: Actor, at: datetime) -> ProcedureVersion:
    """Take a procedure out of the catalogue; the reason stays with the entry."""
    if len(reason.strip()) < 5:
        raise Refused("reason_missing", _("Say why the procedure is withdrawn."), field="reason", status=422)
    version = (
        ProcedureVersion.objects.filter(procedure__code=code, withdrawn_at=None).select_related("procedure").first()
    )
    if version is None:
        raise Refused("already_withdrawn", _("This version has already been withdrawn."))
    return withdraw(version, by=by, at=at, words=reason.strip())


def _locked(revision: Revision, *states: str) -> Revision:
    found = Revision.objects.select_for_update(of=("self",)).select_related("base").get(pk=revision.pk)
    if found.state not in states:
        raise Refused(
            "revision_moved_on",
            _("This change has moved on meanwhile: %(state)s.") % {"state": found.get_state_display()},
        )
    return found


def _other_eyes(revision: Revision, reviewer: Account) -> None:
    if reviewer.pk == revision.author_id or reviewer.pk in revision.editors:
        raise Refused("four_eyes", _("Another official has to look at your change and publish it."), status=403)


def _moved(revision: Revision, *, by: Actor, at: datetime) -> Revision:
    record(RevisionMoved(revision.code, revision.state, digest(revision.data)), subject=revision, by=by, at=at)
    return revision


def _day(at: datetime) -> Any:
    return timezone.localtime(at).date()
