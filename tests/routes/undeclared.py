"""The house, and a page whose author forgot to say who may use it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

from tinhso.config.urls import handler403
from tinhso.config.urls import urlpatterns as house

__all__ = ["handler403", "urlpatterns"]


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("open to all")


urlpatterns = [path("chua-khai-bao/", page, name="undeclared"), *house]
