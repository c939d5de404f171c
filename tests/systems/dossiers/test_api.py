"""Dossiers for machines: handed in once, within one's own tree, refused in words a person can act on."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests.systems.dossiers.builders import a_dossier, answers, citizen
from tinhso.core.accounts.actions import issue_api_client
from tinhso.core.agencies import demo as agencies
from tinhso.core.agencies.models import Agency
from tinhso.core.api.auth import forget_clients
from tinhso.core.ledger.actions import Actor, new_id
from tinhso.core.ledger.models import Entry
from tinhso.core.process.models import Task
from tinhso.systems.dossiers.models import Dossier

pytestmark = pytest.mark.usefixtures("province")
SCOPES = ("dossiers:submit", "dossiers:read")


@pytest.fixture(autouse=True)
def _fresh() -> None:
    forget_clients()


def places() -> tuple[Agency, Agency, Agency]:
    """The province, the home commune and its sibling."""
    return agencies.home()


def bearer(agency: Agency, *scopes: str) -> dict[str, str]:
    _client, token = issue_api_client(
        "Cổng bưu chính", scopes=scopes or SCOPES, agency=agency, by=Actor.system("tests"), at=timezone.now()
    )
    return {"Authorization": f"Bearer {token}"}


def an_application(**changed: Any) -> dict[str, Any]:
    """For the home commune, by post."""
    return {"procedure": "1.004873", "agency": places()[1].code, "answers": answers(**changed)}


def send(body: Any, headers: dict[str, str], key: str = "k-1") -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Client().post(
        "/api/v1/dossiers", content, content_type="application/json", headers={"Idempotency-Key": key, **headers}
    )


def problem(response: Any, status: int) -> dict[str, Any]:
    """The problem details of a refusal (RFC 9457), complete."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["status"] == status
    assert body["type"] == f"urn:tinhso:problem:{body['code']}"
    assert body["title"]
    assert body["request_id"] == response["X-Request-ID"]
    return body


def pointers(response: Any) -> dict[str, str]:
    """Where what is wrong, of a 422."""
    return {one["pointer"]: one["detail"] for one in problem(response, 422)["errors"]}


def requester(**changed: Any) -> dict[str, Any]:
    return {**answers()["requester"], **changed}


def test_a_dossier_handed_in_by_a_client_is_like_any_other() -> None:
    response = send(an_application(), bearer(places()[1]))

    assert response.status_code == 201, response.content
    made = Dossier.objects.get()
    assert response.json() == {
        "code": made.code,
        "procedure": "1.004873",
        "state": 1,
        "channel": 3,
        "agency": "H15.24133",
        "submitted_at": response.json()["submitted_at"],
        "due_at": None,
        "finished_at": None,
    }
    assert made.applicant is not None
    assert made.applicant.full_name == "Nguyễn Thị Hoa"
    assert made.account is None  # who applies by post may have no account
    assert Task.objects.get(subject_id=made.pk, closed_at=None).kind == "receive"


