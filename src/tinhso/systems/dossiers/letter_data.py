"""From a dossier to what its letters say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from tinhso.core.agencies.models import Staff
from tinhso.core.forms import flow
from tinhso.core.forms.definition import FormDefinition
from tinhso.core.forms.page import PageForm
from tinhso.core.ledger.queries import timeline
from tinhso.core.letters.masthead import head
from tinhso.core.letters.signatory import signatory
from tinhso.core.process.models import Task
from tinhso.systems.procedures import results
from tinhso.systems.procedures.facts import how_long
from tinhso.systems.procedures.fees import money

from .models import Dossier, Letter, Result


def result_form(dossier: Dossier, data: QueryDict | None, *, at: datetime) -> PageForm:
    """What the officer states in the result, begun from what the applicant said."""
    definition = FormDefinition.of(dossier.variant.result_form_id)
    return flow.bind(definition, None, data, answers=_begun(dossier), on=timezone.localtime(at).date())


def starting_statement(dossier: Dossier, *, at: datetime) -> dict[str, Any]:
    """What the result states if the officer changes nothing. Raises `FormErrors` where something is still asked."""
    definition = FormDefinition.of(dossier.variant.result_form_id)
    return definition.validate(_begun(dossier), on=timezone.localtime(at).date())


def _begun(dossier: Dossier) -> dict[str, Any]:
    result = dossier.result
    return result.content if result else results.starting_content(dossier.variant, dossier.answers)


def result_data(result: Result, *, url: str) -> dict[str, Any]:
    """Of the result letter: the officer's statements, the head, the signer; number and date empty."""
    dossier = result.dossier
    return {
        **results.letter_data(dossier.variant, result.content),
        **head(dossier.agency),
        "number": "",
        "date": "",
        "token": str(result.token),
        "verify": {"url": url, "code": result.code, "replaces": _replaced(result)},
        "signer": signatory(result.signer),
    }


def _replaced(result: Result) -> str:
    """What a corrected result says of the one in whose place it stands; nothing on a first one."""
    before = Result.objects.filter(dossier=result.dossier_id, version=result.version - 1).first()
    if before is None or before.numbered_at is None:
        return ""
    return f"Thay thế văn bản số {before.notation} ngày {timezone.localtime(before.numbered_at):%d/%m/%Y}"


def _letter(letter: Letter) -> dict[str, Any]:
    """What forms 01 to 05 have in common."""
    dossier = letter.dossier
    url = f"{settings.TINHSO.base_url}{reverse('dossiers:lookup')}?code={dossier.code}"
    definition = FormDefinition.of(dossier.form_id)
    counter = dossier.receiving_agency.name
    return {
        **head(dossier.receiving_agency),
        "date": f"{timezone.localtime(letter.made_at):%Y-%m-%d}",
        "verify": {"url": url, "code": dossier.code},
        "counter": f"Bộ phận Tiếp nhận và Trả kết quả {counter[0].lower()}{counter[1:]}",
        "code": dossier.code,
        "applicant": {
            "name": dossier.applicant_name,
            "address": definition.read(f"{dossier.variant.applicant}.address", dossier.answers),
            "phone": dossier.phone,
            "email": dossier.email,
        },
        "procedure": f"{dossier.procedure_name} (mã {dossier.procedure_code})",
        "receiver": _receiver(dossier),
    }


def _receiver(dossier: Dossier) -> dict[str, str]:
    """Who names themselves on form 01: who closed the first step, with their title at that time."""
    task = Task.objects.filter(subject_id=dossier.pk, kind="receive").exclude(closed_at=None).first()
    kind, _colon, account = task.closed_by.partition(":") if task else ("", "", "")
    staff = (
        Staff.objects.filter(account_id=UUID(account), agency=task.agency_id).select_related("account").first()
        if task and kind == "account"
        else None
    )
    return {"title": staff.title, "name": staff.account.display_name} if staff else {"title": "", "name": ""}


DECIDED = {  # what a letter tells, as the ledger has it
    Letter.Form.SUPPLEMENT: "dossiers.supplement_requested",
    Letter.Form.REFUSAL: "dossiers.refused",
    Letter.Form.APOLOGY: "dossiers.extended",
    Letter.Form.STOP: "dossiers.stopped",
}


def _decider(letter: Letter) -> dict[str, str]:
    """Who decided what the letter tells, the actor of that entry, with their title at that time. A new date is
    promised by a leader; before acceptance it was the counter's to decide, after it the agency's that decides."""
    form, dossier = Letter.Form(letter.form), letter.dossier
    accepted = dossier.accepted_at is not None and dossier.accepted_at <= letter.made_at
    role = "Người giải quyết hồ sơ" if accepted else "Người tiếp nhận hồ sơ"
    role = "Lãnh đạo cơ quan giải quyết" if form == Letter.Form.APOLOGY else role
    for told in timeline(dossier):
        kind, _colon, account = told.actor.partition(":")
        if (told.event, told.at, kind) == (DECIDED[form], letter.made_at, "account"):
            places = (told.agency_id, dossier.receiving_agency_id)
            posts = Staff.objects.open_at(told.at).filter(account_id=UUID(account), agency__in=places)
            found = sorted(posts.select_related("account"), key=lambda post: post.agency_id != told.agency_id)
            if found:
                return {"role": role, "title": found[0].title, "name": found[0].account.display_name}
    return {"role": role, "title": "", "name": ""}


