"""Papers come into the vault by themselves, and are used again with consent."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.systems.dossiers.builders import MONDAY, a_dossier, answers, by, citizen, staff
from tinhso.core.accounts.actions import end_authority, erase_person, give_authority, register_business
from tinhso.core.accounts.holdings import export, lookers
from tinhso.core.agencies.models import Role
from tinhso.core.files import actions as files
from tinhso.core.files.models import FileLink
from tinhso.core.forms import actions as forms
from tinhso.core.forms.definition import FormDefinition
from tinhso.core.forms.models import Draft
from tinhso.core.indicators.queries import differences, figure
from tinhso.core.ledger.actions import Actor
from tinhso.core.ledger.consumers import REGISTRY
from tinhso.core.ledger.models import Entry
from tinhso.simulation.check import settle
from tinhso.systems.dossiers import actions as dossiers
from tinhso.systems.dossiers.intake import application
from tinhso.systems.dossiers.models import Channel, Dossier
from tinhso.systems.procedures.queries import variant_in_force
from tinhso.systems.vault import actions, consumers, queries
from tinhso.systems.vault.models import Consent, Paper, Trust

pytestmark = pytest.mark.usefixtures("province")

SCAN = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF"
BY = Actor.system("tests")


def page(username: str) -> Client:
    client = Client()
    client.force_login(citizen(username))
    return client


def scan(more: bytes = b"") -> SimpleUploadedFile:
    return SimpleUploadedFile("ban-quet.pdf", SCAN.replace(b"1.4", b"1.4\n%" + more), content_type="application/pdf")


def returned() -> Dossier:
    """Hoa's certificate of marital status, in her vault."""
    done = a_dossier(timezone.now() - timedelta(days=2)).submitted().accepted().with_letters().assigned()
    row = done.proposed().signed().issued().returned().row
    fill()
    return row


def fill() -> None:
    """What the worker does within a second."""
    assert "vault.papers" in REGISTRY, consumers.__name__
    settle(timezone.now())


def a_draft(username: str = "hoa") -> Draft:
    """Hoa asks again, for another use: the form wants the earlier certificate."""
    variant = variant_in_force("1.004873")
    assert variant is not None
    draft = forms.open_draft(citizen(username), variant.form, "online/1.004873/default", at=timezone.now())
    draft.answers = answers(earlier_paper="returned")
    draft.save()
    return draft


def at_counter(**changed: Any) -> Dossier:
    """Handed in at the counter with a scan that the receptionist made."""
    variant = variant_in_force("1.004873")
    assert variant is not None
    who = staff(Role.RECEPTIONIST)
    actor = by(Role.RECEPTIONIST)
    link = files.store_bytes(SCAN, name="uy-quyen.pdf", by=actor, at=MONDAY)
    clean = FormDefinition.load(variant.form).validate(answers(evidence=[str(link.pk)], **changed), on=MONDAY.date())
    given = application(variant, clean, channel=Channel.COUNTER, account=None, counter=who.agency, by=actor, at=MONDAY)
    made = dossiers.submit(given, by=actor, at=MONDAY)
    dossiers.accept(made, by=actor, at=MONDAY + timedelta(hours=1))
    return made


def test_a_returned_result_comes_into_the_vault_and_is_cancelled_there_in_the_same_moment() -> None:
    done = returned()

    paper = Paper.objects.get()

    assert paper.person == citizen("hoa").person
    assert (paper.name, paper.number, paper.trust) == ("Giấy xác nhận tình trạng hôn nhân", "1/UBND-XNTTHN", "issued")
    assert paper.agency_name == done.agency.name
    assert paper.link == done.result.issued
    assert paper.issued_on == timezone.localtime(done.result.numbered_at).date()
    assert paper.valid_until
    assert (paper.valid_until.month - paper.issued_on.month) % 12 == 6, "it holds for six months"
    shown = page("hoa").get(f"/toi/kho-giay-to/{paper.pk}/").content.decode()
    assert done.code in shown
    assert "1/UBND-XNTTHN" in shown

    dossiers.cancel_result(done, reason="Người ký không còn thẩm quyền.", by=by(Role.LEADER), at=timezone.now())

    assert "Đã hủy" in page("hoa").get("/toi/kho-giay-to/").content.decode()
    assert "_take" not in page("hoa").get(_evidence(a_draft())).content.decode()


