"""Publishing forms, and keeping drafts as people go. Drafts leave no trace in the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from ..files import actions as uploads
from ..files.content import ACCEPTED, Kind
from ..files.derived import JOINABLE, MOST, join
from ..files.models import FileLink
from ..ledger.actions import Actor, Refused, action, record
from . import flow
from .definition import FormDefinition, digest, flat, nested
from .events import FormPublished
from .kinds import MAX_FILES, File
from .layout import Question
from .models import Draft, FormVersion
from .page import JOIN, REFRESH, TAKE, PageForm
from .prefill import Source, prefill
from .shelves import offers, shelf_of


@action
def publish(definition: Mapping[str, Any], *, by: Actor, at: datetime) -> FormVersion:
    """The version that holds this definition; a new one only where it differs from the published ones.

    Raises `DefinitionError`.
    """
    key, fingerprint = FormDefinition(definition).key, digest(definition)
    found = FormVersion.objects.filter(key=key, digest=fingerprint).first()
    if found:
        return found
    last = FormVersion.objects.filter(key=key).aggregate(last=Max("version"))["last"] or 0
    version = FormVersion(key=key, version=last + 1, definition=definition, digest=fingerprint, published_at=at)
    version.save(force_insert=True)
    record(FormPublished(key, version.version, fingerprint), subject=version, by=by, at=at)
    return version


def open_draft(account: Any, version: FormVersion, context: str, *, at: datetime) -> Draft:
    """The account's draft for this context, begun now if there is none. A draft of an older version of
    the form is carried over: answers that the new version does not ask are dropped."""
    draft, _made = Draft.objects.get_or_create(
        account=account, context=context, defaults={"form_version": version, "updated_at": at}
    )
    if draft.form_version_id != version.pk:
        asked = FormDefinition.load(version).questions
        draft.answers = nested({path: value for path, value in flat(draft.answers).items() if path in asked})
        draft.form_version = version
        draft.save(update_fields=["answers", "form_version"])
    return draft


def prefill_draft(draft: Draft, sources: Iterable[Source], *, at: datetime) -> Draft:
    """Copy what the sources know into questions not answered yet. Call it only when the person agreed."""
    with transaction.atomic():
        draft = Draft.objects.select_for_update().get(pk=draft.pk)
        offered = prefill(FormDefinition.load(draft.form_version), sources, consent=True)
        given = flat(draft.answers)
        fresh = {path: value for path, value in offered.answers.items() if path not in given}
        draft.answers = nested({**given, **fresh})
        draft.origins = {**draft.origins, **{path: offered.origins[path] for path in fresh}}
        draft.consented_at, draft.updated_at = at, at
        draft.save(update_fields=["answers", "origins", "consented_at", "updated_at"])
    return draft


def save_page(
    draft: Draft,
    page: str | None,
    data: QueryDict,
    files: MultiValueDict[str, Any] | None = None,
    *,
    by: Actor,
    at: datetime,
    on: date,
) -> PageForm:
    """Keep what was typed on a page (all pages: None), valid or not, and return the page as a form.

    Uploads are stored first and belong to the draft; what is refused is an error beside its question.
    `_remove` in the data, `path:id`, takes an uploaded file out; `_join`, a path, makes one PDF of its photos; `_take`,
    `path:shelf:id`, attaches a paper that a shelf offers.
    Only this page's answers change, so two open tabs on different pages do not undo each other.
    """
    definition = FormDefinition.load(draft.form_version)
    pages = list(definition.pages.values()) if page is None else [definition.pages[page]]
    questions = [question for one in pages for question in one.questions()]
    joining = data.get(JOIN, "") if any(q.path == data.get(JOIN) for q in questions) else ""
    stored, refused = _store(questions, files or MultiValueDict(), draft, joining, by=by, at=at)
    joined = _join(joining, stored, draft, refused, by=by, at=at) if joining else ()
    taken = _take(questions, data.get(TAKE, ""), draft, stored, refused, by=by, at=at)
    if joined or taken:  # show the page again, with the PDF or the paper in it
        data = data.copy()
        data[REFRESH] = joining or next(iter(taken))
    with transaction.atomic():
        draft = Draft.objects.select_for_update().select_related("form_version").get(pk=draft.pk)
        before = flat(draft.answers)
        for path, new in stored.items():
            before[path] = [*before.get(path, []), *new]
            draft.files.update(new)
        for one in joined:  # the PDF holds them now
            before[joining] = [kept for kept in before[joining] if kept != one]
            draft.files.pop(one, None)
        if joined:
            uploads.release(FileLink.objects.filter(pk__in=joined, owner_id=draft.pk), by=by, at=at)
        path, _colon, gone = data.get("_remove", "").partition(":")
        if gone:
            before[path] = [one for one in before.get(path, []) if one != gone]
            if draft.files.pop(gone, None):
                uploads.release(FileLink.objects.filter(pk=gone, owner_id=draft.pk), by=by, at=at)
        form = flow.bind(
            definition,
            page,
            data,
            answers=nested(before),
            on=on,
            file_names=draft.files,
            origins=draft.origins,
        )
        after = flat(form.raw)
        draft.answers = nested({path: _storable(value) for path, value in after.items()})
        draft.origins = {path: o for path, o in draft.origins.items() if after.get(path) == before.get(path)} | taken
        if not form.refreshing:
            draft.seen = sorted({*draft.seen, *(one.key for one in pages)})
        draft.updated_at = at
        draft.save()
    form.origins, form.offers = draft.origins, offers(draft, questions, at=at)
    for path, message in refused.items():
        if form.is_bound:
            form.add_error(path, message)
    return form


@action
def discard(draft: Draft, *, by: Actor, at: datetime) -> None:
    """Delete a draft, submitted or given up, with the uploads that nobody took over from it."""
    uploads.release_of(draft, by=by, at=at)
    draft.delete()


def _join(
    path: str, stored: dict[str, dict[str, str]], draft: Draft, refused: dict[str, str], *, by: Actor, at: datetime
) -> tuple[str, ...]:
    """Make one PDF of the photos of a question, those kept and those just sent; returns what it replaces."""
    sent = stored.get(path, {})
    ids = [*flat(draft.answers).get(path, []), *sent]
    links = FileLink.objects.select_related("file").in_bulk(ids)
    photos = [one for one in ids if (link := links.get(UUID(one))) and link.file.mime in JOINABLE]
    try:
        name = _("photos") + f"-{at:%Y%m%d-%H%M%S}.pdf"
        made = uploads.attach(join([links[UUID(one)] for one in photos], name=name, by=by, at=at), draft, by=by, at=at)
    except Refused as reason:
        refused[path] = str(reason)
        return ()
    stored.setdefault(path, {})[str(made.pk)] = made.name
    return tuple(photos)


def _take(
    questions: Iterable[Question],
    wanted: str,
    draft: Draft,
    stored: dict[str, dict[str, str]],
    refused: dict[str, str],
    *,
    by: Actor,
    at: datetime,
) -> dict[str, str]:
    """Attach the paper that a button names; returns its question's path with where it came from."""
    path, _colon, rest = wanted.partition(":")
    name, _colon, paper = rest.partition(":")
    question = next((q for q in questions if q.path == path and isinstance(q.kind, File)), None)
    shelf = shelf_of(name)
    if question is None or shelf is None:
        return {}
    most = question.schema.get("maxItems", MAX_FILES)
    if len(flat(draft.answers).get(path, [])) + len(stored.get(path, {})) >= most:
        refused[path] = _("Keep at most %(max)s files here. Remove one first.") % {"max": most}
        return {}
    try:
        link = shelf.take(draft, question, UUID(paper), by=by, at=at)
    except (Refused, ValueError) as reason:  # a forged id is no paper
        refused[path] = str(reason) if isinstance(reason, Refused) else _("This paper is no longer here.")
        return {}
    stored.setdefault(path, {})[str(link.pk)] = link.name
    return {path: str(shelf.label)}


