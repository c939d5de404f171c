"""Every error of the API as problem details (RFC 9457), in the language of the request."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, RequestDataTooBig
from django.db import InterfaceError, InternalError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from psycopg import errors as postgres
from pydantic import Field

from tinhso.core.forms.definition import FormErrors
from tinhso.core.ledger.actions import Refused

from .limits import TooMany

log = structlog.get_logger(__name__)
MEDIA_TYPE = "application/problem+json"


class FieldProblem(Schema):
    """What is wrong in one place of the request."""

    pointer: str | None = Field(
        default=None, description="JSON pointer into the body, as a URI fragment: `#/applicant/phone`"
    )
    parameter: str | None = Field(default=None, description="Name of the query, path or header parameter")
    detail: str


class Problem(Schema):
    """RFC 9457 problem details. Decide by `code`; show `title` and `detail` to people."""

    type: str = Field(description="`urn:tinhso:problem:` and the code")
    title: str
    status: int
    detail: str
    code: str
    request_id: str = Field(description="Tell it when you ask for help")
    errors: list[FieldProblem] = []


TITLES: dict[int, tuple[str, Any]] = {
    400: ("bad_request", gettext_lazy("We could not read this request")),
    401: ("not_signed_in", gettext_lazy("Sign in, or send a valid bearer token")),
    403: ("not_allowed", gettext_lazy("You may not do this")),
    404: ("not_found", gettext_lazy("There is no such thing, or it is not for you to see")),
    405: ("method_not_allowed", gettext_lazy("This address does not take this method")),
    409: ("refused", gettext_lazy("This cannot be done now")),
    413: ("too_large", gettext_lazy("This is too large")),
    415: ("media_type", gettext_lazy("Send JSON")),
    422: ("validation", gettext_lazy("Some of what you sent has to be corrected")),
    429: ("too_many_requests", gettext_lazy("Too many requests")),
    500: ("server_error", gettext_lazy("Something went wrong on our side; try again, or tell us the request id")),
    503: ("unavailable", gettext_lazy("We are back in a moment; nothing that was confirmed is lost")),
}

# Pydantic speaks English only; what people meet most is said in our words.
_WORDS: dict[str, Any] = {
    "missing": gettext_lazy("This is missing."),
    "string_too_short": gettext_lazy("This is too short."),
    "string_too_long": gettext_lazy("This is too long."),
    "string_pattern_mismatch": gettext_lazy("This is not in the expected form."),
    "extra_forbidden": gettext_lazy("This is not known here."),
    "enum": gettext_lazy("This is not one of the choices."),
    "literal_error": gettext_lazy("This is not one of the choices."),
}


def problem(
    request: HttpRequest,
    status: int,
    *,
    code: str = "",
    detail: str = "",
    errors: Sequence[FieldProblem] = (),
) -> HttpResponse:
    """The answer for an error; title and code follow from the status where none are given."""
    usual, title = TITLES.get(status, TITLES[500 if status >= 500 else 400])
    code = code or usual
    body: dict[str, Any] = {
        "type": f"urn:tinhso:problem:{code}",
        "title": str(title),
        "status": status,
        "detail": detail or str(title),
        "code": code,
        "request_id": getattr(request, "id", ""),
        "errors": [one.model_dump(exclude_none=True) for one in errors],
    }
    content = json.dumps(body, ensure_ascii=False).encode()
    response = HttpResponse(content, status=status, content_type=MEDIA_TYPE)
    response["Cache-Control"] = "no-store"
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="tinhso"'
    elif status == 503:
        response["Retry-After"] = "30"
    return response


def _pointer(path: Sequence[Any]) -> str:
    """JSON pointer (RFC 6901) as a URI fragment."""
    return "#" + "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def _refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    field = refusal.field
    errors = [FieldProblem(pointer=_pointer(field.split(".")), detail=str(refusal))] if field else []
    response = problem(request, refusal.status, code=refusal.code, detail=str(refusal), errors=errors)
    if isinstance(refusal, TooMany):
        response["Retry-After"] = str(refusal.retry_after)
    return response


def _form(request: HttpRequest, wrong: FormErrors) -> HttpResponse:
    errors = [
        FieldProblem(pointer=_pointer(["answers", *path.split(".")]), detail=str(words))
        for path, words in wrong.errors.items()
    ]
    return problem(request, 422, errors=errors)


def _validation(request: HttpRequest, wrong: ValidationError) -> HttpResponse:
    errors = []
    for one in wrong.errors:
        source, *path = one["loc"]
        words = str(_WORDS.get(one["type"]) or _("This value is not valid."))
        if source in ("body", "form", "file"):
            # The first step names the argument of our function, which the sender cannot know.
            errors.append(FieldProblem(pointer=_pointer(path[1:] if source == "body" else path), detail=words))
        else:
            errors.append(FieldProblem(parameter=str(path[-1] if path else source), detail=words))
    return problem(request, 422, errors=errors)


def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(request, error.status_code)


def _unexpected(request: HttpRequest, error: Exception) -> HttpResponse:
    place = traceback.extract_tb(error.__traceback__)[-1]
    # The message may quote personal data, so only kind and place are logged.
    log.error("api_error", error=type(error).__qualname__, place=f"{place.filename}:{place.lineno} {place.name}")
    return problem(request, 500)


def passes(error: BaseException | None) -> bool:
    """Whether the same request may come again in a moment: the database is away, or took back a transaction
    that lasted longer than it allows."""
    too_long = postgres.TransactionTimeout | postgres.IdleInTransactionSessionTimeout
    return isinstance(error, OperationalError | InterfaceError) or (
        isinstance(error, InternalError) and isinstance(error.__cause__, too_long)
    )


def _database(request: HttpRequest, error: Exception) -> HttpResponse:
    return problem(request, 503) if passes(error) else _unexpected(request, error)


def _status(status: int) -> Callable[[HttpRequest, Any], HttpResponse]:
    return lambda request, _error: problem(request, status)


HANDLERS: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
    Refused: _refused,
    FormErrors: _form,
    ValidationError: _validation,
    AuthenticationError: _status(401),
    HttpError: _http,
    PermissionDenied: _status(403),
    Http404: _status(404),
    ObjectDoesNotExist: _status(404),
    RequestDataTooBig: _status(413),
    OperationalError: _database,
    InterfaceError: _database,
    InternalError: _database,
    Exception: _unexpected,
}


def of(request: HttpRequest, error: Exception) -> HttpResponse:
    """The answer for any exception."""
    kind = next(kind for kind in type(error).__mro__ if kind in HANDLERS)
    return HANDLERS[kind](request, error)


def install(api: NinjaAPI) -> None:
    """Give an API its answers for every exception that may leave an operation."""
    for kind, handler in HANDLERS.items():
        api.add_exception_handler(kind, handler)
