"""Signing in, one's own profile and data; administrators' pages of accounts and API clients."""

from . import sign_in
from .urls import urlpatterns

__all__ = ["sign_in", "urlpatterns"]
