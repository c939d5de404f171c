"""Whose request it is behind reverse proxies: limits and sign-in count by the client's address, not the proxy's."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse

Address = IPv4Address | IPv6Address


class ClientAddress:
    """Puts the client's address into `REMOTE_ADDR`, from `X-Forwarded-For` as far as `TRUSTED_PROXIES` wrote it.

    Each proxy adds on the right whom it heard. So one reads from the right and stops at the first that is no proxy
    of ours: what stands further left is what a client claims, and nobody who comes directly is believed at all.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        here = _address(request.META.get("REMOTE_ADDR", ""))
        hops = request.headers.get("X-Forwarded-For", "").split(",")
        while here is not None and hops and _is_proxy(here):
            before = _address(hops.pop())
            if before is None:
                break
            here = before
        if here is not None:
            request.META["REMOTE_ADDR"] = str(here)
        return self.get_response(request)


def _address(text: str) -> Address | None:
    try:
        found = ip_address(text.strip())
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found  # a socket for both families says ::ffff:192.0.2.1


def _is_proxy(address: Address) -> bool:
    return any(address in network for network in settings.TINHSO.trusted_proxies)
