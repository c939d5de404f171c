"""Every route × role × object, against a committed table that people have read.

`matrix.csv` says what each role gets from each route for an object of the home commune, of a
sibling commune and of the province above. A new route fails until it stands in the table:
`python -m pytest tests/routes --write-matrix` adds it; then read the difference before committing.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from tests.house.databases import Copies
from tests.house.province import Province, province_in
from tests.routes.objects import Objects, build
from tinhso.core.ui.access import routes
from tinhso.core.ui.middleware import Guard
from tinhso.core.ui.pages.accounts.sign_in import SEEN

TABLE = Path(__file__).parent / "matrix.csv"
ROLES = (
    "visitor",
    "citizen",
    "motcua",
    "tuphap",
    "truongphong",
    "chutich",
    "vanthu",
    "quantri",
    "motcua2",
    "lanhdao.tinh",
    "kiemtra.tinh",
    "quantri.tinh",
    "client",
)
METHODS = ("GET", "POST")
GUARDING = Guard.process_view
Row = dict[str, str]


@pytest.fixture(scope="module")
def expected() -> dict[str, Row]:
    if not TABLE.exists():
        return {}
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row["case"]: row for row in csv.DictReader(file)}


def client_of(role: str, objects: Objects) -> Client:
    """A browser where this role is signed in; `citizen` owns the own objects."""
    client = Client(raise_request_exception=False)
    if role == "client":
        client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {objects.token}"
    elif role != "visitor":
        client.force_login(objects.accounts["hoa" if role == "citizen" else role])
        session = client.session
        session[SEEN] = time.time() + 3600  # or each request would write its session, as each is taken back
        session.save()
    return client


def answers(client: Client, objects: Objects) -> dict[str, str]:
    """The status of every route, asked for every object it can be asked for. Who is refused before any object is
    looked for is asked for one."""
    found, refused = {}, {}
    for route in routes():
        for kind, address in objects.addresses(route):
            for method in METHODS:
                name = f"{route.name or route.path} {method}"
                if (route.path, method) not in refused:
                    status, for_all = answer(client, method, address)
                    if for_all:
                        refused[route.path, method] = status
                found[f"{name} {kind}".rstrip()] = refused.get((route.path, method), status)
    return found


def answer(client: Client, method: str, address: str) -> tuple[str, bool]:
    """The status, with whatever it changed taken back, and whether any other object would get the same."""
    with transaction.atomic():
        response = client.get(address) if method == "GET" else client.post(address, {})
        transaction.set_rollback(True)
    response.close()
    return str(response.status_code), response.status_code == 405 or hasattr(response, "at_the_door")


def process_view(guard: Guard, *args: Any) -> HttpResponse | None:
    """As it is, and the answer of the guard itself is marked."""
    response = GUARDING(guard, *args)
    if response is not None:
        response.at_the_door = True  # type: ignore[attr-defined]
    return response


@pytest.fixture(scope="module")
def objects(
    _province: Province, copies: Copies, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Objects]:
    """Made once for all roles: what a request changes is taken back, so nothing can be sealed; no page is drawn and
    no refusal is put into words, which take their time."""
    with (
        province_in(tmp_path_factory.mktemp("routes"), _province, copies, django_db_blocker),
        mock.patch(
            "tinhso.core.ui.errors.page", side_effect=lambda _request, status, *_, **__: HttpResponse(status=status)
        ),
        mock.patch.object(Guard, "process_view", process_view),
        mock.patch("tinhso.core.ui.pages.files.picture.draw", return_value=b"a picture"),
        mock.patch("tinhso.systems.dossiers.pages.registers.sealed_pdf", return_value=b"a PDF"),
        mock.patch("tinhso.systems.procedures.pages.letter.drawn", return_value=b"a PDF"),
        mock.patch("tinhso.systems.counter.pages.common.drawn", return_value=b"a PDF"),
    ):
        yield build()


@pytest.mark.parametrize("role", ROLES)
def test_every_route_answers_this_role_as_the_table_says(
    role: str, objects: Objects, expected: dict[str, Row], pytestconfig: pytest.Config
) -> None:
    found = answers(client_of(role, objects), objects)
    if pytestconfig.getoption("--write-matrix"):
        write(role, found, expected)
        return
    assert found.keys() - expected.keys() == set(), "routes that the table does not know"
    assert expected.keys() - found.keys() == set(), "rows of routes that are gone"
    wrong = [
        f"{case}: {status}, the table says {expected[case][role]}"
        for case, status in sorted(found.items())
        if status != expected[case][role]
    ]
    assert wrong == []


def write(role: str, found: dict[str, str], expected: dict[str, Row]) -> None:
    """Put one role's column into the table; rows of routes that are gone are dropped."""
    for case, status in found.items():
        expected.setdefault(case, {"case": case})[role] = status
    for case in expected.keys() - found.keys():
        del expected[case]
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["case", *ROLES], lineterminator="\n")
        writer.writeheader()
        writer.writerows(expected[case] for case in sorted(expected))


# Routes that need something a request in a test does not have; where they are served is said here.
ELSEWHERE = {
    "health": "200 while a worker runs: tests/core/ui/test_health.py",
    "national_portal:file": "opens by an address that was signed for one file: tests/systems/national_portal",
    "ui:catalogue": "in debug only: tests/core/ui/test_catalogue.py",
    "openid_connect_login": "needs the provider: tests/simulators",
    "openid_connect_callback": "needs the provider: tests/simulators",
    "socialaccount_login_error": "an error by its nature",
    "api:unknown": "an error by its nature",
    "api:api-root": "an error by its nature: the way into the API is /docs",
}
FOR_ALL = {"api:agency", "api:due"}  # the directory of agencies is public


def test_every_route_serves_at_least_one_role(expected: dict[str, Row]) -> None:
    """With a page or a redirect, or by saying what is missing in an empty form."""
    good: dict[str, bool] = {}
    for case, row in expected.items():
        name = case.split()[0]
        answers = [row[role] for role in ROLES]
        served = any(a[0] in "23" or a in ("400", "409", "422") for a in answers)
        good[name] = good.get(name, False) or served
    assert [name for name in sorted(good) if not good[name] and name not in ELSEWHERE] == []


def test_nobody_reaches_what_is_not_theirs(expected: dict[str, Row]) -> None:
    """Objects of a sibling or of the agency above never open to the commune's people or another citizen."""
    inside = ("visitor", "citizen", "motcua", "tuphap", "truongphong", "chutich", "vanthu", "quantri", "client")
    leaks = [
        f"{case} as {role}: {row[role]}"
        for case, row in expected.items()
        if case.endswith((" sibling", " parent")) and case.split()[0] not in FOR_ALL
        for role in inside
        if row[role] not in ("302", "401", "403", "404", "405")
    ]
    assert leaks == []


def test_a_route_that_nobody_declared_is_closed_and_fails_the_matrix(objects: Objects, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.routes.undeclared"

    response = Client().get("/chua-khai-bao/")

    assert response.status_code == 403
    assert any(route.name == "undeclared" and list(objects.addresses(route)) for route in routes())


def test_routes_that_take_an_object_have_one_in_the_matrix(objects: Objects) -> None:
    unknown = [repr(route) for route in routes() if not list(objects.addresses(route))]
    assert unknown == [], "say in tests/routes/objects.py which objects these take"
