"""Addresses of one's own data, and of accounts for administrators."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
