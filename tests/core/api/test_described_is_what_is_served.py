"""Every operation against its own OpenAPI, with whatever schemathesis comes up with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.db import connection
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tinhso.core.accounts.actions.clients import issue_api_client
from tinhso.core.agencies.models import Agency
from tinhso.core.api import auth
from tinhso.core.ledger.actions import Actor

AT = datetime(2026, 1, 1, tzinfo=UTC)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 25  # an operation


def test_every_operation_answers_as_its_description_says(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    agency = Agency(code="H15", name="Tỉnh", short_name="T", kind="province", valid_from=AT)
    agency.path = [agency.pk]
    agency.save()
    application = get_wsgi_application()
    described = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    scopes = {
        scope
        for methods in described.raw_schema["paths"].values()
        for operation in methods.values()
        for requirement in operation.get("security", [])
        for scope in requirement.get("Bearer", [])
    }
    _client, token = issue_api_client("Thử", scopes=sorted(scopes), agency=agency, by=Actor.system("tests"), at=AT)
    monkeypatch.setattr(auth, "limit", lambda *args, **kwargs: None)
    tried = 0
    for found in described.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        )
        @given(case=operation.as_strategy())
        def check(case: Any) -> None:
            response = case.call(headers={"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"})
            case.validate_response(response, checks=CHECKS)

        check()
        tried += 1
    connection.close()
    assert tried >= 3
