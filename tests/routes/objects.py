"""One object of each kind in the home commune, in a sibling commune and at the province above."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone
from PIL import Image

from tests.core.files import samples
from tests.systems.dossiers.builders import a_dossier, answers
from tinhso.core.accounts.actions import give_authority, issue_api_client, register_business
from tinhso.core.accounts.models import Account, ApiClient, Authority
from tinhso.core.agencies import demo as agencies
from tinhso.core.agencies.models import Agency, Staff
from tinhso.core.files import actions as files
from tinhso.core.forms import actions as forms
from tinhso.core.ledger.actions import Actor, new_id
from tinhso.core.notify import unsubscribe
from tinhso.core.notify.actions import Recipient, notify
from tinhso.core.notify.models import Device, Notice
from tinhso.core.numbering.actions import next_number
from tinhso.core.process import actions as process
from tinhso.core.process import drawings
from tinhso.core.process.models import Task
from tinhso.core.ui.access import Route
from tinhso.core.worktime import actions as worktime
from tinhso.systems.complaints.models import Complaint
from tinhso.systems.counter.models import Day, HandOver, Scan
from tinhso.systems.counter.models import Item as FileOnTheWay
from tinhso.systems.documents import actions as documents
from tinhso.systems.dossiers.models import Consultation, Dossier, Filter, Letter, Phrase, Result, Takeover
from tinhso.systems.national_portal.models import Application, Call, Item
from tinhso.systems.procedures import actions as catalogue
from tinhso.systems.procedures import differences
from tinhso.systems.procedures.models import Flag, NationalRow
from tinhso.systems.procedures.queries import variant_in_force, version_in_force
from tinhso.systems.satisfaction.models import Answer
from tinhso.systems.senders.models import Sending
from tinhso.systems.statistics.models import Report
from tinhso.systems.vault import actions as vault
from tinhso.systems.vault.models import Paper, Trust

BY = Actor.system("tests")
KINDS = ("own", "sibling", "parent")


@dataclass
class Objects:
    """Values of what addresses name, by kind; and who asks."""

    accounts: dict[str, Account]
    token: str = ""
    named: dict[str, dict[str, Any]] = field(default_factory=dict)  # parameter → kind → value
    by_route: dict[str, dict[str, Any]] = field(default_factory=dict)  # "route:parameter" where it differs

    def addresses(self, route: Route) -> Iterator[tuple[str, str]]:
        """(kind, address) for each object a route can be asked for; kind is empty where it takes none."""
        path = "/" + re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", route.path).lstrip("^").rstrip("$")
        wanted = re.findall(r"<(?:\w+:)?(\w+)>", path)
        if not wanted:
            yield "", path
            return
        values = [self.by_route.get(f"{route.name}:{name}") or self.named.get(name) for name in wanted]
        if not all(values):
            return
        kinds = [kind for kind in ("", *KINDS) if any(kind in value for value in values if value)]
        for kind in [k for k in kinds if k] or [""]:
            address = path
            for name, value in zip(wanted, values, strict=True):
                assert value is not None
                address = re.sub(rf"<(?:\w+:)?{name}>", str(value.get(kind, value.get(""))), address)
            yield kind, address


def build() -> Objects:
    """Made in a fresh province; takes a second or two."""
    province, home, sibling = agencies.home()
    accounts = {a.username: a for a in Account.objects.all()}
    objects = Objects(accounts)
    own = a_dossier().submitted(accounts["hoa"]).accepted().with_letters()
    theirs = a_dossier().submitted(accounts["minh"], **_of_minh(sibling)).row
    above = a_dossier().submitted(accounts["minh"], **_of_minh(sibling)).row
    Dossier.objects.filter(pk=above.pk).update(agency=province, receiving_agency=province)
    authorities = {kind: _authority(accounts[name], n) for n, (kind, name) in enumerate(_ACTING)}
    # The sibling's is a business's, so that no citizen but who acts for it may open it.
    acting = Authority.objects.get(pk=authorities["sibling"]).business
    Dossier.objects.filter(pk=theirs.pk).update(applicant=None, applicant_kind=2, business=acting)
    dossiers = {"own": own.pk, "sibling": theirs.pk, "parent": above.pk}
    places = dict(zip(KINDS, (home, sibling, province), strict=True))
    staff = {kind: Staff.objects.filter(agency=place).latest("pk") for kind, place in places.items()}
    objects.token = _clients(objects, places)
    variant = variant_in_force("1.004873")
    assert variant is not None
    objects.named |= {
        "dossier_id": dossiers,
        "agency_id": {kind: place.pk for kind, place in places.items()},
        "staff_id": {kind: one.pk for kind, one in staff.items()},
        "account_id": {kind: one.account_id for kind, one in staff.items()},
        "hours_id": {kind: _hours(place) for kind, place in places.items()},
        "override_id": {kind: _override(place) for kind, place in places.items()},
        "link_id": {
            "own": Letter.objects.get(dossier=own.pk).file_id,
            "sibling": _file(theirs),
            "parent": _file(above),
        },
        "draft_id": {"own": _draft(accounts["hoa"], variant), "sibling": _draft(accounts["minh"], variant)},
        "device_id": {"own": _device(accounts["hoa"]), "sibling": _device(accounts["minh"])},
        "authority_id": authorities,
        "phrase_id": {kind: _phrase(place) for kind, place in places.items()},
        "filter_id": {kind: _filter(staff[kind], place) for kind, place in places.items()},
        "asking": {"": "refuse"},
        "task_id": {kind: _asked(theirs, place) for kind, place in places.items()},
        "notice_id": {"own": _notice(accounts["hoa"], own.row), "sibling": _notice(accounts["minh"], theirs)},
        "run_id": {"": Takeover.objects.create(name="cu.csv", by=str(BY), at=timezone.now()).pk},
        "drawing_id": {kind: _drawing(place, staff[kind].account, variant) for kind, place in places.items()},
        "certificate_id": {kind: place.certificates.latest("pk").pk for kind, place in places.items()},
        "preparation_id": {"": new_id()},
        "page": {"": "relation"},
        "name": {"": "open"},
        "number": {"": 1},
        "token": {"": _token()},
        "variant": {"": variant.key},
        "provider_id": {"": "vneid"},
        "what": {"": "nguoi"},
        "pk": {"": 1},
        "uidb36": {"": "1"},
        "key": {"": "abc-def"},
        "rest": {"": "khong-co"},
        "code": {"": "1.004873"},
        "flag_id": {"": _flag()},
        "answer_id": {kind: _answer(place) for kind, place in places.items()},
        "document_id": {kind: _document(place) for kind, place in places.items()},
        "complaint_id": {kind: _complaint(dossiers[kind], place) for kind, place in places.items()},
        "report_id": {kind: _report(place, accounts["chutich"]) for kind, place in places.items()},
        "item_id": {kind: _item(dossiers[kind], place) for kind, place in places.items()},
        "application_id": {kind: _application(kind, place) for kind, place in places.items()},
        "sending_id": {kind: _sending(place, variant) for kind, place in places.items()},
        "mac": {"": "0" * 64},
        "paper_id": {"own": _paper(accounts["hoa"], home), "sibling": _paper(accounts["minh"], sibling)},
        "share_id": {"": new_id()},
        "secret": {"": _shared(accounts["hoa"])},
        "revision_id": {"": _revision(accounts["quantri.tinh"])},
        "verb": {"": "gui-duyet"},
        "case": {"": variant.key},
    }
    objects.by_route |= {
        "procedures:designer:part": {"": "bieu-mau"},
        "procedures:trial:part": {"": "bieu-mau"},
        "procedures:letter_page:page": {"": 1},
        "ui:channel_test:name": {"": "email"},
        "ui:channel_again:name": {"": "email"},
        "ui:notice_kind:name": {"": "dossiers.submitted"},
        "ui:notice_stop:token": {"": unsubscribe.address(Notice.objects.earliest("at")).rpartition("/")[2]},
        "api:agency:code": {kind: place.code for kind, place in places.items()},
        "api:due:code": {kind: place.code for kind, place in places.items()},
        "api:dossier:code": dict(
            zip(KINDS, (Dossier.objects.get(pk=pk).code for pk in dossiers.values()), strict=True)
        ),
    }
    _at_counters(objects, accounts, dossiers, places)
    joints = {kind: _joint(dossiers[kind], place) for kind, place in places.items()}
    objects.named["part"] = {"": "residence"}
    objects.by_route |= {
        f"linked:{name}:dossier_id": {kind: one.pk for kind, one in joints.items()}
        for name in ("joint", "supplement", "one", "decide")
    } | {"api:joint:code": {kind: one.code for kind, one in joints.items()}}
    return objects


def _at_counters(objects: Objects, accounts: dict[str, Account], dossiers: Any, places: dict[str, Agency]) -> None:
    """A form and a scan of each commune's receptionist; a list of paper files and a closed day of each agency."""
    at, variant = timezone.now(), variant_in_force("2.000815")
    assert variant is not None
    who = {"own": accounts["motcua"], "sibling": accounts["motcua2"]}
    drafts, scans = {}, {}
    for kind, account in who.items():
        drafts[kind] = forms.open_draft(account, variant.form, "counter/2.000815/default/ab12", at=at).pk
        given = {"agency": places[kind], "dossier_id": dossiers[kind], "name": "Giấy ủy quyền", "begun_at": at}
        scans[kind] = Scan.objects.create(official=account, **given).pk
    sheet = io.BytesIO()
    Image.new("L", (21, 30)).save(sheet, "JPEG")
    pages = {
        kind: files.attach(
            files.store_bytes(sheet.getvalue(), name="trang.jpg", by=BY, at=at), ("counter.scan", scan), by=BY, at=at
        ).pk
        for kind, scan in scans.items()
    }
    lists, items, days = {}, {}, {}
    for kind, place in places.items():
        giver = Staff.objects.filter(agency=place).latest("pk").account
        one = HandOver(id=new_id(), giver=giver, agency=place, to=place, at=at)
        one.number = next_number("hand-over", agency=place.pk, subject=one, by=BY, at=at)
        one.save(force_insert=True)
        lists[kind] = one.pk
        items[kind] = FileOnTheWay.objects.create(hand_over=one, dossier_id=dossiers[kind]).pk
        figures = dict.fromkeys(("received", "returned", "receipts", "taken", "held"), 0)
        days[kind] = Day.objects.create(agency=place, official=giver, day=date(2026, 11, 20), at=at, **figures).pk
    objects.named |= {"scan_id": scans, "list_id": lists, "day_id": days, "turn": {"": 0}}
    objects.by_route |= {f"counter:{name}:draft_id": drafts for name in ("find", "choose", "begin")}
    objects.by_route |= {"counter:picture:link_id": pages, "counter:take_back:item_id": items}


