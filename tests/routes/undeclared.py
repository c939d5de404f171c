"""A page whose author forgot to say who may use it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path

from tinhso.config.urls import *  # noqa: F403 - handlers
from tinhso.config.urls import handler403

__all__ = ["handler403", "urlpatterns"]


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("open to all")


urlpatterns: list[Any] = [path("chua-khai-bao/", page, name="undeclared")]
