"""What the applicant does: submit and withdraw."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.translation import gettext as _

from tinhso.core.accounts.models import Account, Authority, Person
from tinhso.core.agencies.models import Agency
from tinhso.core.files import actions as files
from tinhso.core.files.models import FileLink
from tinhso.core.ledger.actions import Actor, Refused, action, new_id, record
from tinhso.core.ledger.events import canonical
from tinhso.core.ledger.rows import exists, insert
from tinhso.core.numbering.actions import dossier_code
from tinhso.core.process import actions as process
from tinhso.systems.procedures.fees import compute_fee
from tinhso.systems.procedures.models import Variant

from ..events import DossierSubmitted, DossierWithdrawn, PapersReused, SubmittedForBusiness
from ..models import ApplicantKind, Channel, Component, Dossier, Result, State
from .common import case_of, move

WITHDRAWABLE = (State.NEW, State.ACCEPTED, State.IN_PROCESS, State.SUPPLEMENT)


@dataclass(frozen=True)
class Application:
    """What is handed in. `answers` have passed the form's rules (`FormDefinition.validate`)."""

    variant: Variant
    channel: Channel
    receiving: Agency
    competent: Agency
    applicant_name: str
    answers: Mapping[str, Any]
    applicant: Person | None = None
    authority: Authority | None = None  # by which somebody applies for a business, whose dossier it is then
    applicant_kind: ApplicantKind = ApplicantKind.CITIZEN
    account: Account | None = None
    phone: str = ""
    email: str = ""
    papers: Sequence[tuple[str, str, UUID]] = ()  # component, its name, id of the file
    draft: models.Model | None = None  # that holds the files until now: a draft, or the dossier this one is a part of


@action
def submit(application: Application, *, by: Actor, at: datetime) -> Dossier:
    """Take in an application: the dossier, its papers, the first task and the entry.

    The rows that many compete for come last: the daily counter of the receiving agency is
    locked only for the last statements.
    """
    a = application
    _check(a)
    dossier = Dossier(
        id=new_id(),
        variant=a.variant,
        procedure_code=a.variant.version.procedure.code,
        procedure_name=a.variant.version.procedure.name[:500],
        channel=a.channel,
        state=State.NEW,
        receiving_agency=a.receiving,
        agency=a.competent,
        applicant=a.applicant,
        applicant_kind=a.applicant_kind,
        business=a.authority.business if a.authority else None,
        applicant_name=a.applicant_name,
        phone=a.phone,
        email=a.email,
        account=a.account,
        form_id=a.variant.form_id,
        answers=dict(a.answers),
        submitted_at=at,
        fee=compute_fee(a.variant.fee_rule, a.answers),
        salt=os.urandom(16),
    )
    held: list[FileLink] = []
    if a.papers:
        held = [files.attach(link, dossier, by=by, at=at, moved_from=a.draft) for _key, _name, link in a.papers]
        Component.objects.bulk_create(
            Component(dossier=dossier, key=key, name=name[:300], file_id=link) for key, name, link in a.papers
        )
    dossier.code = dossier_code(a.receiving.code, at=at)
    insert(dossier)
    process.start(dossier, a.variant.process_id, case=case_of(dossier), at=at)
    record(
        DossierSubmitted(
            code=dossier.code,
            procedure=dossier.procedure_code,
            channel=dossier.channel,
            receiving=a.receiving.id,
            answers=dossier.digest(canonical(dossier.answers).encode()),
        ),
        subject=dossier,
        by=by,
        at=at,
        agency=a.competent.id,
    )
    if a.authority:
        acted = SubmittedForBusiness(a.authority.business_id, a.authority.pk)
        record(acted, subject=dossier, by=by, at=at, agency=a.competent.id)
    if reused := sum(1 for link in held if link.origin):
        again = PapersReused(dossier.procedure_code, dossier.channel, reused)
        record(again, subject=dossier, by=by, at=at, agency=a.competent.id)
    return dossier


def _check(a: Application) -> None:
    version = a.variant.version
    if version.withdrawn_at is not None:
        raise Refused(
            "procedure_withdrawn", _("This procedure is no longer offered. Please look for the one in force.")
        )
    if a.channel.name.lower() not in a.variant.channels:
        raise Refused(
            "channel_not_offered",
            _("This procedure cannot be applied for this way (%(channel)s).") % {"channel": a.channel.label},
            status=422,
        )
    if not a.applicant_name.strip():
        raise Refused("applicant_missing", _("Enter the applicant's name."), field="applicant_name", status=422)


@action
def withdraw(dossier: Dossier, *, reason: str, by: Actor, at: datetime) -> Dossier:
    """The applicant takes the application back; possible until the decision is signed."""
    process.close_all(dossier, "withdrawn", by=by, at=at)
    move(dossier, allowed=WITHDRAWABLE, state=State.WITHDRAWN, finished_at=at)
    if exists(Result, "dossier_id = %s AND signed_at IS NOT NULL", [dossier.pk]):
        raise Refused("already_signed", _("The decision has been signed already. Ask the counter what is possible."))
    record(
        DossierWithdrawn(procedure=dossier.procedure_code, channel=dossier.channel),
        subject=dossier,
        by=by,
        at=at,
        agency=dossier.agency_id,
        words=reason,
    )
    return dossier
