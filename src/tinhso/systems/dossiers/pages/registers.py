"""Forms 06 and 07 as they stand now: made while one waits, sealed, and kept nowhere. Who took them is recorded."""

from __future__ import annotations

from datetime import date
from operator import attrgetter
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from django.views.decorators.http import require_GET

from tinhso.core.agencies.models import Agency
from tinhso.core.api.pagination import page
from tinhso.core.files.content import PDF, XLSX
from tinhso.core.ledger.actions import Refused, record_access
from tinhso.core.ui.access import may
from tinhso.core.ui.request import Request

from ..events import DossierSeen, RegisterSeen
from ..models import Dossier
from ..registers import register
from ..registers.made import sealed_pdf, workbook
from ..registers.register import EXCEL_ROWS, KEEPERS, LONGEST, PDF_ROWS, Book
from ..registers.slip import Slip, control_slip, slip_letter, slip_table
from .desk import find

_DAY = {"type": "date"}


def _file(content: bytes, kind: Any, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind.mime)
    response["Content-Disposition"] = f'attachment; filename="{name}{kind.endings[0]}"'
    return response


def _slip(request: Request, one: Dossier) -> Slip:
    now = timezone.now()
    record_access(DossierSeen(one.code, "control_slip"), subject=one.applicant or one, by=request.actor, at=now)
    return control_slip(one, at=now)


@may("staff")
@require_GET
def slip_pdf(request: Request, dossier_id: UUID) -> HttpResponse:
    """Form 06 of a dossier in reach, with the seal of the agency that received it."""
    one = find(request, dossier_id)
    with override("vi"):
        slip = _slip(request, one)
        data = slip_letter(slip, by=request.user)
    pdf = sealed_pdf("dossiers/control_slip", data, agency=one.receiving_agency_id, at=slip.at)
    return _file(pdf, PDF, f"phieu-kiem-soat-{one.code}")


@may("staff")
@require_GET
def slip_xlsx(request: Request, dossier_id: UUID) -> HttpResponse:
    """The same for Excel."""
    one = find(request, dossier_id)
    with override("vi"):
        return _file(workbook(slip_table(_slip(request, one))), XLSX, f"phieu-kiem-soat-{one.code}")


class RegisterForm(forms.Form):
    """Whose register, of which days; this month of one's own agency unless said otherwise."""

    agency = forms.ModelChoiceField(label=gettext_lazy("Agency"), queryset=Agency.objects.none(), empty_label=None)
    since = forms.DateField(label=gettext_lazy("From the day"), widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"))
    until = forms.DateField(label=gettext_lazy("To the day"), widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"))

    def __init__(self, request: Request) -> None:
        assert request.staff is not None
        today = timezone.localdate()
        usual = {"agency": str(request.staff.agency_id), "since": f"{today:%Y-%m}-01", "until": f"{today}"}
        super().__init__({**usual, **request.GET.dict()})
        agencies = register.agencies_for(request.staff).order_by("path")
        self.fields["agency"].queryset = agencies  # type: ignore[attr-defined]
        self.fields["agency"].label_from_instance = attrgetter("short_name")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The days are in order and at most a year apart."""
        given = super().clean() or {}
        since, until = given.get("since"), given.get("until")
        if since and until and not date(1990, 1, 1) <= since <= until <= since + LONGEST:
            self.add_error("until", _("Choose a last day within a year after the first."))
        return given

    @property
    def book(self) -> Book:
        return Book(*(self.cleaned_data[name] for name in ("agency", "since", "until")))


@may(*KEEPERS)
@require_GET
def register_page(request: Request) -> HttpResponse:
    """Choose a register, look at it, take it along."""
    return _page(request, RegisterForm(request))


def _page(request: Request, form: RegisterForm) -> HttpResponse:
    assert request.staff is not None
    context: dict[str, Any] = {"form": form, "now": timezone.now()}
    if form.is_valid():
        _seen(request, form.book, "page")
        rows = register.rows_of(form.book, request.staff).select_related("agency", "receiving_agency")
        found = page(rows, ("submitted_at", "id"), after=request.GET.get("after", ""))
        asked = request.GET.copy()
        asked.pop("after", None)
        count = register.rows_of(form.book, request.staff).order_by()[: PDF_ROWS + 1].count()
        context |= {
            "rows": [(one, one.late_at(context["now"])) for one in found.items],
            "after": found.after,
            "asked": asked.urlencode(),
            "count": count,
            "too_many": PDF_ROWS if count > PDF_ROWS else 0,
        }
    return render(request, "dossiers/register.html", context, status=422 if form.errors else 200)


def _seen(request: Request, book: Book, form: str) -> None:
    event = RegisterSeen(book.agency.pk, book.since, book.until, form)
    record_access(event, subject=book.agency, by=request.actor, at=timezone.now())


def _name(book: Book) -> str:
    return f"so-theo-doi-{book.agency.code}-{book.since:%Y%m%d}-{book.until:%Y%m%d}"


def _no_more_than(limit: int, book: Book, request: Request, advice: str) -> None:
    assert request.staff is not None
    if register.rows_of(book, request.staff).order_by()[: limit + 1].count() > limit:
        raise Refused("register_too_long", advice % {"n": f"{limit:,}".replace(",", ".")}, status=422)


@may(*KEEPERS)
@require_GET
def register_pdf(request: Request) -> HttpResponse:
    """Form 07 with the agency's seal, up to as many rows as one may wait for."""
    form = RegisterForm(request)
    if not form.is_valid():
        return _page(request, form)
    assert request.staff is not None
    book, now = form.book, timezone.now()
    advice = _(
        "A PDF holds at most %(n)s dossiers, and there are more in these days. Choose fewer days, or take Excel."
    )
    _no_more_than(PDF_ROWS, book, request, advice)
    with override("vi"):
        lines = list(register.entries(book, request.staff, at=now))
        data = register.register_letter(book, lines, by=request.user, at=now)
    _seen(request, book, "pdf")
    return _file(sealed_pdf("dossiers/register", data, agency=book.agency.pk, at=now), PDF, _name(book))


@may(*KEEPERS)
@require_GET
def register_xlsx(request: Request) -> HttpResponse:
    """The same for Excel."""
    form = RegisterForm(request)
    if not form.is_valid():
        return _page(request, form)
    assert request.staff is not None
    book, now = form.book, timezone.now()
    advice = _("One Excel file holds at most %(n)s dossiers, and there are more in these days. Choose fewer days.")
    _no_more_than(EXCEL_ROWS, book, request, advice)
    _seen(request, book, "xlsx")
    with override("vi"):
        lines = register.entries(book, request.staff, at=now)
        return _file(workbook(register.register_table(book, lines, at=now)), XLSX, _name(book))
