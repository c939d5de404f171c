"""Sending a report."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from tinhso.core.accounts.models import Account
from tinhso.core.agencies.models import Agency
from tinhso.core.ledger.actions import Actor, Refused, action, new_id, record
from tinhso.core.ledger.rows import insert

from .events import ReportSent
from .form import Form, official
from .models import Report, digest_of
from .periods import Period
from .queries import scope


@action
def send(agency: Agency, form: Form, when: Period, *, sender: Account, by: Actor, at: datetime) -> Report:
    """Freeze the table of a period that is over, with who sent it and the digest of its figures.

    Sent again it is a further revision beside the first, which stays; with the same figures it is refused.
    """
    if when.until >= timezone.localtime(at).date():
        message = _("The period is not over yet. Send the report from %(day)s on.")
        raise Refused("period_runs", message % {"day": f"{when.after.since:%d/%m/%Y}"})
    with override("vi"):
        content = official(form, scope(agency), when, at=at).content()
    same = {"agency": agency, "form": form, "since": when.since, "until": when.until}
    last = Report.objects.filter(**same).order_by("-revision").first()
    if last is not None and [last.content[part] for part in ("rows", "total")] == [content["rows"], content["total"]]:
        raise Refused("same_figures", _("This report was sent before, with the same figures."))
    report = Report(
        id=new_id(),
        **same,
        kind=when.kind,
        revision=last.revision + 1 if last else 1,
        content=content,
        digest=digest_of(content),
        sent_at=at,
        sent_by=sender,
    )
    if not insert(report, unless_there=True):
        raise Refused("sent_meanwhile", _("Somebody sent this report just now. Look at theirs first."))
    event = ReportSent(form, when.since, when.until, report.revision, report.digest)
    record(event, subject=report, by=by, at=at, agency=agency.pk)
    return report
