"""Drafts: kept as people go, filled in with consent only, gone when submitted or erased."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.utils.datastructures import MultiValueDict
from tests.core.files.samples import pdf, png
from tests.core.ui.people import a_citizen

from tinhso.core.accounts.actions import register_person
from tinhso.core.accounts.holdings import export
from tinhso.core.files.jobs import sweep_at
from tinhso.core.files.models import FileLink
from tinhso.core.forms import actions, flow
from tinhso.core.forms.definition import FormDefinition
from tinhso.core.forms.models import Draft, FormVersion
from tinhso.core.forms.prefill import Source, earlier_source, person_source, prefill
from tinhso.core.ledger.actions import Actor
from tinhso.core.ledger.models import Entry

from .builders import TODAY, a_form, a_source, answers, posted

pytestmark = pytest.mark.usefixtures("db")
AT = datetime(2026, 11, 22, 7, 2, tzinfo=UTC)
BY = Actor.system("test")


def a_version(**changes: Any) -> FormVersion:
    return actions.publish(a_source(**changes), by=BY, at=AT)


def a_draft(account: Any = None) -> Draft:
    return actions.open_draft(account or a_citizen(), a_version(), "1.004873/default", at=AT)


def save(draft: Draft, page: str | None, values: dict[str, Any], **more: Any) -> Any:
    form = actions.save_page(draft, page, posted(values), by=BY, at=AT, on=TODAY, **more)
    draft.refresh_from_db()
    return form


def uploads(*names: str) -> MultiValueDict[str, Any]:
    return MultiValueDict({"papers": [SimpleUploadedFile(name, pdf(name)) for name in names]})


def test_the_same_definition_is_published_once_and_a_changed_one_gets_the_next_number() -> None:
    first = a_version()
    assert a_version() == first
    second = a_version(copies={"type": "integer", "minimum": 1, "maximum": 5})
    assert (first.version, second.version) == (1, 2)
    assert a_version() == first
    assert Entry.objects.filter(event="forms.published").count() == 2


def test_a_published_version_cannot_be_changed_even_past_the_application() -> None:
    version = a_version()
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        FormVersion.objects.filter(pk=version.pk).update(definition={})
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        version.save()


def test_a_definition_is_read_once_a_process() -> None:
    version = a_version()
    assert FormDefinition.load(version) is FormDefinition.load(FormVersion.objects.get(pk=version.pk))


def test_what_is_typed_is_kept_right_or_wrong() -> None:
    draft = a_draft()
    form = save(draft, "what", {"purpose": "other", "copies": "hai", "mail": "ten@"})
    assert not form.is_valid()
    assert draft.answers == {"purpose": "other", "copies": "hai", "mail": "ten@"}
    states = {step.key: step.status for step in flow.steps(a_form(), draft.answers, on=TODAY, seen=draft.seen)}
    assert states == {"who": "not_started", "what": "attention", "papers": "not_started"}


def test_a_page_of_optional_questions_is_done_once_it_was_seen() -> None:
    form = a_form()
    assert flow.steps(form, {"sure": True}, on=TODAY)[2].status == "done"
    source = a_source()
    source["schema"]["required"].remove("sure")
    optional = FormDefinition(source)
    assert flow.steps(optional, {}, on=TODAY)[2].status == "not_started"
    assert flow.steps(optional, {}, on=TODAY, seen=["papers"])[2].status == "done"


def test_two_tabs_on_different_pages_do_not_undo_each_other() -> None:
    draft = a_draft()
    same = Draft.objects.get(pk=draft.pk)
    save(draft, "what", {"purpose": "other", "copies": "2"})
    save(same, "papers", {"sure": "yes"})
    assert Draft.objects.get().answers == {"purpose": "other", "copies": 2, "sure": True}


def test_many_pages_saved_at_once_are_all_kept() -> None:
    draft = a_draft()

    def one(page: str, values: dict[str, Any]) -> None:
        actions.save_page(draft, page, posted(values), by=BY, at=AT, on=TODAY)
        connection.close()

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(one, ["what", "papers", "who"], [{"copies": "3"}, {"sure": "yes"}, {"requester.sex": "male"}]))
    kept = Draft.objects.get().answers
    assert (kept["copies"], kept["sure"], kept["requester"]["sex"]) == (3, True, "male")


def test_a_character_that_the_database_cannot_keep_is_told_and_dropped() -> None:
    draft = a_draft()
    form = save(draft, "what", {"reason": "a\x00b"})
    assert form.errors.keys() >= {"reason"}
    assert draft.answers["reason"] == "ab"


def test_uploads_are_stored_named_and_taken_out_again() -> None:
    draft = a_draft()
    form = save(draft, "papers", {"sure": "yes"}, files=uploads("mot.pdf", "hai.pdf"))
    assert form.is_valid()
    first, second = draft.answers["papers"]
    assert draft.files == {first: "mot.pdf", second: "hai.pdf"}
    assert "mot.pdf" in form.render()
    save(draft, "papers", {"sure": "yes", "_remove": f"papers:{first}"})
    assert draft.answers["papers"] == [second]
    assert draft.files == {second: "hai.pdf"}


def test_photos_are_put_into_one_pdf_that_takes_their_place() -> None:
    from tests.core.files.test_derived import photo

    draft = a_draft()
    sent = MultiValueDict({"papers": [SimpleUploadedFile(f"{n}.jpg", photo()) for n in range(2)]})
    save(draft, "papers", {"sure": "yes"}, files=uploads("don.pdf"))
    form = save(draft, "papers", {"sure": "yes", "_join": "papers"}, files=sent)
    assert form.refreshing
    kept = [draft.files[one] for one in draft.answers["papers"]]
    assert kept[0] == "don.pdf"
    assert len(kept) == 2
    assert kept[1].endswith(".pdf")
    assert FileLink.objects.filter(file__mime="image/jpeg").count() == 0
    again = save(draft, "papers", {"sure": "yes", "_join": "papers"})
    assert "papers" in again.errors  # no photos are left
    assert len(draft.answers["papers"]) == 2


def test_a_refused_upload_is_an_error_beside_its_question_and_the_rest_is_kept() -> None:
    draft = a_draft()
    sent = uploads("tot.pdf")
    sent.appendlist("papers", SimpleUploadedFile("xau.exe", b"MZ" + bytes(500)))
    form = save(draft, "papers", {"sure": "yes"}, files=sent)
    assert form.errors.keys() == {"papers"}
    assert "xau.exe" in form.errors["papers"][0]
    assert list(draft.files.values()) == ["tot.pdf"]
    assert draft.answers["sure"] is True


def test_a_question_takes_only_the_kinds_of_files_it_asks_for() -> None:
    draft = actions.open_draft(
        a_citizen(), a_version(papers={"type": "array", "format": "file", "accept": ["image/*"]}), "x", at=AT
    )
    form = save(draft, "papers", {"sure": "yes"}, files=uploads("tot.pdf"))
    assert form.errors.keys() == {"papers"}
    image = MultiValueDict({"papers": [SimpleUploadedFile("anh.png", png())]})
    assert save(draft, "papers", {"sure": "yes"}, files=image).is_valid()


def test_uploads_of_a_draft_wait_as_long_as_the_draft_does_and_go_with_it() -> None:
    draft = a_draft()
    save(draft, "papers", {"sure": "yes"}, files=uploads("mot.pdf"))
    sweep_at(AT + timedelta(days=400))
    link = FileLink.objects.get()
    assert link.owner == ("forms.draft", draft.pk)
    actions.discard(draft, by=BY, at=AT)
    assert not FileLink.objects.exists()


def test_nobody_takes_out_a_file_of_someone_else() -> None:
    mine, theirs = a_draft(), a_draft()
    save(theirs, "papers", {"sure": "yes"}, files=uploads("mot.pdf"))
    (link,) = theirs.files
    save(mine, "papers", {"sure": "yes", "_remove": f"papers:{link}"})
    assert FileLink.objects.filter(pk=link).exists()


def test_more_files_than_wanted_are_not_even_stored() -> None:
    draft = a_draft()
    form = save(draft, "papers", {"sure": "yes"}, files=uploads("1.pdf", "2.pdf", "3.pdf"))
    assert form.errors.keys() == {"papers"}
    assert not draft.files


def test_nothing_is_filled_in_without_consent() -> None:
    source = Source("person", "hồ sơ", {"full_name": "Nguyễn Thị Hoa"})
    assert prefill(a_form(), [source], consent=False).answers == {}
    assert prefill(a_form(), [source], consent=True).origins == {"requester.full_name": "hồ sơ"}


def test_what_was_filled_in_says_from_where_until_the_person_changes_it() -> None:
    account = a_citizen()
    account.person = register_person(
        "066190012345", full_name="Nguyễn Thị Hoa", birth_date=date(1990, 5, 2), sex="female", by=BY, at=AT
    )
    account.save()
    draft = actions.prefill_draft(a_draft(account), [person_source(account.person)], at=AT)
    assert draft.consented_at == AT
    assert draft.answers["requester"] == {
        "full_name": "Nguyễn Thị Hoa",
        "birth_date": "1990-05-02",
        "sex": "female",
        "national_id": "066190012345",
    }
    shown = flow.bind(a_form(), "who", None, answers=draft.answers, on=TODAY, origins=draft.origins).render()
    assert shown.count("Điền sẵn từ: hồ sơ cá nhân của anh/chị") == 4
    save(
        draft,
        "who",
        {
            "requester.full_name": "Nguyễn Thị Hoa",
            "requester.birth_date": "02/05/1990",
            "requester.sex": "female",
            "requester.national_id": "066190054321",
        },
    )
    assert "requester.national_id" not in draft.origins
    assert "requester.birth_date" in draft.origins


def test_prefilled_answers_are_copies_and_never_overwrite_what_was_typed() -> None:
    draft = a_draft()
    save(draft, "what", {"purpose": "other", "copies": "5"})
    draft = actions.prefill_draft(draft, [earlier_source(answers(copies=2, price=9), "H15-0001")], at=AT)
    assert draft.answers["copies"] == 5
    assert draft.answers["price"] == 9
    assert "sure" not in draft.answers
    assert draft.origins["price"] == "H15-0001"


def test_a_draft_follows_a_new_version_and_drops_what_is_no_longer_asked() -> None:
    account = a_citizen()
    draft = a_draft(account)
    save(draft, "what", {"purpose": "other", "tax": "0100233488"})
    source = a_source()
    del source["schema"]["properties"]["tax"]
    group = source["layout"]["pages"][1]["groups"][0]
    group["items"] = [item for item in group["items"] if item["field"] != "tax"]
    newer = actions.publish(source, by=BY, at=AT)
    again = actions.open_draft(account, newer, "1.004873/default", at=AT)
    assert again.pk == draft.pk
    assert again.answers == {"purpose": "other"}
    assert again.form_version == newer


def test_drafts_leave_no_trace_in_the_ledger() -> None:
    draft = a_draft()
    before = Entry.objects.count()
    save(draft, "what", {"purpose": "other"})
    actions.discard(draft, by=BY, at=AT)
    assert Entry.objects.count() == before
    assert not Draft.objects.exists()


def test_a_persons_drafts_are_shown_exported_and_erased_with_the_person() -> None:
    from tinhso.core.forms.holdings import HOLDING

    account = a_citizen()
    account.person = register_person("066190012345", full_name="Nguyễn Thị Hoa", by=BY, at=AT)
    account.save()
    save(a_draft(account), "what", {"purpose": "other"})
    save(actions.open_draft(a_citizen(), a_version(), "1.004873/default", at=AT), "what", {"purpose": "other"})
    assert [held.what for held in HOLDING.items(account.person)] == ["Tờ khai"]
    assert export(account.person)["forms"][0]["answers"] == {"purpose": "other"}
    HOLDING.erase(account.person, BY, AT)
    assert Draft.objects.filter(account=account).count() == 0
    assert Draft.objects.count() == 1