def _joint(like: Any, place: Agency) -> Dossier:
    """A joint dossier of the same applicant and agency, at a step that another agency decides."""
    one = Dossier.objects.get(pk=like)
    one.pk, one.code, one.procedure_code = new_id(), f"{one.code}-LT", "2.000986"
    one.save(force_insert=True)
    step = {"kind": "elsewhere", "role": "receptionist", "agency": place.code, "outcomes": {"granted": None}}
    definition = process.define({"start": "decide", "steps": {"decide": step}})
    now = timezone.now()
    Task.objects.create(
        subject_kind="dossiers.dossier", subject_id=one.pk, definition=definition, step="decide", kind="elsewhere",
        code=one.code, role="receptionist", agency=place, opened_at=now, due_at=now,
    )  # fmt: skip
    return one


def _document(place: Agency) -> Any:
    """Arrived at this agency on paper."""
    at = timezone.now()
    link = files.store_bytes(samples.pdf(place.name), name="den.pdf", by=BY, at=at)
    return documents.receive(
        file=link, type_="CV", abstract="hướng dẫn nghiệp vụ", notation="45/STP", issued_on=at.date(), urgency=0,
        sender_name="Sở Tư pháp", signer_name="", staff=Staff.objects.filter(agency=place).latest("pk"), by=BY, at=at,
    ).pk  # fmt: skip


