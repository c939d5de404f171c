"""Scanned pages on their way to one PDF/A, and to the converter's signature (TT 01/2023/TT-VPCP, NĐ 118/2025)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from tinhso.core.agencies.models import Staff
from tinhso.core.files import actions as files
from tinhso.core.files import derived
from tinhso.core.files.content import PDF
from tinhso.core.files.models import FileLink
from tinhso.core.files.pictures import MOST
from tinhso.core.files.queries import links_of, read_bytes
from tinhso.core.forms.definition import FormDefinition, flat, nested
from tinhso.core.forms.models import Draft
from tinhso.core.ledger.actions import Actor, Refused, action, new_id, record
from tinhso.core.signing.events import whole
from tinhso.systems.dossiers.intake import submitted_from
from tinhso.systems.dossiers.models import Component, Dossier

from .binding import bound
from .events import PaperAdded, PaperDigitised
from .models import Scan

OPEN = 30  # scans of one official that are not made yet


@action
def begin(
    *,
    draft: Draft | None = None,
    question: str = "",
    dossier: Dossier | None = None,
    name: str,
    staff: Staff,
    at: datetime,
) -> Scan:
    """A paper to digitise, for a question of a form being typed or into a dossier handed in before."""
    if len(name := " ".join(name.split())) < 2:
        raise Refused("name_missing", _("Say what paper it is."), field="name", status=422)
    mine = Scan.objects.filter(official=staff.account, file=None)
    if draft is not None:
        _question(draft, question)
        for already in mine.filter(draft=draft.pk, question=question):
            return already
    elif dossier is None or dossier.finished_at is not None:
        raise Refused("finished", _("This dossier has ended: no paper is added to it any more."))
    if mine.count() >= OPEN:
        message = _("You have %(count)d scans begun. Finish or drop some of them first.")
        raise Refused("too_many_scans", message % {"count": OPEN})
    made = Scan(
        id=new_id(), official=staff.account, agency=staff.agency, draft=draft.pk if draft else None, question=question,
        dossier=dossier, name=name[:300], begun_at=at,
    )  # fmt: skip
    made.save(force_insert=True)
    return made


def _question(draft: Draft, path: str) -> None:
    question = FormDefinition.load(draft.form_version).questions.get(path)
    if question is None or question.kind.input != "file":
        raise Refused("no_question", _("The form asks for no file there."), status=404)


def add(scan: Scan, uploads: Sequence[FileLink], *, by: Actor, at: datetime) -> Scan:
    """Put the pages of uploaded files at the end, in their order; the uploads themselves go. A signed PDF is an
    electronic original and is not digitised. Outside any transaction; raises `Refused`, then nothing was added."""
    _must_be_open(scan)
    try:
        signed = next((one for one in uploads if one.file.mime == PDF.mime and _signed(one)), None)
        if signed is not None:
            message = _("%(name)s is signed: it is an electronic original. Attach it as it is, it needs no digitising.")
            raise Refused("signed_original", message % {"name": signed.name}, field="files", status=422)
        pages = derived.split([(one.name, read_bytes(one)) for one in uploads]) if uploads else []
    finally:
        files.release(uploads, by=by, at=at)
    if not pages:
        raise Refused("no_files", _("Choose the files that the scanner made."), field="files", status=422)
    if len(scan.pages) + len(pages) > MOST:
        raise derived.too_many_pages()
    stored = [files.store_bytes(page, name=_("page") + ".jpg", by=by, at=at) for page in pages]
    with transaction.atomic():
        locked = Scan.objects.select_for_update().get(pk=scan.pk)
        _must_be_open(locked)
        for link in stored:
            files.attach(link, locked, by=by, at=at)
        locked.pages = [*locked.pages, *[[str(link.pk), 0] for link in stored]]
        locked.save(update_fields=["pages"])
    return locked


def _signed(upload: FileLink) -> bool:
    try:
        return derived.signed(upload)
    except Refused:  # it cannot be read: `split` says so, by its name
        return False


MOVES = ("up", "down", "left", "right", "out", "reverse")


@action
def change(scan: Scan, what: str, page: str, *, by: Actor, at: datetime) -> Scan:
    """Move a page (by its picture's id), turn it a quarter, take it out; or put all in the opposite order."""
    locked = Scan.objects.select_for_update().get(pk=scan.pk)
    _must_be_open(locked)
    rows = [list(row) for row in locked.pages]
    place = next((index for index, (link, _turn) in enumerate(rows) if link == page), None)
    if what == "reverse":
        rows.reverse()
    elif what not in MOVES or place is None:
        raise Refused("no_page", _("This page is no longer here."))
    elif what in ("up", "down"):
        other = place + (1 if what == "down" else -1)
        if 0 <= other < len(rows):
            rows[place], rows[other] = rows[other], rows[place]
    elif what == "out":
        rows.pop(place)
        files.release(FileLink.objects.filter(pk=page, owner_id=locked.pk), by=by, at=at)
    else:
        rows[place][1] = (rows[place][1] + (90 if what == "right" else 270)) % 360
    locked.pages = rows
    locked.save(update_fields=["pages"])
    return locked


def _must_be_open(scan: Scan) -> None:
    if scan.made_at is not None:
        raise Refused("made_already", _("This paper is digitised already."))


def make(scan: Scan, *, read_text: bool, by: Actor, at: datetime) -> Scan:
    """Bind the pages to one PDF/A and put it where it belongs: to the question of the form, or as a paper of the
    dossier. `read_text` has a job put the text under the pictures. Outside any transaction."""
    from .jobs import read

    _must_be_open(scan)
    pdf = bound(pictures(scan), name=scan.name)
    link = files.store_bytes(pdf, name=f"{scan.name[:120]}.pdf", by=by, at=at, accept=(PDF,))
    with transaction.atomic():
        locked = Scan.objects.select_for_update(of=("self",)).select_related("dossier").get(pk=scan.pk)
        _must_be_open(locked)
        if locked.pages != scan.pages:
            raise Refused("pages_changed", _("The pages were changed in another window. Look at them once more."))
        if locked.dossier is not None:
            _into_dossier(locked, locked.dossier, link, by=by, at=at)
        else:
            _into_draft(locked, link, by=by, at=at)
        locked.file, locked.made_at, locked.reading = link, at, read_text
        locked.save(update_fields=["file", "made_at", "reading"])
        if read_text:
            read.defer(scan=str(locked.pk), by=str(by))
    return locked


def pictures(scan: Scan) -> list[tuple[bytes, int]]:
    """The pages with their turns. Raises `Refused` where there are none."""
    links = FileLink.objects.in_bulk([UUID(link) for link, _turn in scan.pages])
    if not links:
        raise Refused("no_pages", _("Add the pages first."), field="files", status=422)
    return [(read_bytes(links[UUID(link)]), turn) for link, turn in scan.pages]


@action
def _into_dossier(scan: Scan, dossier: Dossier, link: FileLink, *, by: Actor, at: datetime) -> None:
    held = Dossier.objects.select_for_update(of=("self",)).get(pk=dossier.pk)
    if held.finished_at is not None:
        raise Refused("finished", _("This dossier has ended: no paper is added to it any more."))
    files.attach(link, dossier, by=by, at=at)
    number = 1 + Component.objects.filter(dossier=dossier, key__startswith="so-hoa-").count()
    component = Component(id=new_id(), dossier=dossier, key=f"so-hoa-{number}", name=scan.name, file=link)
    component.save(force_insert=True)
    event = PaperAdded(component.pk, len(scan.pages))
    record(event, subject=dossier, by=by, at=at, agency=dossier.agency_id)


def _into_draft(scan: Scan, link: FileLink, *, by: Actor, at: datetime) -> None:
    assert scan.draft is not None
    draft = Draft.objects.select_for_update().select_related("form_version").filter(pk=scan.draft).first()
    if draft is None:  # the form was submitted meanwhile: the paper goes where that went
        became = submitted_from(scan.draft, by)
        if became is None:
            raise Refused("draft_gone", _("The form that this paper was for is no longer here."))
        _into_dossier(scan, Dossier.objects.get(pk=became), link, by=by, at=at)
        return
    _question(draft, scan.question)
    files.attach(link, draft, by=by, at=at)
    answers = flat(draft.answers)
    answers[scan.question] = [*answers.get(scan.question, []), str(link.pk)]
    draft.answers, draft.files, draft.updated_at = nested(answers), {**draft.files, str(link.pk): link.name}, at
    draft.save(update_fields=["answers", "files", "updated_at"])


def text_read(scan: Scan, *, by: Actor, at: datetime) -> None:
    """What the job does: the same pages with their text under them, in the place of the file. Once; a scan whose text
    cannot be read stays as it is and may be signed."""
    if not scan.reading or scan.file is None:
        return
    try:
        pdf: bytes | None = bound(pictures(scan), name=scan.name, with_text=True)
    except Refused:
        pdf = None  # `derived` has logged why; the paper is whole without it
    new = files.store_bytes(pdf, name=scan.file.name, by=by, at=at, accept=(PDF,)) if pdf else None
    with transaction.atomic():
        if Scan.objects.filter(pk=scan.pk, reading=True, signed_at=None).update(reading=False) and new:
            files.renew(scan.file, new, by=by, at=at)
        elif new:
            files.release(new, by=by, at=at)


@action
def drop(scans: Iterable[Scan], *, by: Actor, at: datetime) -> None:
    """Give up scans that were not made, with their pages."""
    for scan in Scan.objects.select_for_update().filter(pk__in=[one.pk for one in scans], made_at=None):
        files.release_of(scan, by=by, at=at)
        scan.delete()


@action
def keep_signed(scan: Scan, *, file: FileLink, certificate: str, pdf: bytes, by: Actor, at: datetime) -> Component:
    """The converter has signed: the signed version takes the file's place, and the separate pages go."""
    assert scan.file is not None
    component = Component.objects.select_related("dossier").get(file=scan.file)
    if not Scan.objects.filter(pk=scan.pk, signed_at=None, reading=False).update(signed_at=at):
        raise Refused("already_done", _("This paper is signed already."))
    files.renew(scan.file, file, by=by, at=at)
    files.release(links_of(scan), by=by, at=at)
    dossier = component.dossier
    event = PaperDigitised(component.pk, len(scan.pages), whole(certificate), dossier.digest(pdf))
    record(event, subject=dossier, by=by, at=at, agency=dossier.agency_id)
    return component
