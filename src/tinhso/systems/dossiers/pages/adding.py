"""Files that come with a supplement: stored before the action, and let go of where it refuses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext as _

from tinhso.core.files import actions as files
from tinhso.core.files.models import FileLink
from tinhso.core.ledger.actions import Refused, one_change
from tinhso.core.ui.request import Request

from .. import actions
from ..models import Dossier
from .typed import words

MOST = 20  # files at once


def add(request: Request, dossier: Dossier, more: Callable[[], Sequence[tuple[str, UUID]]] = tuple) -> None:
    """What the applicant or the counter sends with the form of a supplement. `more` gives, within the same change,
    names and ids of files that the dossier holds already: papers nobody has to send again."""
    now, sent = timezone.now(), [f for f in request.FILES.getlist("files") if isinstance(f, UploadedFile)]
    if len(sent) > MOST:
        message = _("Send at most %(count)s files at once. Put photographs of one paper into one PDF.")
        raise Refused("too_many_files", message % {"count": MOST}, field="files", status=422)
    links: list[FileLink] = []
    try:
        for file in sent:
            link = files.store(file, name=file.name or "", by=request.actor, at=now)
            links.append(link)  # also where a later one is refused: all are let go of then
        note = words(request, "note")
        with one_change():
            papers = [*((link.name, link.pk) for link in links), *more()]
            actions.supplement(dossier, papers=papers, note=note, by=request.actor, at=now)
    except Refused:
        files.release(links, by=request.actor, at=now)
        raise