def _complaint(dossier: Any, place: Agency) -> Any:
    """About a dossier, to be answered by this agency."""
    at = timezone.now()
    one = Complaint(dossier_id=dossier, kind="complaint", about="decision", words="Trễ hẹn.", filed_at=at, due_at=at)
    one.complained = one.agency = place
    one.number = next_number("complaint", agency=place.pk, subject=one, by=BY, at=at)
    one.save()
    return one.pk


_ACTING = (("own", "hoa"), ("sibling", "minh"))


def _authority(account: Account, number: int) -> Any:
    """Somebody's business."""
    at = timezone.now()
    business = register_business(("0100233488", "0100233488-002")[number], name=f"Công ty {number}", by=BY, at=at)
    assert account.person is not None
    return give_authority(business, account.person, role="legal", until=None, by=BY, at=at).pk


def _paper(account: Account, place: Agency) -> Any:
    """In somebody's vault, to be compared with its original in a commune."""
    assert account.person is not None
    link = files.store_bytes(
        b"%PDF-1.4 " + account.username.encode() + b" %%EOF", name="bang.pdf", by=BY, at=timezone.now()
    )
    said = vault.Said("Bằng đại học", Trust.OWN)
    paper = vault.add(account.person, link, said, by=BY, at=timezone.now())
    return vault.ask_comparison(paper, place, by=BY, at=timezone.now()).pk