def test_a_corrected_result_comes_when_it_is_handed_over_and_the_one_before_stays_marked() -> None:
    one = a_dossier().submitted().accepted().with_letters().assigned().proposed().signed().issued().returned()
    mistake = {"reason": "Ngày sinh ghi nhầm.", "by_applicant": False}
    dossiers.ask_correction(one.row, **mistake, by=by(Role.OFFICER), at=one.later())
    one.proposed().signed().issued()
    fill()
    old = Paper.objects.get()
    assert old.replaced_at
    assert "Đã thay thế" in page("hoa").get(f"/toi/kho-giay-to/{old.pk}/").content.decode()
    one.returned()
    fill()
    new = Paper.objects.exclude(pk=old.pk).get()
    assert (new.number, new.trust, new.ended(queries.today(one.at))) == ("2/UBND-XNTTHN", "issued", False)
    assert "Đã thay thế" in page("hoa").get("/toi/kho-giay-to/").content.decode()


def test_a_dossier_is_completed_with_a_paper_from_the_vault_and_nobody_elses_can_be_used() -> None:
    returned()
    paper = Paper.objects.get()
    one = a_dossier(timezone.now() - timedelta(hours=5)).submitted().accepted().assigned()
    until = (timezone.now() + timedelta(days=9)).date()
    dossiers.ask_supplement(
        one.row, reason="Thiếu giấy xác nhận lần trước.", until=until, by=by(Role.OFFICER), at=one.later()
    )
    hoa, address = page("hoa"), f"/ho-so/{one.pk}/bo-sung/tu-kho/"
    assert address in hoa.get(f"/ho-so/{one.pk}/").content.decode()
    assert page("minh").get(address).status_code == 404
    assert paper.name in hoa.get(address).content.decode()
    assert hoa.post(address, {"paper": str(one.pk)}).status_code == 422, "nothing was added"
    assert hoa.post(address, {"paper": str(paper.pk)}).status_code == 302
    component = one.row.components.get()
    assert (component.name, component.file.origin, component.file.file_id) == (paper.name, "vault", paper.link.file_id)
    assert [used.code for used in queries.uses(paper, Dossier.objects.all())] == [one.row.code]
    assert hoa.get(address).status_code == 302, "it was asked once"
    fill()
    assert Paper.objects.count() == 1, "what the vault gave out does not come back into it"


def test_a_counter_completes_a_dossier_with_the_applicants_papers_once_they_agree() -> None:
    returned()
    paper = Paper.objects.get()
    one = a_dossier(timezone.now() - timedelta(hours=5)).submitted().accepted().assigned()
    until = (timezone.now() + timedelta(days=9)).date()
    dossiers.ask_supplement(
        one.row, reason="Thiếu giấy xác nhận lần trước.", until=until, by=by(Role.OFFICER), at=one.later()
    )
    counter, address = page("motcua"), f"/ban-lam-viec/ho-so/{one.pk}/bo-sung/tu-kho/"
    assert address in counter.get(f"/ban-lam-viec/ho-so/{one.pk}/").content.decode()
    assert page("motcua2").get(address).status_code == 404
    assert page("tuphap").get(address).status_code == 403
    assert paper.name not in counter.get(address).content.decode(), "nobody has agreed"
    assert counter.post(address, {"paper": str(paper.pk)}).status_code == 422
    assert counter.post(address, {"vault_consent": "1"}).status_code == 302
    assert paper.name in counter.get(address).content.decode()
    assert counter.post(address, {"paper": str(paper.pk)}).status_code == 302
    assert one.row.components.get().file.origin == "vault"
    used = Entry.objects.get(event="vault.used")
    assert used.data["consent"] == str(Consent.objects.get().pk)


