"""`{% load panels %}{% slot "dossier.below_applicant" dossier %}`: what other packages show here."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString

from ..panels import fill

register = template.Library()


@register.simple_tag(takes_context=True)
def slot(context: template.Context, name: str, subject: Any = None) -> SafeString:
    return fill(name, context["request"], subject)