def _shared(account: Account) -> str:
    """The secret of a link to that paper."""
    _share, secret = vault.share(Paper.objects.get(person=account.person), days=7, by=BY, at=timezone.now())
    return secret


def _asked(dossier: Dossier, place: Agency) -> Any:
    """An agency is asked for its opinion on a dossier of the sibling commune."""
    ends = dict.fromkeys(("agree", "disagree", "no_opinion", "waived"))
    step = {"kind": "consult", "role": "officer", "agency": place.code, "outcomes": ends}
    definition = process.define({"start": place.code, "steps": {place.code: step}})
    task = Task(
        subject_kind="dossiers.dossier", subject_id=dossier.pk, definition=definition, step=place.code,
        kind="consult", code=dossier.code, role="officer", agency=place, opened_at=timezone.now(),
        due_at=timezone.now(),
    )  # fmt: skip
    task.save(force_insert=True)
    Consultation.objects.create(dossier=dossier, task=task)
    return task.pk


def _report(place: Agency, sender: Account) -> Any:
    days = {"since": date(2026, 9, 15), "until": date(2026, 10, 14), "kind": "month", "revision": 1}
    content = {"rows": [], "total": ["", "", *[0] * 11], "position": 0, "as_of": ""}
    given = {"content": content, "digest": "0" * 64, "sent_at": timezone.now(), "sent_by": sender}
    return Report.objects.create(agency=place, form="06a", **days, **given).pk


def _sending(place: Agency, variant: Any) -> Any:
    """A file of applications that its counter has not confirmed."""
    given = {"variant": variant, "channel": 1, "by": str(BY), "at": timezone.now()}
    return Sending.objects.create(name="buu-dien.xlsx", agency=place, **given).pk


def _answer(place: Agency) -> Any:
    return Answer.objects.create(agency=place, month=date(2026, 10, 1), way="slip", marks={"overall": 4}).pk


def _item(dossier: Any, place: Agency) -> Any:
    """Something that the national portal refuses."""
    given = {"dossier_id": dossier, "agency": place, "entry_id": new_id(), "event": "dossiers.submitted", "order": 1}
    return Item.objects.create(id=new_id(), call=Call.STEP, state="rejected", at=timezone.now(), **given).pk


