"""Operations over HTTP: who may call them, what errors look like, what sending twice does."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection
from django.http import Http404, HttpRequest
from django.test import Client, override_settings
from django.urls import include, path
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from tinhso.core.accounts.actions.clients import issue_api_client
from tinhso.core.accounts.models import Account
from tinhso.core.agencies.models import Agency, Staff
from tinhso.core.api.assembly import addresses, assemble, discovered
from tinhso.core.api.auth import forget_clients, needs, open_to_all, within
from tinhso.core.api.once import once
from tinhso.core.forms.definition import FormErrors
from tinhso.core.ledger.actions import Actor, NotAllowed, Refused, new_id
from tinhso.core.numbering.actions import next_code
from tinhso.core.numbering.models import Counter

AT = datetime(2026, 1, 1, tzinfo=UTC)
SYSTEM = Actor.system("tests")
router = Router(tags=["trial"])


class Applicant(Schema):
    phone: str = Field(pattern=r"^0\d{9}$")


class Trial(Schema):
    copies: int
    applicant: Applicant | None = None


class Taken(Schema):
    code: int
    actor: str


@router.post("/trial/codes", auth=needs("trial:write", "account"), response={201: Taken})
@once
def take(request: HttpRequest, trial: Trial) -> Any:
    code = next_code("H15", at=AT)
    if trial.copies > 100:
        raise Refused("too_many_copies", "At most 100 copies.", field="copies")
    return Status(201, Taken(code=code, actor=str(request.actor)))


@router.get("/trial/staff", auth=needs("trial:read", "officer"), response=list[str])
def staff_only(request: HttpRequest) -> list[str]:
    return list(within(Agency.objects.all(), request, "pk").values_list("code", flat=True))


ERRORS: dict[str, Exception] = {
    "missing": Http404("x"),
    "gone": Account.DoesNotExist("x"),
    "not-allowed": NotAllowed("No."),
    "form": FormErrors({"requester.phone": "Wrong."}),
    "away": OperationalError("server closed the connection"),
    "bug": ZeroDivisionError("Nguyễn Văn A"),
}


@router.get("/trial/fail/{how}", auth=open_to_all(per_minute=1000))
def fail(request: HttpRequest, how: str) -> None:
    raise ERRORS[how]


@router.get("/trial/bounded", auth=open_to_all(per_minute=2))
def bounded(request: HttpRequest) -> str:
    return "ok"


urlpatterns = [
    path("api/v1/", include((addresses(assemble([*discovered(), router])), "api"))),
    path("", include("tinhso.core.ui.urls")),
]


@pytest.fixture(autouse=True)
def urls(db: Any) -> Any:
    forget_clients()
    with override_settings(ROOT_URLCONF=__name__):
        yield


@pytest.fixture
def agency(db: Any) -> Agency:
    agency = Agency(code="H15.01", name="A", short_name="A", kind="commune", valid_from=AT)
    agency.path = [agency.pk]
    agency.save()
    return agency


def bearer(agency: Agency, *scopes: str) -> dict[str, str]:
    _client, token = issue_api_client("Máy", scopes=scopes, agency=agency, by=SYSTEM, at=AT)
    return {"Authorization": f"Bearer {token}"}


def an_account(kind: str = "citizen") -> Account:
    account = Account(username=f"a-{new_id().hex}", kind=kind, display_name="A", created_at=AT)
    account.set_unusable_password()
    account.save()
    return account


def send(body: Any, headers: dict[str, str], client: Client | None = None, key: str = "k1") -> Any:
    return (client or Client()).post(
        "/api/v1/trial/codes",
        data=body if isinstance(body, str) else json.dumps(body),
        content_type="application/json",
        headers={"Idempotency-Key": key, **headers},
    )


def problem(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = json.loads(response.content)
    assert body["status"] == status
    assert body["type"] == f"urn:tinhso:problem:{body['code']}"
    assert body["title"]
    assert body["request_id"] == response["X-Request-ID"]
    return body


def test_a_client_with_the_scope_acts_as_itself_for_its_agency(agency):
    response = send({"copies": 1}, bearer(agency, "trial:write"))
    assert response.status_code == 201
    assert response.json()["actor"].startswith("client:")


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer"}]
)
def test_nobody_gets_in_without_a_valid_token(agency, headers):
    response = send({"copies": 1}, headers)
    assert problem(response, 401)["code"] == "not_signed_in"
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert not Counter.objects.exists()


def test_a_token_without_the_scope_is_told_which_one_it_lacks(agency):
    body = problem(send({"copies": 1}, bearer(agency, "trial:read")), 403)
    assert body["code"] == "scope_missing"
    assert "trial:write" in body["detail"]


def test_a_token_that_has_ended_does_not_get_in(agency):
    _client, token = issue_api_client(
        "Máy", scopes=["trial:write"], agency=agency, by=SYSTEM, at=AT, valid_to=AT + timedelta(days=1)
    )
    problem(send({"copies": 1}, {"Authorization": f"Bearer {token}"}), 401)


def test_a_trusted_token_costs_no_query_for_some_seconds(agency):
    headers = bearer(agency, "trial:read")
    Client().get("/api/v1/trial/staff", headers=headers)
    executed: list[str] = []
    with connection.execute_wrapper(lambda run, sql, *rest: (executed.append(sql), run(sql, *rest))[1]):
        assert Client().get("/api/v1/trial/staff", headers=headers).json() == ["H15.01"]
    assert len(executed) == 1, executed


def test_a_session_acts_with_the_csrf_token_and_not_without(agency):
    client = Client(enforce_csrf_checks=True)
    client.force_login(an_account())
    assert problem(send({"copies": 1}, {}, client), 403)["code"] == "csrf_token_missing"
    client.cookies["csrftoken"] = "x" * 32
    assert send({"copies": 1}, {"X-CSRFToken": "x" * 32}, client).status_code == 201


def test_a_session_without_the_role_is_refused(agency):
    account = an_account("official")
    Staff.objects.create(account=account, agency=agency, roles=["receptionist"], valid_from=AT)
    client = Client()
    client.force_login(account)
    problem(client.get("/api/v1/trial/staff"), 403)
    Staff.objects.update(roles=["officer"])
    assert client.get("/api/v1/trial/staff").json() == ["H15.01"]


def test_a_client_reaches_its_agency_and_what_is_below_and_nothing_beside(agency):
    for code, parent in (("H15.02", None), ("H15.01.1", agency)):
        other = Agency(code=code, name="B", short_name="B", kind="unit", parent=parent, valid_from=AT)
        other.path = [*(parent.path if parent else []), other.pk]
        other.save()
    response = Client().get("/api/v1/trial/staff", headers=bearer(agency, "trial:read"))
    assert sorted(response.json()) == ["H15.01", "H15.01.1"]


def test_wrong_fields_are_named_by_pointer_in_the_language_asked_for(agency):
    headers = bearer(agency, "trial:write")
    wrong = {"copies": "many", "applicant": {"phone": "12"}}
    body = problem(send(wrong, headers), 422)
    assert {one["pointer"] for one in body["errors"]} == {"#/copies", "#/applicant/phone"}
    english = problem(send({}, {**headers, "Accept-Language": "en"}), 422)
    assert english["errors"] == [{"pointer": "#/copies", "detail": "This is missing."}]


def test_a_refusal_keeps_its_code_and_field(agency):
    body = problem(send({"copies": 101}, bearer(agency, "trial:write")), 409)
    assert (body["code"], body["detail"]) == ("too_many_copies", "At most 100 copies.")
    assert body["errors"] == [{"pointer": "#/copies", "detail": "At most 100 copies."}]
    assert not Counter.objects.exists(), "what was refused is rolled back"


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ("missing", 404, "not_found"),
        ("gone", 404, "not_found"),
        ("not-allowed", 403, "not_allowed"),
        ("form", 422, "validation"),
        ("away", 503, "unavailable"),
        ("bug", 500, "server_error"),
    ],
)
def test_every_error_is_a_problem_that_quotes_nobody(how, status, code):
    response = Client().get(f"/api/v1/trial/fail/{how}")
    assert problem(response, status)["code"] == code
    assert "Nguyễn" not in response.content.decode()
    assert response.has_header("Retry-After") == (status == 503)


def test_answers_of_a_form_are_pointed_at_where_they_stand():
    body = problem(Client().get("/api/v1/trial/fail/form"), 422)
    assert body["errors"] == [{"pointer": "#/answers/requester/phone", "detail": "Wrong."}]


def test_what_is_unknown_or_not_json_or_too_large_is_a_problem_too(agency):
    headers = bearer(agency, "trial:write")
    problem(Client().get("/api/v1/no/such/thing"), 404)
    problem(send("{", headers), 400)
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=10):
        problem(send({"copies": 1}, headers), 413)
    response = Client().delete("/api/v1/trial/codes")
    problem(response, 405)
    assert response["Allow"] == "POST"


def test_strangers_are_slowed_down_and_told_for_how_long():
    codes = [Client().get("/api/v1/trial/bounded").status_code for _ in range(5)]
    assert codes[0] == 200
    assert 429 in codes
    response = next(r for r in (Client().get("/api/v1/trial/bounded") for _ in range(5)) if r.status_code == 429)
    assert problem(response, 429)["code"] == "too_many_requests"
    assert 1 <= int(response["Retry-After"]) <= 60


def test_sent_again_over_http_the_answer_is_the_same_and_marked(agency):
    headers = bearer(agency, "trial:write")
    first, second = send({"copies": 1}, headers), send({"copies": 1}, headers)
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert first.status_code == 201
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"
    assert problem(send({"copies": 2}, headers), 409)["code"] == "idempotency_key_reused"
    assert problem(send({"copies": 1}, headers, key=""), 400)["code"] == "idempotency_key_missing"
    assert Counter.objects.get().value == 1


def test_16_http_requests_with_one_key_are_done_once(agency):
    headers = bearer(agency, "trial:write")

    def one(_: int) -> tuple[int, bytes]:
        try:
            response = send({"copies": 1}, headers)
            return response.status_code, response.content
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        answers = set(pool.map(one, range(16)))
    assert len(answers) == 1
    assert answers.pop()[0] == 201
    assert Counter.objects.get().value == 1


def test_an_operation_that_does_not_say_who_may_call_it_stops_the_start():
    silent = Router()
    silent.get("/x")(lambda request: "x")
    with pytest.raises(ImproperlyConfigured, match="does not say who"):
        assemble([silent])


def test_an_address_belongs_to_one_router():
    first, second = Router(), Router()
    for one in (first, second):
        one.get("/x", auth=open_to_all())(lambda request: "x")
    with pytest.raises(ImproperlyConfigured, match="two routers"):
        assemble([first, second])


def test_the_description_names_scopes_problems_and_the_idempotency_key():
    schema = Client().get("/api/v1/openapi.json").json()
    operation = schema["paths"]["/api/v1/trial/codes"]["post"]
    assert {"Bearer": ["trial:write"]} in operation["security"]
    assert "application/problem+json" in operation["responses"]["default"]["content"]
    assert "Idempotency-Key" in [one["name"] for one in operation["parameters"]]
    assert {"Problem", "FieldProblem"} <= set(schema["components"]["schemas"])


def test_the_page_of_the_description_needs_no_foreign_script():
    response = Client().get("/api/v1/docs")
    page = response.content.decode()
    assert response.status_code == 200
    assert "/api/v1/trial/codes" in page
    assert "https://" not in page.split("<body")[1]
