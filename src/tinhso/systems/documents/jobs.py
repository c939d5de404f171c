"""Background work of documents: make the PDF of a draft, fill in number and date, seal, send off. Each looks first
whether its work is done, and works outside any transaction."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import override

from tinhso.core.files import actions as files
from tinhso.core.files.queries import read_bytes
from tinhso.core.jobs.registry import job
from tinhso.core.ledger.actions import Actor, Refused, one_change
from tinhso.core.letters.masthead import head
from tinhso.core.letters.render import render
from tinhso.core.signing.form import fill_number_and_date
from tinhso.core.signing.results import sealed
from tinhso.core.signing.upkeep import preserve

from . import actions
from .models import BEING_MADE, Document, State
from .sheet import letter_data
from .signing import OFFICIAL

HOUSE = Actor.system("jobs")


@job("documents.make_draft", queue="letters")
def make_draft(document: str, revision: int) -> None:
    """Render the sheet with number and date still empty."""
    one = Document.objects.select_related("agency", "signer__account", "signer__agency").filter(pk=document).first()
    if one is None or one.draft_id or one.revision != revision or one.state not in BEING_MADE:
        return
    now, to = timezone.now(), [row.agency for row in one.recipients.select_related("agency").order_by("agency__code")]
    with override("vi"):
        pdf = render("documents/official", letter_data(one, head(one.agency), to), at=now)
    link = files.store_bytes(pdf, name="du-thao.pdf", by=HOUSE, at=now, personal=False)
    if not actions.attach_draft(one, revision=revision, link=link, by=HOUSE, at=now):
        files.release(link, by=HOUSE, at=now)


@job("documents.seal_document", queue="letters")
def seal_document(document: str) -> None:
    """Fill number and date into the signed document, seal it and send it to all it is for."""
    one = Document.objects.select_related("agency", "number__book", "signed__file").filter(pk=document).first()
    if one is None or one.state != State.NUMBERED or one.signed is None or one.issued_on is None:
        return
    now = timezone.now()
    filled = fill_number_and_date(read_bytes(one.signed), number=one.printed, date=one.issued_on)
    pdf, stamped = sealed(filled, agency=one.agency_id, at=now)
    name = f"{one.printed.replace('/', '-')}.pdf"
    link = files.store_bytes(pdf, name=name, by=HOUSE, at=now, personal=False)
    try:
        with one_change():
            actions.issue(one, link=link, digest=one.digest(pdf), by=HOUSE, at=now)
            preserve(OFFICIAL, one.pk, stamped=stamped, at=now)
    except Refused:  # another run of this job was first
        files.release(link, by=HOUSE, at=now)
