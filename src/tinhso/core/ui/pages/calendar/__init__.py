"""Administrators' page of office hours and of the days that differ."""

from .urls import urlpatterns

__all__ = ["urlpatterns"]
