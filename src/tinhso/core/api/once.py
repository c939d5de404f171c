"""`@once`: an operation that may be sent again without being done again."""

from __future__ import annotations

import functools
import hashlib
import inspect
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja.operation import Operation
from ninja.responses import Status
from pydantic import BaseModel

from .idempotency import LONGEST, idempotent

HEADER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "A fresh random value for each thing to be done, the same when it is sent again",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": r"^[!-~]+$"},
}


def once(view: Callable[..., Any]) -> Callable[..., Any]:
    """An operation under the sender's `Idempotency-Key`: the same key and body give the same answer.

    Goes below `@router.post(…)`. The view returns a Schema, or `Status(201, schema)`; its
    arguments are validated before the key is looked at. A repeated answer carries the header
    `Idempotency-Replayed: true`.
    """

    @functools.wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode() + request.body).digest()

        def carry_out() -> tuple[int, Any]:
            result = view(request, *args, **kwargs)
            status = 200
            if isinstance(result, Status):
                status, result = result.status_code, result.value
            return status, result.model_dump(mode="json") if isinstance(result, BaseModel) else result

        owner = str(request.actor)  # type: ignore[attr-defined]
        answer = idempotent(owner, request.headers.get("Idempotency-Key", ""), digest, carry_out, at=timezone.now())
        request.replayed = answer.repeated  # type: ignore[attr-defined]
        return Status(answer.status, answer.body)

    def document(operation: Operation) -> None:
        extra = operation.openapi_extra or {}
        operation.openapi_extra = {**extra, "parameters": [*extra.get("parameters", []), HEADER]}

    # ninja reads names of types in the module of the function it is given, which is this one.
    run.__signature__ = inspect.signature(view, eval_str=True)  # type: ignore[attr-defined]
    run._ninja_contribute_to_operation = [document]  # type: ignore[attr-defined]
    return run