def _evidence(draft: Draft) -> str:
    """The page of the form with the question of papers."""
    return f"/nop-ho-so/ban-nhap/{draft.pk}/papers/"


def test_papers_say_whether_an_official_digitised_them_and_what_was_only_handed_in_is_no_original() -> None:
    made = at_counter()
    fill()
    paper = Paper.objects.get()
    assert (paper.trust, paper.vouched_by) == (Trust.DIGITISED, staff(Role.RECEPTIONIST).account)
    assert paper.component == made.components.get()
    shown = page("hoa").get(f"/toi/kho-giay-to/{paper.pk}/").content.decode()
    assert staff(Role.RECEPTIONIST).account.display_name in shown

    Paper.objects.update(trust=Trust.HANDED_IN, vouched_by=None)

    assert "_take" not in page("hoa").get(_evidence(a_draft())).content.decode(), "the form asks for an original"


def test_one_click_uses_a_paper_again_and_the_dossier_says_where_it_came_from() -> None:
    done = returned()
    draft, hoa = a_draft(), page("hoa")
    wanted = re.search(r'name="_take" value="([^"]+)"', hoa.get(_evidence(draft)).content.decode())
    assert wanted, "it is offered where the form asks for the earlier certificate"

    again = hoa.post(_evidence(draft), {"_take": wanted[1]}).content.decode()

    assert "Giấy xác nhận tình trạng hôn nhân.pdf" in again
    assert "kho giấy tờ" in again
    draft.refresh_from_db()
    sent = hoa.post(f"/nop-ho-so/ban-nhap/{draft.pk}/kiem-tra/")
    assert sent.status_code == 302
    new = Dossier.objects.exclude(pk=done.pk).get()
    component = new.components.select_related("file").get()
    assert component.file.origin == "vault"
    assert done.result.issued
    assert component.file.file_id == done.result.issued.file_id, "the same bytes, held once more"
    assert component.file != done.result.issued
    paper = Paper.objects.get()
    used = Entry.objects.get(event="vault.used")
    assert (used.subject_id, used.data["file"]) == (paper.pk, str(component.file.pk))
    assert "Từ kho giấy tờ" in hoa.get(f"/ho-so/{new.pk}/").content.decode()
    officer = page(staff(Role.RECEPTIONIST).account.username)
    assert "Từ kho giấy tờ" in officer.get(f"/ban-lam-viec/ho-so/{new.pk}/").content.decode()
    assert new.code in hoa.get(f"/toi/kho-giay-to/{paper.pk}/").content.decode()

    dossiers.accept(new, by=by(Role.RECEPTIONIST), at=timezone.now())
    fill()

    assert Paper.objects.count() == 1, "what the vault gave out does not come back into it"
    day = timezone.localtime(new.submitted_at).date()
    assert figure("vault.reused", since=day, until=day, agency=new.agency_id).value == 1
    assert not list(differences("vault.reused"))


def test_nobody_takes_another_persons_paper_nor_one_that_may_not_stand_there() -> None:
    at_counter()
    fill()
    paper, minh = Paper.objects.get(), page("minh")
    draft = a_draft("minh")
    assert "_take" not in minh.get(_evidence(draft)).content.decode()

    for wanted in (f"evidence:vault:{paper.pk}", "evidence:vault:x", "evidence:nowhere:1", "purpose:vault:1"):
        minh.post(_evidence(draft), {"_take": wanted, "_refresh": "1"})

    assert not FileLink.objects.filter(origin="vault").exists()
    mine = a_draft()
    Paper.objects.update(valid_until=timezone.localdate() - timedelta(days=1))
    refused = page("hoa").post(_evidence(mine), {"_take": f"evidence:vault:{paper.pk}"})
    assert "không dùng được" in refused.content.decode()
    for path in ("", "chia-se/", "doi-chieu/", "bo/"):
        address = f"/toi/kho-giay-to/{paper.pk}/{path}"
        assert (minh.post(address) if path else minh.get(address)).status_code == 404


