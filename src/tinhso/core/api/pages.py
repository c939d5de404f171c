"""The description of the API as a page, without third-party scripts."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from ninja import NinjaAPI

METHODS = ("get", "post", "put", "patch", "delete")


def docs(request: HttpRequest, api: NinjaAPI) -> HttpResponse:
    """Every operation with what it asks for and what it answers."""
    schema = api.get_openapi_schema()
    operations = [
        {
            "method": method.upper(),
            "path": path,
            "summary": details["summary"],
            "description": details.get("description", ""),
            "tag": (details.get("tags") or [""])[0],
            "parameters": details["parameters"],
            "body": _fields(schema, details.get("requestBody", {})),
            "answers": [status for status in details["responses"] if status != "default"],
            "security": [_security(one) for one in details.get("security", [])],
        }
        for path, methods in schema["paths"].items()
        for method, details in methods.items()
        if method in METHODS
    ]
    operations.sort(key=lambda one: (one["tag"], one["path"]))
    return render(request, "api/docs.html", {"operations": operations})


def _security(requirement: dict[str, list[str]]) -> str:
    ((name, scopes),) = requirement.items()
    return f"{name} {' '.join(scopes)}".strip()


def _fields(schema: dict[str, Any], body: dict[str, Any]) -> list[dict[str, Any]]:
    """The members of a request body, one level deep; the whole is in openapi.json."""
    for content in body.get("content", {}).values():
        described = content["schema"]
        if "$ref" in described:
            described = schema["components"]["schemas"][described["$ref"].rpartition("/")[2]]
        required = described.get("required", ())
        return [
            {"name": name, "type": _type(field), "required": name in required, "about": field.get("description", "")}
            for name, field in described.get("properties", {}).items()
        ]
    return []


def _type(field: dict[str, Any]) -> str:
    return str(field.get("format") or field.get("type") or field.get("$ref", "").rpartition("/")[2] or "any")
