"""Who may use a page: each view says so, and a view that says nothing is closed.

::

    @may("public")                      # anyone
    @may("account")                     # anyone signed in
    @may("staff")                       # anyone who acts for an agency
    @may(Role.LEADER, Role.OFFICER)     # staff who hold one of these roles

The `Guard` middleware enforces it; the route matrix of the tests reads the same mark.
Which *objects* a person sees is not decided here but by the scoped querysets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, get_resolver

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC, ACCOUNT, STAFF = "public", "account", "staff"

# Views that others wrote cannot carry our mark, so they are named here, one by one; only these have an
# address (pages/accounts/library_urls.py). The library adds its own checks.
OTHERS: dict[str, str] = {
    "set_language": PUBLIC,
    "account_login": PUBLIC,
    "account_logout": PUBLIC,
    "account_inactive": PUBLIC,
    "account_signup": PUBLIC,
    "account_reauthenticate": ACCOUNT,
    "account_change_password": ACCOUNT,
    "account_set_password": ACCOUNT,
    "account_reset_password": PUBLIC,
    "account_reset_password_done": PUBLIC,
    "account_reset_password_from_key": PUBLIC,
    "account_reset_password_from_key_done": PUBLIC,
    "mfa_index": ACCOUNT,
    "mfa_authenticate": PUBLIC,  # between the password and the code nobody is signed in yet
    "mfa_reauthenticate": ACCOUNT,
    "mfa_activate_totp": ACCOUNT,
    "mfa_deactivate_totp": ACCOUNT,
    "mfa_login_webauthn": PUBLIC,
    "mfa_list_webauthn": ACCOUNT,
    "mfa_add_webauthn": ACCOUNT,
    "mfa_edit_webauthn": ACCOUNT,
    "mfa_remove_webauthn": ACCOUNT,
    "mfa_reauthenticate_webauthn": ACCOUNT,
    "mfa_view_recovery_codes": ACCOUNT,
    "mfa_generate_recovery_codes": ACCOUNT,
    "mfa_download_recovery_codes": ACCOUNT,
    "socialaccount_login_cancelled": PUBLIC,
    "socialaccount_login_error": PUBLIC,
    "openid_connect_login": PUBLIC,
    "openid_connect_callback": PUBLIC,
}
API_PREFIX = "api/v1/"  # the API knows its callers by other means and declares them itself


def may(*who: str) -> Callable[[View], View]:
    """Declare who may use a view: "public", "account", "staff", or roles of staff."""
    if not who:
        raise ValueError("may() names at least one kind of person")

    def mark(view: View) -> View:
        view.may = frozenset(str(one) for one in who)  # type: ignore[attr-defined]
        return view

    return mark


def declared(view: Any, name: str | None, route: str = "") -> frozenset[str] | None:
    """Who may use `view`, reached under url name `name`; None where nobody said so."""
    mark = getattr(view, "may", None) or getattr(getattr(view, "view_class", None), "may", None)
    if mark is not None:
        return frozenset(mark)
    if name in OTHERS:
        return frozenset({OTHERS[name]})
    return frozenset({PUBLIC}) if route.startswith(API_PREFIX) else None


def signed_in(request: HttpRequest) -> bool:
    """Whether somebody is signed in at all."""
    return bool(request.user.is_authenticated)


def allowed(who: frozenset[str], request: HttpRequest) -> bool:
    """Is the person of this request among `who`?"""
    if PUBLIC in who:
        return True
    if not signed_in(request):
        return False
    staff = getattr(request, "staff", None)
    if ACCOUNT in who or (STAFF in who and staff is not None):
        return True
    return staff is not None and not who.isdisjoint(staff.roles)


def routes(resolver: URLResolver | None = None, prefix: str = "", namespace: str = "") -> Iterator[Route]:
    """Every route of the install, for the route matrix and its test."""
    for pattern in (resolver or get_resolver()).url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield Route(path, f"{namespace}{pattern.name or ''}", pattern)
        else:
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from routes(pattern, path, inner)


class Route:
    """One row of the route matrix."""

    def __init__(self, path: str, name: str, pattern: URLPattern) -> None:
        self.path, self.name, self.pattern = path, name, pattern
        self.who = declared(pattern.callback, pattern.name, path)

    def __repr__(self) -> str:
        return f"/{self.path} ({self.name}): {', '.join(sorted(self.who)) if self.who else 'NOBODY SAID'}"
