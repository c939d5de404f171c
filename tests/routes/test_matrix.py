"""Every route × role × object, against a committed table that people have read.

`matrix.csv` says what each role gets from each route for an object of the home commune, of a
sibling commune and of the province above. A new route fails until it stands in the table:
`python -m pytest tests/routes --write-matrix` adds it; then read the difference before committing.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import Resolver404, resolve

from tests.routes.objects import Objects, build
from tinhso.core.ui.access import routes

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
KINDS = ("own", "sibling", "parent")
METHODS = ("GET", "POST")
Row = dict[str, str]


@pytest.fixture(scope="module")
def expected() -> dict[str, Row]:
    if not TABLE.exists():
        return {}
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row["case"]: row for row in csv.DictReader(file)}


def clients(objects: Objects) -> dict[str, Client]:
    """One signed-in client a role; the account `citizen` is the owner of the own objects."""
    made = {}
    for role in ROLES:
        client = Client(raise_request_exception=False)
        if role == "client":
            client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {objects.token}"
        elif role != "visitor":
            client.force_login(objects.accounts["hoa" if role == "citizen" else role])
        made[role] = client
    return made


def cases(objects: Objects) -> Iterator[tuple[str, str, str]]:
    """(name of the case, method, address) of every route and every object it can be asked for."""
    seen = set()
    for route in routes():
        for kind, address in objects.addresses(route):
            for method in METHODS:
                case = f"{route.name or route.path} {method}" + (f" {kind}" if kind else "")
                if (case, address) not in seen:
                    seen.add((case, address))
                    yield case, method, address


def answer(client: Client, method: str, address: str) -> str:
    """The status, with whatever it changed taken back."""
    with transaction.atomic():
        response = client.get(address) if method == "GET" else client.post(address, {})
        transaction.set_rollback(True)
    return str(response.status_code)


@pytest.fixture
def objects(province: Any) -> Objects:
    return build()


def test_every_route_answers_every_role_as_the_table_says(
    objects: Objects, expected: dict[str, Row], pytestconfig: pytest.Config
) -> None:
    people = clients(objects)
    found: dict[str, Row] = {}
    for case, method, address in cases(objects):
        found[case] = {"case": case} | {role: answer(people[role], method, address) for role in ROLES}
    if pytestconfig.getoption("--write-matrix"):
        with TABLE.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, ["case", *ROLES], lineterminator="\n")
            writer.writeheader()
            writer.writerows(found[case] for case in sorted(found))
        return
    assert found.keys() - expected.keys() == set(), "routes that the table does not know"
    assert expected.keys() - found.keys() == set(), "rows of routes that are gone"
    wrong = [
        f"{case} as {role}: {found[case][role]}, the table says {expected[case][role]}"
        for case in sorted(found)
        for role in ROLES
        if found[case][role] != expected[case][role]
    ]
    assert wrong == []


def test_every_route_serves_at_least_one_role(expected: dict[str, Row]) -> None:
    served: dict[str, bool] = {}
    for case, row in expected.items():
        name = case.split()[0]
        ok = any(row[role][0] in "23" and "/dang-nhap" not in row[role] for role in ROLES)
        # A POST with nothing in it is let in and told what is missing.
        let_in = any(row[role] in ("400", "422", "409") for role in ROLES)
        served[name] = served.get(name, False) or ok or let_in
    assert [name for name, good in sorted(served.items()) if not good and name not in NEVER_WELL] == []


# Answers that are errors by their nature.
NEVER_WELL = {"api:unknown"}


def test_nobody_reaches_what_is_not_theirs(expected: dict[str, Row]) -> None:
    """Objects of a sibling or of the agency above never open to the commune's people or another citizen."""
    inside = ("citizen", "motcua", "tuphap", "truongphong", "chutich", "vanthu", "quantri")
    leaks = [
        f"{case} as {role}: {row[role]}"
        for case, row in expected.items()
        if case.endswith((" sibling", " parent")) and case.split()[0] not in FOR_ALL
        for role in inside
        if row[role] not in ("302", "403", "404", "405")
    ]
    assert leaks == []


FOR_ALL = {"api:agency", "api:due"}  # the directory of agencies is public


def test_a_route_that_nobody_declared_is_closed_and_fails_the_matrix(objects: Objects, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.routes.undeclared"

    response = Client().get("/chua-khai-bao/")

    assert response.status_code == 403
    assert any(case.startswith("undeclared") for case, _method, _address in cases(objects))
    with pytest.raises(Resolver404):
        resolve("/thu-tuc/")


def test_routes_that_take_an_object_have_one_in_the_matrix(objects: Objects) -> None:
    unknown = [repr(route) for route in routes() if not list(objects.addresses(route))]
    assert unknown == [], "say in tests/routes/objects.py which objects these take"