def _store(
    questions: Iterable[Question],
    files: MultiValueDict[str, Any],
    draft: Draft,
    joining: str = "",
    *,
    by: Actor,
    at: datetime,
) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """Store the uploads of the file questions asked: ids → names by path, and refusals by path."""
    stored: dict[str, dict[str, str]] = {}
    refused: dict[str, str] = {}
    answers = flat(draft.answers)
    for question in questions:
        if not isinstance(question.kind, File):
            continue
        sent = files.getlist(question.path)
        kept, most = len(answers.get(question.path, [])), question.schema.get("maxItems", MAX_FILES)
        if sent and kept + len(sent) > (max(most, MOST) if question.path == joining else most):
            refused[question.path] = _("Keep at most %(max)s files here. Remove one first.") % {"max": most}
            continue
        for one in sent:
            try:
                link = uploads.store(one, name=one.name, by=by, at=at, accept=accepted(question))
            except Refused as reason:
                refused[question.path] = f"{one.name}: {reason}"
            else:
                uploads.attach(link, draft, by=by, at=at)
                stored.setdefault(question.path, {})[str(link.pk)] = link.name
    return stored, refused


def accepted(question: Question) -> tuple[Kind, ...]:
    """The kinds of files a question takes, of `accept` as in HTML: `image/*`, `.pdf`."""
    wanted = question.schema.get("accept")
    if not wanted:
        return ACCEPTED
    groups = tuple(one.removesuffix("*") for one in wanted if one.endswith("/*"))
    return tuple(
        kind
        for kind in ACCEPTED
        if (groups and kind.mime.startswith(groups)) or any(ending in wanted for ending in kind.endings)
    )


def _storable(value: Any) -> Any:
    """PostgreSQL's jsonb takes no NUL; the person has been told, what is kept is the rest."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, dict):
        return {key: _storable(one) for key, one in value.items()}
    return [_storable(one) for one in value] if isinstance(value, list) else value
