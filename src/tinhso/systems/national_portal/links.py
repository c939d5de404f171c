"""Addresses by which the portal fetches the papers and results that a payload names.

An address opens one file of one dossier, by a keyed hash that nobody can guess; it holds as long as the portal is set
up here and the file is the dossier's. Each fetch enters the access log under the dossier.
"""

from __future__ import annotations

import hmac
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from tinhso.core.files.models import FileLink


def address(link: UUID) -> str:
    """Where the portal finds this file."""
    return f"{settings.TINHSO.base_url}{reverse('national_portal:file', args=[link, _mac(link)])}"


def opened(link: UUID, mac: str) -> FileLink | None:
    """The file of an address that we gave; None for any other."""
    if not hmac.compare_digest(_mac(link).encode(), mac.encode()):
        return None
    return FileLink.objects.select_related("file").filter(pk=link, owner_kind="dossiers.dossier").first()


def _mac(link: UUID) -> str:
    return hmac.digest(settings.TINHSO.key("national-portal-files"), link.bytes, "sha256").hex()
