"""Who gets in, who acts, and what a refusal looks like."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path
from django.views.decorators.http import require_POST
from tests.core.ui.people import a_citizen, an_official

from tinhso.config.urls import handler400, handler403, handler404, handler500  # noqa: F401 Django reads them here
from tinhso.config.urls import urlpatterns as real
from tinhso.core.agencies.models import Role
from tinhso.core.ledger.actions import NotAllowed, Refused
from tinhso.core.ui.access import OTHERS, allowed, declared, may, routes


def answer(request: Any) -> HttpResponse:
    return HttpResponse(str(request.actor))


def refuse(request: Any) -> HttpResponse:
    raise Refused("already_accepted", "Hồ sơ này đã được tiếp nhận.")


def disallow(request: Any) -> HttpResponse:
    raise NotAllowed("Chỉ lãnh đạo được ký.")


def lose_the_database(request: Any) -> HttpResponse:
    raise OperationalError("server closed the connection unexpectedly")


def break_down(request: Any) -> HttpResponse:
    raise ZeroDivisionError("secret words of the stack")


urlpatterns = [
    *real,
    path("t/undeclared", answer),
    path("t/public", may("public")(lambda request: answer(request))),
    path("t/account", may("account")(lambda request: answer(request))),
    path("t/staff", may("staff")(lambda request: answer(request))),
    path("t/leader", may(Role.LEADER)(lambda request: answer(request))),
    path("t/refused", may("public")(refuse)),
    path("t/disallowed", may("public")(disallow)),
    path("t/database", may("public")(lose_the_database)),
    path("t/broken", may("public")(break_down)),
    path("t/post", may("public")(require_POST(lambda request: answer(request)))),
]
here = override_settings(ROOT_URLCONF=__name__)


@pytest.fixture(autouse=True)
def addresses() -> Any:
    with here:
        yield


@pytest.fixture
def visitor(db: Any) -> Client:
    return Client(raise_request_exception=False)


def test_a_view_that_says_nothing_is_closed_to_everyone(visitor):
    assert visitor.get("/t/undeclared").status_code == 403
    visitor.force_login(an_official(Role.ADMINISTRATOR).account)
    assert visitor.get("/t/undeclared").status_code == 403


def test_an_address_with_a_nul_where_any_text_may_stand_is_not_found_by_pages_and_the_api(visitor):
    asked = [re.sub(r"<(str|slug|path):\w+>|<\w+>", "a%00b", route.path) for route in routes()]
    asked = [re.sub(r"<uuid:\w+>", str(UUID(int=0)), one).replace("<int:number>", "1") for one in asked]
    walked = {one: visitor.get(f"/{one}") for one in asked if "%00" in one and "<" not in one}
    assert {"thu-tuc/a%00b/", "api/v1/dossiers/a%00b", "api/v1/agencies/a%00b"} <= walked.keys()
    assert {one: answer.status_code for one, answer in walked.items()} == dict.fromkeys(walked, 404)
    assert walked["api/v1/dossiers/a%00b"]["Content-Type"] == "application/problem+json"


def test_a_visitor_is_sent_to_sign_in_and_back(visitor):
    response = visitor.get("/t/account?x=1")
    assert (response.status_code, response["Location"]) == (302, "/dang-nhap/?next=/t/account%3Fx%3D1")


def test_a_form_of_someone_signed_out_says_so_instead_of_losing_it_in_a_redirect(visitor):
    response = visitor.post("/t/account")
    assert response.status_code == 403
    assert "Anh/chị không còn đăng nhập" in response.content.decode()


def test_a_citizen_gets_what_accounts_get_and_nothing_of_staff(visitor):
    visitor.force_login(a_citizen())
    assert visitor.get("/t/account").status_code == 200
    assert [visitor.get(f"/t/{where}").status_code for where in ("staff", "leader")] == [403, 403]


def test_an_official_gets_in_by_the_roles_of_the_post_they_act_in(visitor):
    officer = an_official(Role.OFFICER)
    visitor.force_login(officer.account)
    assert visitor.get("/t/staff").content.decode() == f"account:{officer.account.pk}"
    assert visitor.get("/t/leader").status_code == 403
    leader = an_official(Role.LEADER, account=officer.account, agency_name="Phường Tân Lập")
    refused = visitor.get("/t/leader").content.decode()
    assert "Phường Tân Lập" in refused, "the post that would do is offered"
    assert visitor.post("/vi-tri", {"post": str(leader.pk), "next": "/t/leader"})["Location"] == "/t/leader"
    assert visitor.get("/t/leader").status_code == 200


def test_the_post_offered_on_a_refusal_can_be_taken_with_the_forms_own_token(db):
    careful = Client(enforce_csrf_checks=True)
    account = an_official(Role.OFFICER).account
    leader = an_official(Role.LEADER, account=account)
    careful.force_login(account)
    page = careful.get("/t/leader").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token is not None
    taken = careful.post("/vi-tri", {"post": str(leader.pk), "next": "/t/leader", "csrfmiddlewaretoken": token[1]})
    assert taken["Location"] == "/t/leader"


def test_nobody_acts_in_a_post_that_is_not_theirs(visitor):
    other = an_official(Role.LEADER)
    visitor.force_login(an_official(Role.OFFICER).account)
    assert visitor.post("/vi-tri", {"post": str(other.pk)}).status_code == 409
    assert visitor.get("/t/leader").status_code == 403


def test_a_visitor_acts_as_the_public(visitor):
    assert visitor.get("/t/public").content == b"system:public"


def test_every_route_says_who_may_use_it():
    silent = [route for route in routes() if route.who is None and not route.path.startswith("t/")]
    assert silent == []


def test_the_list_of_views_of_others_names_only_what_exists():
    assert set(OTHERS) <= {route.name for route in routes()}


def test_a_stranger_is_nobody_even_when_roles_are_asked_for():
    request = SimpleNamespace(user=AnonymousUser(), staff=None)
    assert not allowed(frozenset({"leader", "staff", "account"}), request)  # type: ignore[arg-type]
    assert declared(lambda: None, "unheard_of") is None


@pytest.mark.parametrize(
    ("where", "status", "words"),
    [
        ("refused", 409, "Hồ sơ này đã được tiếp nhận."),
        ("disallowed", 403, "Chỉ lãnh đạo được ký."),
        ("database", 503, "Hệ thống sẽ trở lại ngay"),
        ("broken", 500, "Hệ thống gặp trục trặc"),
        ("nowhere", 404, "Không có trang này"),
        ("post", 405, "Không mở trực tiếp được địa chỉ này"),
    ],
)
def test_what_does_not_go_is_said_in_plain_words_with_the_code_to_tell(visitor, where, status, words):
    response = visitor.get(f"/t/{where}", headers={"X-Request-ID": "trace-0042"})
    page = response.content.decode()
    assert (response.status_code, response["X-Request-ID"]) == (status, "trace-0042")
    assert words in page
    assert "trace-0042" in page
    assert "secret words" not in page


def test_a_database_away_tells_browsers_when_to_come_back(visitor):
    assert visitor.get("/t/database")["Retry-After"] == "30"


def test_a_made_up_request_id_with_markup_is_replaced(visitor):
    response = visitor.get("/t/nowhere", headers={"X-Request-ID": "<script>"})
    assert re.fullmatch(r"[0-9a-f]{16}", response["X-Request-ID"])


def test_htmx_gets_only_the_words_for_the_messages_of_its_page(visitor):
    response = visitor.get("/t/refused", headers={"HX-Request": "true"})
    assert response.status_code == 409
    assert "<html" not in response.content.decode()
    assert "Hồ sơ này đã được tiếp nhận." in response.content.decode()


def test_htmx_of_someone_signed_out_takes_the_whole_page_to_sign_in(visitor):
    response = visitor.get("/t/account", headers={"HX-Request": "true"})
    assert response["HX-Redirect"].startswith("/dang-nhap/")


def test_the_page_to_go_back_to_is_never_someone_elses(rf: RequestFactory):
    from tinhso.core.ui.errors import came_from

    assert came_from(rf.get("/", headers={"Referer": "http://testserver/ho-so"})) == "http://testserver/ho-so"
    assert came_from(rf.get("/", headers={"Referer": "https://evil.example/"})) == "/"
