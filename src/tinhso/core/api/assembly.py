"""One API out of every package's `api.py`; no list is edited for a new one."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, path
from django.utils.module_loading import module_has_submodule
from ninja import NinjaAPI, Router
from ninja.renderers import BaseRenderer
from pydantic_core import to_json

from . import problems
from .auth import Bearer, OpenToAll, Session
from .endpoints import router as core
from .pages import docs
from .schema import HouseSchema
from .witness import router as witness

SYSTEMS = "tinhso.systems."


class Json(BaseRenderer):
    """By the library that made the answer, in C: a list of a hundred takes 0.1 ms where Python's encoder takes 3."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return to_json(data)


class HouseAPI(NinjaAPI):
    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> HouseSchema:
        return HouseSchema(self, self.get_root_path(path_params or {}) if path_prefix is None else path_prefix)


def discovered() -> list[Router]:
    """Routers of core and of every system. As for pages, each states its addresses: `/dossiers/{code}`."""
    routers = [core, witness]
    for config in apps.get_app_configs():
        if config.name.startswith(SYSTEMS) and config.module and module_has_submodule(config.module, "api"):
            found: Router = import_module(f"{config.name}.api").router
            found.tags = found.tags or [config.label]
            routers.append(found)
    return routers


def assemble(routers: Iterable[Router]) -> HouseAPI:
    """One API of many routers.

    Raises ImproperlyConfigured for an operation that does not say who may call it, and for one
    that another router has already.
    """
    api = HouseAPI(
        title="Tỉnh Số",
        version="1",
        description="Every error is `application/problem+json` (RFC 9457). Times are ISO 8601 with their offset.",
        urls_namespace="api",
        docs_url=None,
        renderer=Json(),
    )
    problems.install(api)
    for router in routers:
        api.add_router("", router)
    taken: set[str] = set()
    for bound in api._get_bound_routers():
        for address, view in bound.path_operations.items():
            name = f"{bound.prefix}{address}"
            if name in taken:
                raise ImproperlyConfigured(f"{name} of the API is declared in two routers")
            taken.add(name)
            for operation in view.operations:
                guards = operation.auth_callbacks
                if not guards or not all(isinstance(one, Bearer | Session | OpenToAll) for one in guards):
                    name = f"{operation.view_func.__module__}.{operation.view_func.__name__}"
                    raise ImproperlyConfigured(f"{name} does not say who may call it: auth=needs(…) or open_to_all()")
    return api


def addresses(api: HouseAPI) -> list[URLPattern | URLResolver]:
    """URL patterns below /api/v1/; what is unknown there is a problem too, not a page."""
    patterns, _app, _namespace = api.urls
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            pattern.callback = _finished(pattern.callback)
    return [
        path("docs", functools.partial(docs, api=api), name="docs"),
        *patterns,
        path("<path:rest>", _unknown, name="unknown"),
    ]


def _finished(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """What ninja answers by itself, made one with the rest."""

    @functools.wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
        except Exception as error:  # raised outside of an operation
            return problems.of(request, error)
        if response.status_code == 405:
            allowed = response["Allow"]
            response = problems.problem(request, 405)
            response["Allow"] = allowed
        if getattr(request, "replayed", False):
            response["Idempotency-Replayed"] = "true"
        return response

    run.csrf_exempt = True  # type: ignore[attr-defined]  # as ninja's own; `auth.Session` checks the token
    return run


def _unknown(request: HttpRequest, rest: str) -> HttpResponseBase:
    return problems.problem(request, 404)


_unknown.csrf_exempt = True  # type: ignore[attr-defined]
