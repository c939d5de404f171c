"""Administrators' pages of agencies and the people who work in them."""

from .urls import urlpatterns

__all__ = ["urlpatterns"]
