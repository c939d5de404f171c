"""Background work of dossiers: make letters, draft results, seal results. Each is idempotent:
it looks first whether its work is done, works outside any transaction, and keeps the outcome
by an action of which only the first run counts. The file becomes the dossier's in the same
transaction: of a run that is killed before, a loose file is left, which is swept away. What was
erased meanwhile is left alone."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from tinhso.core.files import actions as files
from tinhso.core.files.queries import read_bytes
from tinhso.core.jobs.registry import job
from tinhso.core.ledger.actions import Actor, Refused, one_change
from tinhso.core.letters.render import render
from tinhso.core.signing.form import fill_number_and_date
from tinhso.core.signing.results import sealed
from tinhso.core.signing.upkeep import preserve

from . import actions
from .letter_data import notice_data, result_data, slip_data
from .models import Letter, Result
from .promises import warn_all
from .signing import LETTER, RESULT
from .takeover.jobs import sweep_takeovers, take_over_file

__all__ = ["draft_result", "make_letter", "seal_result", "sweep_takeovers", "take_over_file"]  # found here by workers

HOUSE = Actor.system("jobs")


def address(path: str) -> str:
    """An absolute address of this install, for QR codes and mail."""
    return f"{settings.TINHSO.base_url}{path}"


@job("dossiers.make_letter", queue="letters")
def make_letter(letter: str) -> None:
    """Render a numbered letter, seal it with the agency's server key and keep it."""
    row = Letter.objects.select_related("dossier__receiving_agency", "number__book").filter(pk=letter).first()
    if row is None or row.file_id is not None:
        return
    dossier, now = row.dossier, timezone.now()
    with override("vi"):  # official letters are in Vietnamese whatever language the reader chose
        data = slip_data(row) if row.form == Letter.Form.SLIP else notice_data(row)
    template = "dossiers/appointment_slip" if row.form == Letter.Form.SLIP else "dossiers/notice"
    pdf, stamped = sealed(render(template, data, at=row.made_at), agency=dossier.receiving_agency_id, at=now)
    link = files.store_bytes(pdf, name=f"{row.form}-{dossier.code}.pdf", by=HOUSE, at=now)
    try:
        with one_change():
            files.attach(link, dossier, by=HOUSE, at=now)
            actions.attach_letter(row, file=link, digest=dossier.digest(pdf), by=HOUSE, at=now)
            preserve(LETTER, row.pk, stamped=stamped, at=now)
    except Refused:  # another run of this job was first; its letter is the letter
        files.release(link, by=HOUSE, at=now)


@job("dossiers.warn_of_promises", every="30 0 * * *")  # 07:30 in Việt Nam
def warn_of_promises() -> None:
    """Tell those who can still keep a promise, or apologise in time, that it is about to end."""
    warn_all(timezone.now())


@job("dossiers.draft_result", queue="letters")
def draft_result(result: str, revision: int) -> None:
    """Render the result with its number and date still empty, ready for the leader."""
    row = Result.objects.select_related("dossier__agency", "dossier__variant").filter(pk=result).first()
    if row is None or row.draft_id is not None or row.revision != revision:
        return
    now = timezone.now()
    with override("vi"):
        data = result_data(row, url=address(reverse("dossiers:verify", args=[row.token])))
    pdf = render(f"procedures/{row.dossier.variant.result_letter}", data, at=now)
    link = files.store_bytes(pdf, name=f"{row.code}-du-thao.pdf", by=HOUSE, at=now)
    with one_change():
        kept = Result.objects.filter(pk=row.pk, draft=None, revision=revision).update(draft=link)
        if kept:
            files.attach(link, row.dossier, by=HOUSE, at=now)
    if not kept:
        files.release(link, by=HOUSE, at=now)


@job("dossiers.seal_result", queue="letters")
def seal_result(result: str, by: str) -> None:
    """Fill number and date into the signed document, seal it and issue it, for the clerk `by`."""
    kind, _colon, ident = by.partition(":")
    seal_and_issue(result, by=Actor(kind, ident), at=timezone.now())


def seal_and_issue(result: str, *, by: Actor, at: datetime) -> None:
    """The work of `seal_result` at a given moment."""
    row = (
        Result.objects.select_related("dossier__agency", "dossier__variant", "number__book", "signed")
        .filter(pk=result)
        .first()
    )
    if row is None or row.issued_at is not None:
        return
    assert row.signed is not None
    assert row.numbered_at is not None
    dossier = row.dossier
    filled = fill_number_and_date(
        read_bytes(row.signed), number=row.notation, date=timezone.localtime(row.numbered_at).date()
    )
    pdf, stamped = sealed(filled, agency=dossier.agency_id, at=timezone.now())
    link = files.store_bytes(pdf, name=f"{row.code}.pdf", by=HOUSE, at=at)
    try:
        with one_change():
            files.attach(link, dossier, by=HOUSE, at=at)
            actions.issue(row, file=link, digest=dossier.digest(pdf), by=by, at=at)
            preserve(RESULT, row.pk, stamped=stamped, at=at)
    except Refused:
        files.release(link, by=HOUSE, at=at)
        raise
