"""OpenAPI as we promise it: problems on every operation, and the scope that it asks for."""

from __future__ import annotations

from typing import Any

from ninja.openapi.schema import REF_TEMPLATE, OpenAPISchema
from ninja.operation import Operation

from .auth import Bearer
from .problems import MEDIA_TYPE, FieldProblem, Problem


class HouseSchema(OpenAPISchema):
    """ninja's description with what it leaves out."""

    def responses(self, operation: Operation) -> dict[Any, Any]:
        found: dict[Any, Any] = super().responses(operation)
        found["default"] = {
            "description": "A problem",
            "content": {MEDIA_TYPE: {"schema": {"$ref": REF_TEMPLATE.format(model=Problem.__name__)}}},
        }
        return found

    def operation_security(self, operation: Operation) -> list[dict[str, Any]] | None:
        found: list[dict[str, Any]] = super().operation_security(operation) or []
        for auth in operation.auth_callbacks:
            if isinstance(auth, Bearer):
                next(one for one in found if "Bearer" in one)["Bearer"] = [auth.scope]
        return found or None

    def get_components(self) -> dict[str, Any]:
        for model in (Problem, FieldProblem):
            described = model.model_json_schema(ref_template=REF_TEMPLATE)
            described.pop("$defs", None)
            self.schemas[model.__name__] = described
        found: dict[str, Any] = super().get_components()
        return found