def _application(kind: str, place: Agency) -> Any:
    given = {"number": kind, "procedure": "1.004873", "agency": place, "outcome": "refused"}
    return Application.objects.create(handed_in_at=timezone.now(), at=timezone.now(), **given).pk


def _drawing(place: Agency, by: Account, variant: Any) -> Any:
    at = timezone.now()
    return drawings.begin_from("Quy trình", variant.process, agency=place.pk, by=by, at=at).pk


def _of_minh(place: Agency) -> dict[str, Any]:
    """Minh applies in his own commune."""
    address = {"province": "66", "commune": place.unit_code, "detail": "1 đường Lê Duẩn"}
    requester = answers()["requester"] | {
        "full_name": "Trần Văn Minh",
        "national_id": "066085000002",
        "address": address,
    }
    own = answers()["own"] | {"birth_date": "1985-11-20", "sex": "male"}
    return {"requester": requester, "own": own}


def _clients(objects: Objects, places: dict[str, Agency]) -> str:
    tokens, rows = {}, {}
    for kind, place in places.items():
        client, tokens[kind] = issue_api_client(
            f"Thử {kind}", scopes=["dossiers:read", "dossiers:submit", "procedures:read"], agency=place, by=BY,
            at=timezone.now(),
        )  # fmt: skip
        rows[kind] = client.pk
    objects.named["client_id"] = rows
    assert ApiClient.objects.filter(pk__in=rows.values()).count() == 3
    return tokens["own"]


def _hours(place: Agency) -> Any:
    week = {day: ["07:30-11:30", "13:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    return worktime.set_hours(place.pk, weekly=week, valid_from=date(2027, 1, 1), by=BY, at=timezone.now()).pk


def _override(place: Agency) -> Any:
    return worktime.override_day(
        place.pk, date(2027, 5, 3), kind="closed", hours=[], reason="Thử nghiệm", by=BY, at=timezone.now()
    ).pk


def _file(dossier: Dossier) -> Any:
    now = timezone.now()
    link = files.store_bytes(b"%PDF-1.4\n%%EOF\n", name="giay.pdf", by=BY, at=now)
    return files.attach(link, dossier, by=BY, at=now).pk


def _draft(account: Account, variant: Any) -> Any:
    return forms.open_draft(account, variant.form, f"online/1.004873/{variant.key}", at=timezone.now()).pk


def _device(account: Account) -> Any:
    values = {"key": "", "secret": "", "language": "vi", "label": "Firefox", "added_at": timezone.now()}
    return Device.objects.create(account=account, endpoint=f"https://push.test/{account.pk}", **values).pk


def _notice(account: Account, dossier: Dossier) -> Any:
    now = timezone.now()
    to = Recipient(account=account.pk)
    return notify("dossiers.submitted", to=to, subject=dossier, entry=new_id(), at=now, params={"code": dossier.code})


def _token() -> Any:
    done = a_dossier().submitted().accepted().assigned().proposed().signed().issued()
    return Result.objects.get(dossier=done.pk).token


def _flag() -> Any:
    """A question about a procedure that the national database left open."""
    row = NationalRow.objects.create(code="1.001193", raw={}, digest="", state="waiting", read_at=timezone.now())
    return Flag.objects.create(row=row, why="time_number", where="ways.0.time", excerpt="7", blocks=True).pk


def _revision(author: Account) -> Any:
    version = version_in_force("2.000635")
    assert version is not None
    return catalogue.draft(differences.data_of(version), author=author, by=BY, at=timezone.now()).pk


def _filter(owner: Staff, place: Agency) -> Any:
    return Filter.objects.create(agency=place, owner=owner.account, name="Trễ hạn", look="han=late", shared=True).pk


def _phrase(place: Agency) -> Any:
    words = {"verb": "refuse", "name": "Sai thẩm quyền", "text": "Việc này thuộc thẩm quyền của phường khác."}
    return Phrase.objects.create(agency=place, **words).pk