def slip_data(letter: Letter) -> dict[str, Any]:
    """Of form 01, receipt and appointment slip."""
    dossier = letter.dossier
    assert dossier.accepted_at is not None
    assert dossier.due_at is not None
    return {
        **_letter(letter),
        "number": f"{letter.number.value}/TNHS",
        "secret": dossier.secret,
        "request": "",
        "components": [
            {"name": c.name, "form": "lấy từ kho giấy tờ" if c.file.origin else "bản điện tử"}
            for c in dossier.components.select_related("file").order_by("id")
        ],
        "sets": 1,
        "time_limit": how_long(dossier.variant),
        "received_at": minute(dossier.accepted_at),
        "due_at": minute(dossier.due_at),
        "return_at": dossier.receiving_agency.name,
        "fee": money(dossier.fee) if dossier.fee else "",
    }


@dataclass(frozen=True)
class Notice:
    """How one of forms 02 to 05 reads: its title, the notation of its number, the sentence before the reasons, and
    what the applicant can do. `{counter}` is who writes, `{until}` the day asked for or promised."""

    title: str
    notation: str
    lead: str
    next_steps: tuple[str, ...]


NOTICES = {
    Letter.Form.SUPPLEMENT: Notice(
        "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ",
        "HDHS",
        "Để có cơ sở giải quyết, {counter} đề nghị ông/bà (tổ chức) bổ sung, hoàn thiện những nội dung sau:",
        (
            (
                "Đề nghị ông/bà (tổ chức) bổ sung, hoàn thiện trước {until}: trực tuyến tại trang theo dõi hồ sơ, hoặc"
                " tại {counter}."
            ),
            (
                "Thời gian chờ bổ sung không tính vào thời hạn giải quyết. Khi có vướng mắc, ông/bà (tổ chức) liên hệ"
                " {counter} để được hướng dẫn."
            ),
        ),
    ),
    Letter.Form.REFUSAL: Notice(
        "Phiếu từ chối tiếp nhận, giải quyết hồ sơ",
        "TC",
        "Qua xem xét, {counter} thông báo không tiếp nhận, giải quyết hồ sơ này với lý do cụ thể như sau:",
        ("Ông/bà chuẩn bị lại hồ sơ theo lý do nêu trên rồi nộp lại.",),
    ),
    Letter.Form.APOLOGY: Notice(
        "Phiếu xin lỗi và hẹn lại ngày trả kết quả",
        "XL",
        "Đến nay hồ sơ chưa thể giải quyết xong theo ngày đã hẹn. Lý do:",
        ("{counter} thành thật xin lỗi ông/bà (tổ chức) về sự chậm trễ này và hẹn lại: kết quả được trả {until}.",),
    ),
    Letter.Form.STOP: Notice(
        "Thông báo dừng giải quyết hồ sơ",
        "TBD",
        "{counter} thông báo dừng giải quyết hồ sơ này với lý do cụ thể như sau:",
        ("Nếu vẫn có nhu cầu, ông/bà (tổ chức) chuẩn bị hồ sơ đầy đủ rồi nộp lại.",),
    ),
}


def notice_data(letter: Letter) -> dict[str, Any]:
    """Of forms 02 to 05."""
    kind, common, dossier = NOTICES[Letter.Form(letter.form)], _letter(letter), letter.dossier
    counter, until, times = common["counter"], "", [("Thời gian nhận hồ sơ", dossier.submitted_at)]
    if letter.form == Letter.Form.SUPPLEMENT:
        until = spoken(letter.supplement.until)
    elif letter.form == Letter.Form.APOLOGY:
        until = spoken(letter.extension.due_after)
        times.append(("Ngày đã hẹn trả kết quả", letter.extension.due_before))
    said = {"counter": f"{counter[0].lower()}{counter[1:]}", "until": until}
    refuses = letter.form in (Letter.Form.REFUSAL, Letter.Form.STOP)
    return {
        **common,
        "receiver": _decider(letter),
        "title": kind.title,
        "number": f"{letter.number.value}/{kind.notation}",
        "times": [[label, minute(at)] for label, at in times],
        "lead": _capital(kind.lead.format(**said)),
        "reasons": [line.strip() for line in letter.reason.splitlines() if line.strip()],
        "next_steps": [_capital(words.format(**said)) for words in kind.next_steps],
        "complaint": dossier.variant.version.complaint if refuses else "",
    }


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def spoken(at: datetime) -> str:
    """A time in a sentence of a letter: trước 17 giờ 00 phút, ngày 26/11/2026 without the first word."""
    return f"{timezone.localtime(at):%H giờ %M phút, ngày %d/%m/%Y}"


def minute(at: datetime) -> str:
    """As the templates take a time: 2026-11-22T14:05."""
    return f"{timezone.localtime(at):%Y-%m-%dT%H:%M}"
