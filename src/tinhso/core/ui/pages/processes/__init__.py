"""Administrators' pages of processes, and the picture of a process beside the work it leads."""

from .urls import urlpatterns

__all__ = ["urlpatterns"]