def test_the_same_key_sixteen_times_at_once_makes_one_dossier_and_gives_one_answer() -> None:
    headers, body = bearer(places()[1]), an_application()
    barrier, got = threading.Barrier(16), []

    def hand_in() -> None:
        try:
            barrier.wait()
            got.append(send(body, headers))
        finally:
            connection.close()

    threads = [threading.Thread(target=hand_in) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [response.status_code for response in got] == [201] * 16
    assert len({response.content for response in got}) == 1
    assert sorted("Idempotency-Replayed" in response for response in got) == [False] + [True] * 15
    assert Dossier.objects.count() == 1
    assert Task.objects.count() == 1
    assert Entry.objects.filter(event="dossiers.submitted").count() == 1


def test_the_same_key_with_another_body_is_a_conflict() -> None:
    headers = bearer(places()[1])
    assert send(an_application(), headers).status_code == 201

    body = problem(send(an_application(copies=2), headers), 409)

    assert body["code"] == "idempotency_key_reused"
    assert Dossier.objects.count() == 1
    assert send(an_application(copies=2), headers, key="k-2").status_code == 201


def test_another_client_may_use_the_same_key() -> None:
    assert send(an_application(), bearer(places()[1])).status_code == 201
    assert send(an_application(), bearer(places()[1])).status_code == 201
    assert Dossier.objects.count() == 2


def test_without_a_key_nothing_is_taken_in() -> None:
    assert problem(send(an_application(), bearer(places()[1]), key=""), 400)["code"] == "idempotency_key_missing"
    assert not Dossier.objects.exists()


def test_every_wrong_answer_is_pointed_at() -> None:
    wrong = an_application(
        requester=requester(national_id="12345", phone="1234"), copies=11, status="engaged", declaration=False
    )

    found = pointers(send(wrong, bearer(places()[1])))

    assert set(found) == {
        "#/answers/requester/national_id",
        "#/answers/requester/phone",
        "#/answers/copies",
        "#/answers/status",
        "#/answers/declaration",
    }
    assert "12" in found["#/answers/requester/national_id"]
    assert not Dossier.objects.exists()


def test_what_is_missing_or_of_the_wrong_type_is_pointed_at() -> None:
    headers = bearer(places()[1])
    assert set(pointers(send({"procedure": 5}, headers))) == {"#/procedure", "#/agency", "#/answers"}
    assert problem(send(b"{not json", headers), 400)["code"] == "bad_request"
    assert set(pointers(send({**an_application(), "procedure": "9.999999"}, headers))) == {"#/procedure"}


@pytest.mark.parametrize("own", ["sibling", "commune", "province"])
def test_a_client_hands_in_within_its_own_tree_only(own: str) -> None:
    province, commune, sibling = places()
    headers = bearer({"province": province, "commune": commune, "sibling": sibling}[own])

    response = send(an_application(), headers)

    if own == "sibling":
        assert set(pointers(response)) == {"#/agency"}
        assert not Dossier.objects.exists()
    else:
        assert response.status_code == 201


def test_an_agency_that_does_not_exist_is_told_apart_from_nothing() -> None:
    headers = bearer(places()[1])
    unknown = pointers(send({**an_application(), "agency": "H99"}, headers))
    foreign = pointers(send({**an_application(), "agency": places()[2].code}, headers))
    assert unknown == foreign  # nobody learns here which agencies there are


def test_a_token_that_may_only_read_hands_nothing_in() -> None:
    response = send(an_application(), bearer(places()[1], "dossiers:read"))
    assert problem(response, 403)["code"] == "scope_missing"
    assert not Dossier.objects.exists()


def test_the_list_goes_page_by_page_without_gap_or_repetition_while_dossiers_come_in() -> None:
    headers = bearer(places()[1])
    codes = [a_dossier().submitted().row.code for _ in range(5)]
    seen, after = [], ""
    while True:
        got = Client().get("/api/v1/dossiers", {"limit": 2, "after": after}, headers=headers).json()
        seen += [one["code"] for one in got["items"]]
        after = got["after"]
        if not after:
            break
        a_dossier().submitted()  # newer than all that follows: belongs to no later page

    assert seen[-5:] == sorted(seen, reverse=True)[-5:]
    assert len(set(seen)) == len(seen)
    assert set(codes) == set(seen)


@pytest.mark.parametrize("limit", ["0", "201", "many"])
def test_a_page_of_no_sensible_size_is_refused(limit: str) -> None:
    response = Client().get("/api/v1/dossiers", {"limit": limit}, headers=bearer(places()[1]))
    assert [one["parameter"] for one in problem(response, 422)["errors"]] == ["limit"]


def test_a_forged_cursor_is_refused() -> None:
    response = Client().get("/api/v1/dossiers", {"after": "eyJhIjoxfQ:x:y"}, headers=bearer(places()[1]))
    assert problem(response, 400)["code"] == "cursor_invalid"


def test_a_client_sees_the_dossiers_of_its_own_tree_only() -> None:
    province, commune, sibling = places()
    code = a_dossier().submitted().row.code
    address = f"/api/v1/dossiers/{code}"

    assert Client().get(address, headers=bearer(commune)).json()["code"] == code
    assert Client().get(address, headers=bearer(province)).json()["code"] == code
    problem(Client().get(address, headers=bearer(sibling)), 404)
    assert Client().get("/api/v1/dossiers", headers=bearer(sibling)).json()["items"] == []


@pytest.mark.parametrize(
    "code", ["'; DROP TABLE dossiers_dossier; --", "\u202e0001", "H15.24133-261123-0001' OR '1'='1"]
)
def test_a_code_that_is_none_is_not_found(code: str) -> None:
    a_dossier().submitted()
    problem(Client().get(f"/api/v1/dossiers/{code}", headers=bearer(places()[1])), 404)
    assert Dossier.objects.count() == 1


@pytest.mark.parametrize(
    "name",
    ["Nguyễn Thị Hoa'; DROP TABLE dossiers_dossier; --", "Hoa 🌸 Nguyễn", "<script>alert(1)</script>", "{{7*7}}"],
)
def test_odd_names_are_kept_as_written_and_break_nothing(name: str) -> None:
    """They are shown as text and never run: to the applicant, to the official, in the letter."""
    response = send(an_application(requester=requester(full_name=name)), bearer(places()[1]))

    assert response.status_code == 201, response.content
    made = a_dossier()
    made.pk = Dossier.objects.get().pk
    assert made.row.applicant_name == name
    made.accepted().with_letters()
    assert made.row.letters.get().file is not None


@pytest.mark.parametrize(
    "name",
    ["Hoa\u202eaoH", "Hoa\u2066x", "Hoa\x00", "Hoa\ud800", "N" * 10_000, "", "   "],
    ids=["override", "isolate", "nul", "surrogate", "10,000 characters", "empty", "spaces"],
)
def test_a_name_that_cannot_be_one_is_refused_beside_its_field(name: str) -> None:
    found = pointers(send(an_application(requester=requester(full_name=name)), bearer(places()[1])))

    assert set(found) == {"#/answers/requester/full_name"}
    assert len(found["#/answers/requester/full_name"]) > 10
    assert not Dossier.objects.exists()


@pytest.mark.parametrize("born", ["1899-12-31", "2031-01-01", "31/12/1990", "1990-02-30", "", 19900308, None])
def test_a_date_of_birth_that_cannot_be_is_refused_beside_its_field(born: Any) -> None:
    own = {**answers()["own"], "birth_date": born}

    found = pointers(send(an_application(own=own), bearer(places()[1])))

    assert set(found) == {"#/answers/own/birth_date"}


@pytest.mark.parametrize("given", [[], "text", None, {"requester": []}, {"requester": {"full_name": {"a": 1}}}])
def test_answers_of_another_shape_break_nothing(given: Any) -> None:
    response = send({**an_application(), "answers": given}, bearer(places()[1]))

    assert all(pointer.startswith("#/answers") for pointer in pointers(response))
    assert not Dossier.objects.exists()


def test_a_dossier_of_somebody_else_is_not_there_for_a_citizen() -> None:
    theirs = a_dossier().submitted(citizen("hoa")).row
    browser = Client()
    browser.force_login(citizen("minh"))

    for pk in (theirs.pk, new_id()):
        for address in ("", "bien-nhan/", "da-nop/"):
            assert browser.get(f"/ho-so/{pk}/{address}").status_code == 404
        assert browser.post(f"/ho-so/{pk}/rut/").status_code == 404
    assert Dossier.objects.get(pk=theirs.pk).state == 1
