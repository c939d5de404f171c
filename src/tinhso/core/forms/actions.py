"""Publishing forms, and keeping drafts as people go. Drafts leave no trace in the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, BinaryIO
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from ..ledger.actions import Actor, Refused, action, record
from . import flow
from .definition import FormDefinition, digest, flat, nested
from .events import FormPublished
from .kinds import MAX_FILES, File
from .models import Draft, FormVersion
from .page import PageForm
from .prefill import Source, prefill

Upload = Callable[[BinaryIO, str], UUID]
"""Stores a stream under a name and returns the id of its file link; raises `Refused`."""


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
    at: datetime,
    on: date,
    upload: Upload | None = None,
    now_only: bool = False,
) -> PageForm:
    """Keep what was typed on a page (all pages: None), valid or not, and return the page as a form.

    Uploads are stored first; what is refused is an error beside its question. `_remove` in the data,
    `path:id`, takes an uploaded file out. Only this page's answers change, so two open tabs on
    different pages do not undo each other.
    """
    definition = FormDefinition.load(draft.form_version)
    pages = list(definition.pages.values()) if page is None else [definition.pages[page]]
    questions = [question for one in pages for question in one.questions()]
    stored, refused = _store(questions, files or MultiValueDict(), draft, upload)
    with transaction.atomic():
        draft = Draft.objects.select_for_update().select_related("form_version").get(pk=draft.pk)
        before = flat(draft.answers)
        for path, new in stored.items():
            before[path] = [*before.get(path, []), *new]
            draft.files.update(new)
        path, _colon, gone = data.get("_remove", "").partition(":")
        if gone:
            before[path] = [one for one in before.get(path, []) if one != gone]
            draft.files.pop(gone, None)
        form = flow.bind(
            definition,
            page,
            data,
            answers=nested(before),
            on=on,
            file_names=draft.files,
            origins=draft.origins,
            now_only=now_only,
        )
        after = flat(form.raw)
        draft.answers = nested({path: _storable(value) for path, value in after.items()})
        draft.origins = {path: o for path, o in draft.origins.items() if after.get(path) == before.get(path)}
        if not form.refreshing:
            draft.seen = sorted({*draft.seen, *(one.key for one in pages)})
        draft.updated_at = at
        draft.save()
    form.origins = draft.origins
    for path, message in refused.items():
        if form.is_bound:
            form.add_error(path, message)
    return form


def discard(draft: Draft) -> None:
    """Delete a draft: it was submitted, or the person gave it up."""
    draft.delete()


def _store(
    questions: Iterable[Any], files: MultiValueDict[str, Any], draft: Draft, upload: Upload | None
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
        if sent and kept + len(sent) > most:
            refused[question.path] = _("Keep at most %(max)s files here. Remove one first.") % {"max": most}
            continue
        for one in sent:
            if upload is None:
                raise TypeError("this form asks for files: give `upload`")
            try:
                stored.setdefault(question.path, {})[str(upload(one, one.name))] = one.name
            except Refused as reason:
                refused[question.path] = str(reason)
    return stored, refused


def _storable(value: Any) -> Any:
    """PostgreSQL's jsonb takes no NUL; the person has been told, what is kept is the rest."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    return [_storable(one) for one in value] if isinstance(value, list) else value