COUNTER = "/ban-lam-viec/tiep-nhan/1.004873/default/?ho-so=ab12"


def test_at_a_counter_papers_are_seen_only_after_the_applicants_consent_which_they_find_recorded() -> None:
    at_counter()
    fill()
    official = staff(Role.RECEPTIONIST).account
    desk = page(official.username)
    typed = {"requester.national_id": "066190000001", "requester.full_name": "Nguyễn Thị Hoa", "relation": "self"}
    assert "_take" not in desk.get(COUNTER).content.decode()
    draft = Draft.objects.get()
    address = f"/ban-lam-viec/kho-giay-to/dong-y/{draft.pk}/"

    desk.post(address, {**typed, "vault_back": COUNTER})
    assert not Consent.objects.exists(), "nobody said that the applicant agrees"
    agreed = desk.post(address, {**typed, "vault_back": COUNTER, "vault_consent": "1"})

    assert agreed["Location"] == COUNTER
    shown = desk.get(COUNTER).content.decode()
    assert 'value="066190000001"' in shown, "what was typed stays"
    wanted = re.search(r'name="_take" value="(evidence:[^"]+)"', shown)
    assert wanted
    hoa = citizen("hoa").person
    assert hoa is not None
    assert [entry.event for entry in lookers(hoa)][:1] == ["vault.seen"]
    desk.post(COUNTER, {**typed, "_take": wanted[1]})
    given = Consent.objects.get()
    assert Entry.objects.get(event="vault.used").data["consent"] == str(given.pk)
    assert page("minh").post(address).status_code in (403, 404)
    other = desk.post(COUNTER, {**typed, "requester.national_id": "066085000002", "_refresh": "1"})
    assert "_take" not in other.content.decode(), "the consent is of one person"
    Consent.objects.update(until=timezone.now())
    assert "_take" not in desk.get(COUNTER).content.decode(), "and of one hour"


def test_erasing_a_person_takes_their_vault_along_and_their_copy_of_the_data_holds_it() -> None:
    at_counter()
    fill()
    hoa = citizen("hoa").person
    assert hoa is not None
    link = files.store(scan(), name="bang.pdf", by=BY, at=timezone.now())
    added = actions.add(hoa, link, actions.Said("Bằng đại học", Trust.OWN), by=BY, at=timezone.now())
    actions.share(added, days=1, by=BY, at=timezone.now())
    assert {one["name"] for one in export(hoa)["vault"]["papers"]} == {
        "Bằng đại học",
        "Giấy tờ khác",
    }

    erase_person(hoa, by=BY, at=timezone.now())

    assert not Paper.objects.exists()
    assert not FileLink.objects.filter(pk=link.pk).exists()


def test_a_businesss_papers_are_read_by_who_acts_for_it_and_no_longer_after_that() -> None:
    at = timezone.now()
    business = register_business("0100233488", name="Công ty Một", by=BY, at=at)
    person = citizen("minh").person
    assert person is not None
    authority = give_authority(business, person, role="legal", until=None, by=BY, at=at)
    link = files.store(scan(b"business"), name="giay-phep.pdf", by=BY, at=at)
    paper = actions.add(business, link, actions.Said("Giấy phép", Trust.OWN), by=BY, at=at)
    address = f"/toi/kho-giay-to/{paper.pk}/"
    assert page("minh").get(address).status_code == 200

    end_authority(authority, by=BY, at=timezone.now())

    assert page("minh").get(address).status_code == 404
    assert not queries.of_account(citizen("minh"), timezone.now()).exists()
