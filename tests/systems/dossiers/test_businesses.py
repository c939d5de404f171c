"""A business applies through people who act for it, each as themselves, and only as long as they do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from tests.systems.dossiers.builders import MONDAY, answers, by, staff
from tinhso.core.accounts.actions import (
    authorise,
    end_authority,
    erase_person,
    give_authority,
    issue_api_client,
    register_business,
    register_person,
)
from tinhso.core.accounts.holdings import export
from tinhso.core.accounts.models import Account, Authority, Business
from tinhso.core.agencies.models import Role
from tinhso.core.forms.definition import FormDefinition
from tinhso.core.forms.models import Draft
from tinhso.core.forms.prefill import business_source, prefill
from tinhso.core.ledger import loop
from tinhso.core.ledger.actions import Actor, NotAllowed, Refused
from tinhso.core.ledger.models import Entry
from tinhso.core.notify.models import Notice
from tinhso.systems.dossiers.models import ApplicantKind, Dossier
from tinhso.systems.dossiers.queries import of_account

BY = Actor.system("tests")
CODE = "0100233488"  # with a right check digit
DAY = timedelta(days=1)


def account(username: str) -> Account:
    return Account.objects.get(username=username)


def page(username: str) -> Client:
    client = Client()
    client.force_login(account(username))
    return client


@pytest.fixture
def business(province: Any) -> Business:
    """Hoa represents it; Minh has nothing to do with it."""
    at = timezone.now() - 9 * DAY
    made = register_business(CODE, name="Công ty TNHH Cà phê Ea Kao", by=BY, at=at)
    person = account("hoa").person
    assert person is not None
    give_authority(made, person, role="legal", until=None, by=BY, at=at)
    return made


def applied(client: Client, business: Business | None) -> Dossier:
    """Begin, answer, submit: on the pages, but for the answers, which have tests of their own."""
    begun = client.post("/nop-ho-so/1.004873/default/", {"for": str(business.pk) if business else ""})
    assert begun.status_code == 302
    draft = Draft.objects.get(pk=begun["Location"].strip("/").rpartition("/")[2])
    Draft.objects.filter(pk=draft.pk).update(answers=answers())
    assert client.get(f"/nop-ho-so/ban-nhap/{draft.pk}/kiem-tra/").status_code == 200
    done = client.post(f"/nop-ho-so/ban-nhap/{draft.pk}/kiem-tra/")
    assert done.status_code == 302, done.content.decode()
    return Dossier.objects.latest("submitted_at")


def test_who_acts_for_a_business_applies_for_it_and_the_dossier_is_the_businesss(business: Business) -> None:
    hoa = page("hoa")
    assert "Nộp thay mặt Công ty TNHH Cà phê Ea Kao" in hoa.get("/nop-ho-so/1.004873/default/").content.decode()
    dossier = applied(hoa, business)
    assert (dossier.business, dossier.applicant, dossier.account) == (business, None, account("hoa"))
    assert (dossier.applicant_name, dossier.applicant_kind) == (business.name, ApplicantKind.BUSINESS)
    entry = Entry.objects.get(subject_id=dossier.pk, event="dossiers.submitted_for_business")
    authority = business.authorities.get()
    assert entry.data == {"business": str(business.pk), "authority": str(authority.pk)}
    assert entry.actor == f"account:{account('hoa').pk}"
    assert "Ea Kao" in hoa.get("/ho-so/").content.decode()
    assert applied(hoa, None).applicant == account("hoa").person


def test_all_who_act_for_it_see_its_dossiers_and_nobody_after_their_authority_ended(business: Business) -> None:
    dossier = applied(page("hoa"), business)
    address = f"/ho-so/{dossier.pk}/"
    assert page("minh").get(address).status_code == 404
    now = timezone.now()
    own, minh = business.authorities.get(), account("minh").person
    assert minh is not None
    given = authorise(own, minh.national_id, full_name=minh.full_name, until=now + DAY, by=BY, at=now)
    assert page("minh").get(address).status_code == 200
    assert not of_account(account("minh"), now + 2 * DAY).exists()
    end_authority(given, by=BY, at=timezone.now())
    assert page("minh").get(address).status_code == 404
    end_authority(own, by=BY, at=timezone.now())
    assert page("hoa").get(address).status_code == 404  # who submitted it, too
    assert page("hoa").get("/ho-so/").content.decode().count(dossier.code) == 0


def test_a_draft_for_a_business_is_closed_with_the_authority(business: Business) -> None:
    hoa = page("hoa")
    begun = hoa.post("/nop-ho-so/1.004873/default/", {"for": str(business.pk)})
    assert "Bắt đầu: " in hoa.get(begun["Location"]).content.decode()
    assert begun["Location"] in hoa.get("/ho-so/").content.decode(), "what was begun is found again"
    end_authority(business.authorities.get(), by=BY, at=timezone.now())
    assert begun["Location"] not in hoa.get("/ho-so/").content.decode()
    assert hoa.get(begun["Location"]).status_code == 404
    assert hoa.post("/nop-ho-so/1.004873/default/", {"for": str(business.pk)}).status_code == 403
    assert page("minh").post("/nop-ho-so/1.004873/default/", {"for": str(business.pk)}).status_code == 403


def test_those_who_act_for_it_are_told_and_not_those_who_did(business: Business) -> None:
    minh = account("minh").person
    assert minh is not None
    at = timezone.now()
    former = give_authority(business, minh, role="authorised", until=at + DAY, by=BY, at=at)
    end_authority(former, by=BY, at=timezone.now())
    applied(page("hoa"), business)
    autodiscover_modules("consumers")
    while loop.round_once():
        pass
    told = [(one.person_id, one.account_id) for one in Notice.objects.filter(kind="dossiers.submitted")]
    assert told == [(account("hoa").person_id, None)]


def test_a_counter_registers_a_business_and_takes_its_dossier_from_who_acts_for_it(province: Any) -> None:
    desk = page(staff(Role.RECEPTIONIST).account.username)
    form = {
        "code": "0100233488-002", "name": "Chi nhánh  Ea Kao", "national_id": "066190000001",
        "full_name": "Nguyễn Thị Hoa", "role": "legal", "seen": "on",
    }  # fmt: skip
    assert desk.post("/quay/doanh-nghiep/", {**form, "code": "0100233489"}).status_code == 422
    assert desk.post("/quay/doanh-nghiep/", {**form, "seen": ""}).status_code == 422
    assert desk.post("/quay/doanh-nghiep/", form).status_code == 302
    branch = Business.objects.get()
    assert (branch.code, branch.name) == ("0100233488-002", "Chi nhánh Ea Kao")
    begin = "/ban-lam-viec/tiep-nhan/1.004873/default/?ho-so=ab12&doanh-nghiep=0100233488002"
    assert "Nguyễn Thị Hoa" in desk.get(begin).content.decode()
    draft = Draft.objects.get(context__startswith="counter/")
    assert draft.context.endswith("/ab12/0100233488-002")
    from tinhso.systems.dossiers.intake import submit_draft
    from tinhso.systems.dossiers.models import Channel
    from tinhso.systems.procedures.queries import variant_in_force

    variant = variant_in_force("1.004873")
    assert variant is not None
    place, who = staff(Role.RECEPTIONIST).agency, by(Role.RECEPTIONIST)
    more: dict[str, Any] = {"channel": Channel.COUNTER, "account": None, "counter": place, "business": branch}
    stranger = answers()
    stranger["requester"] = stranger["requester"] | {"full_name": "Trần Văn Minh", "national_id": "066085000002"}
    with pytest.raises(Refused, match="không đại diện"):
        submit_draft(draft, variant, stranger, by=who, at=timezone.now(), **more)
    made = Dossier.objects.get(pk=submit_draft(draft, variant, answers(), by=who, at=timezone.now(), **more))
    assert (made.business, made.applicant, made.account) == (branch, None, None)
    assert page("hoa").get(f"/ho-so/{made.pk}/").status_code == 200


def test_a_machine_hands_in_for_a_business_by_who_acts_for_it_and_for_nobody_else(business: Business) -> None:
    home = staff(Role.RECEPTIONIST).agency
    _client, token = issue_api_client(
        "Bưu điện", scopes=("dossiers:submit",), agency=home, by=BY, at=timezone.now() - DAY
    )

    def send(key: str, code: str, *, name: str = "business", **who: str) -> Any:
        given = answers()
        body = {"procedure": "1.004873", "agency": home.code, name: code}
        body |= {"answers": given | {"requester": given["requester"] | who}}
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        return Client(headers=headers).post("/api/v1/dossiers", body, content_type="application/json")

    unknown = send("k-1", "0100233489")
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "#/business")
    stranger = send("k-2", CODE, full_name="Trần Văn Minh", national_id="066085000002")
    assert (stranger.status_code, stranger.json()["code"]) == (403, "no_authority")
    misspelt = send("k-4", CODE, name="bussiness")
    assert (misspelt.status_code, misspelt.json()["errors"][0]["pointer"]) == (422, "#/bussiness")
    assert not Dossier.objects.exists()
    assert send("k-3", CODE).status_code == 201
    made = Dossier.objects.get()
    assert (made.business, made.applicant, made.applicant_name) == (business, None, business.name)
    assert Entry.objects.filter(subject_id=made.pk, event="dossiers.submitted_for_business").count() == 1
    assert made in of_account(account("hoa"), timezone.now())


def test_a_wrong_code_at_the_counter_makes_nobody_elses_dossier(province: Any) -> None:
    desk = page(staff(Role.RECEPTIONIST).account.username)
    begin = "/ban-lam-viec/tiep-nhan/1.004873/default/?ho-so=ab12&doanh-nghiep=0100233488"
    refused = desk.post(begin, {"relation": "self"})
    assert refused.status_code == 422
    assert "đã được ghi nhận" in refused.content.decode()
    assert not Dossier.objects.exists()


def test_a_representative_authorises_known_people_for_a_period_and_ends_it(business: Business) -> None:
    hoa, own = page("hoa"), business.authorities.get()
    form = {"for": str(own.pk), "national_id": "066085000002", "full_name": "Trần Văn Minh"}
    until = (timezone.localdate() + 30 * DAY).isoformat()
    assert hoa.post("/toi/doanh-nghiep/", {**form, "until": ""}).status_code == 422
    assert hoa.post("/toi/doanh-nghiep/", {**form, "until": until, "full_name": "Người Khác"}).status_code == 422
    assert hoa.post("/toi/doanh-nghiep/", {**form, "until": until}).status_code == 302
    given = Authority.objects.get(role="authorised")
    assert "Trần Văn Minh" in hoa.get("/toi/doanh-nghiep/").content.decode()
    theirs = page("minh")
    assert "Ea Kao" in theirs.get("/toi/doanh-nghiep/").content.decode()
    assert theirs.post(f"/toi/doanh-nghiep/{own.pk}/het").status_code == 404
    with pytest.raises(NotAllowed):
        authorise(given, "066190000001", full_name="Nguyễn Thị Hoa", until=None, by=BY, at=timezone.now())
    assert hoa.post(f"/toi/doanh-nghiep/{given.pk}/het").status_code == 302
    assert not Authority.objects.open_at(timezone.now()).filter(role="authorised").exists()


def test_erasing_a_person_ends_their_authority_and_leaves_the_businesss_dossiers(business: Business) -> None:
    dossier = applied(page("hoa"), business)
    person = account("hoa").person
    assert person is not None
    (held,) = export(person)["businesses"]
    assert (held["business"], held["role"]) == (CODE, "legal")
    assert export(person)["dossiers"] == []
    erase_person(person, by=BY, at=timezone.now())
    assert not Authority.objects.exists()
    assert Entry.objects.filter(event="business.authority_ended").exists()
    assert Dossier.objects.get(pk=dossier.pk).business == business


def test_the_same_business_is_registered_once_and_keeps_its_new_name(business: Business) -> None:
    again = register_business("0100 233 488", name="Công ty Cổ phần Ea Kao", by=BY, at=MONDAY)
    assert (again.pk, Business.objects.get().name) == (business.pk, "Công ty Cổ phần Ea Kao")
    with pytest.raises(Refused):
        register_business("066190000001", name="Một người", by=BY, at=MONDAY)  # a person's tax code is no business's
    assert register_person("066190000001", full_name="Nguyễn Thị Hoa", by=BY, at=MONDAY)


def test_a_form_that_asks_for_the_organisation_is_filled_in_with_what_is_registered() -> None:
    properties = {
        "organisation": {"type": "string", "maxLength": 250, "prefill": "business.name"},
        "tax_code": {"type": "string", "format": "tax-code", "prefill": "business.tax_code"},
    }
    items = [{"field": key, "label": {"vi": key}} for key in properties]
    page = {"key": "one", "title": {"vi": "Tổ chức"}, "groups": [{"items": items}]}
    form = FormDefinition(
        {
            "key": "thu", "title": {"vi": "Thử"}, "layout": {"pages": [page]},
            "schema": {"type": "object", "required": [], "properties": properties},
        }
    )  # fmt: skip
    business = Business(code=CODE, name="Công ty TNHH Cà phê Ea Kao")
    filled = prefill(form, [business_source(business)], consent=True)
    assert filled.answers == {"organisation": business.name, "tax_code": CODE}
    assert set(filled.origins.values()) == {business.name}
    assert form.validate(filled.answers, on=MONDAY.date())["tax_code"] == CODE
