"""Background work of complaints: draft answers, seal them. Each looks first whether its work is done, and works outside
any transaction; what was forgotten meanwhile is left alone."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import override

from tinhso.core.files import actions as files
from tinhso.core.files.queries import read_bytes
from tinhso.core.jobs.registry import job
from tinhso.core.ledger.actions import Actor, Refused, one_change
from tinhso.core.letters.masthead import head
from tinhso.core.letters.render import render
from tinhso.core.letters.signatory import signatory
from tinhso.core.signing.form import fill_number_and_date
from tinhso.core.signing.results import sealed
from tinhso.core.signing.upkeep import preserve

from . import actions
from .models import Complaint, Kind, Outcome, State
from .signing import ANSWER

HOUSE = Actor.system("jobs")
OUTCOMES = {
    Outcome.RIGHT: "Nội dung ông/bà nêu là đúng.",
    Outcome.PARTLY: "Nội dung ông/bà nêu đúng một phần.",
    Outcome.WRONG: "Nội dung ông/bà nêu chưa có cơ sở.",
    Outcome.NOT_TAKEN_ON: "Không đủ điều kiện thụ lý, giải quyết.",
}


def _read(complaint: str) -> Complaint | None:
    whole = ("dossier", "agency", "complained", "number__book", "answer_number", "signed", "signer__account")
    return Complaint.objects.select_related(*whole, "signer__agency").filter(pk=complaint).first()


def answer_data(one: Complaint) -> dict[str, Any]:
    """What the letter says; number and date are filled in once it is signed."""
    assert one.signer is not None
    formal = one.kind == Kind.COMPLAINT
    title = "Quyết định giải quyết khiếu nại" if formal else "Văn bản trả lời phản ánh, kiến nghị"
    next_step = ""
    if formal:
        title += " lần hai" if one.level > 1 else " lần đầu"
        suit = "khởi kiện vụ án hành chính tại Tòa án"
        again = f"khiếu nại lần hai đến cơ quan cấp trên trực tiếp trong 30 ngày hoặc {suit}"
        next_step = f"Nếu không đồng ý, ông/bà có quyền {suit if one.level > 1 else again} theo quy định."
    if one.outcome == Outcome.NOT_TAKEN_ON:
        title = f"Thông báo không thụ lý {'khiếu nại' if formal else 'phản ánh, kiến nghị'}"
    received = f"số {one.number.value}, ngày {timezone.localtime(one.filed_at):%d/%m/%Y}"
    return {
        **head(one.agency),
        "number": "",
        "date": "",
        "title": title,
        "person": one.dossier.applicant_name,
        "code": one.dossier.code,
        "procedure": one.dossier.procedure_name,
        "facts": [["Tiếp nhận", received], ["Cơ quan bị khiếu nại, phản ánh", one.complained.name]],
        "said": one.words,
        "outcome": OUTCOMES[Outcome(one.outcome)],
        "reasons": one.answer,
        "next_step": next_step,
        "signer": signatory(one.signer),
    }


@job("complaints.draft_answer", queue="letters")
def draft_answer(complaint: str, revision: int) -> None:
    """Render the answer with its number and date still empty, ready for its leader."""
    one = _read(complaint)
    if one is None or one.draft_id is not None or one.revision != revision or not one.is_open:
        return
    now = timezone.now()
    with override("vi"):
        pdf = render("complaints/answer", answer_data(one), at=now)
    link = files.store_bytes(pdf, name=f"tra-loi-{one.dossier.code}-du-thao.pdf", by=HOUSE, at=now)
    with one_change():
        kept = Complaint.objects.filter(pk=one.pk, draft=None, revision=revision).update(draft=link)
        if kept:
            files.attach(link, one, by=HOUSE, at=now)
    if not kept:
        files.release(link, by=HOUSE, at=now)


@job("complaints.seal_answer", queue="letters")
def seal_answer(complaint: str) -> None:
    """Fill number and date into the signed answer, seal it and give it to whoever complained."""
    one = _read(complaint)
    if one is None or one.state != State.SIGNED or one.signed is None or one.signed_at is None:
        return
    now = timezone.now()
    day = timezone.localtime(one.signed_at).date()
    filled = fill_number_and_date(read_bytes(one.signed), number=one.notation, date=day)
    pdf, stamped = sealed(filled, agency=one.agency_id, at=now)
    link = files.store_bytes(pdf, name=f"tra-loi-{one.dossier.code}.pdf", by=HOUSE, at=now)
    try:
        with one_change():
            files.attach(link, one, by=HOUSE, at=now)
            actions.deliver(one, link=link, digest=one.dossier.digest(pdf), by=HOUSE, at=now)
            preserve(ANSWER, one.pk, stamped=stamped, at=now)
    except Refused:  # another run of this job was first, or it was forgotten
        files.release(link, by=HOUSE, at=now)
