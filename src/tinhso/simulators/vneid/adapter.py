"""The claims of VNeID."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from django.contrib.auth.models import User


class VNeIDAdapter(DefaultOIDCAdapter):
    """`sub` is opaque and stable; the number and the name stand in claims of their own."""

    def get_claims(
        self, purpose: str, user: Any, client: Any, scopes: Iterable[str], email: str | None = None, **kwargs: Any
    ) -> dict[str, Any]:
        return {
            "sub": self.get_user_sub(client, user),
            "SoDinhDanh": user.username,
            "HoVaTen": user.first_name,
        }

    def get_user_sub(self, client: Any, user: Any) -> str:
        return str(uuid5(NAMESPACE_URL, f"vneid-simulator:{user.username}"))

    def get_user_by_sub(self, client: Any, sub: str) -> Any:
        return next((user for user in User.objects.all() if self.get_user_sub(client, user) == sub), None)
