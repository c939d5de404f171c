"""What officials do to a dossier: one POST, one action, back to the dossier or on to the next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tinhso.core.accounts.models import Account
from tinhso.core.agencies.models import Agency, Role
from tinhso.core.ledger.actions import NotAllowed, Refused
from tinhso.core.process import actions as process
from tinhso.core.process.queries import inbox, open_tasks, task_for
from tinhso.core.signing import documents, work
from tinhso.core.signing.keys import personal_key
from tinhso.core.ui.access import may
from tinhso.core.ui.request import Request

from .. import actions, queries
from ..filters.look import OURS
from ..letter_data import result_form
from ..models import Dossier, State
from ..signing import RESULT
from ..verbs import STOPPING, asks_meanwhile, at_its_counter, corrects
from .adding import add as add_files
from .desk import find, uuid_of, work_context
from .typed import keeping, words

Verb = Callable[[Request, Dossier], str]
PASSED_ON = ("receive", "assign", "appraise")  # the steps from which it may go to another agency


def verb(kind: str | None = None) -> Callable[[Verb], Callable[..., HttpResponse]]:
    """A POST on a dossier by whoever may do its open task of this kind.

    A refusal shows the dossier again with the reason on top and everything typed: in its form, or to be copied
    where a colleague was quicker and the form is gone. What passed on out of reach leads back to the desk.
    """

    def wrap(function: Verb) -> Callable[..., HttpResponse]:
        def view(request: Request, dossier_id: UUID) -> HttpResponse:
            one = find(request, dossier_id)
            try:
                if kind is not None:
                    _must_be_mine(request, one, kind)
                said = function(request, one)
            except Refused as refusal:
                return again(request, dossier_id, refusal, tried=function.__name__)
            messages.success(request, said)
            return HttpResponseRedirect(_next(request, one))

        return may("staff")(require_POST(keeping(view)))

    return wrap


def again(request: Request, dossier_id: UUID, refusal: Refused, *, tried: str) -> HttpResponse:
    """The dossier as it is now, after a verb that was refused."""
    one = find(request, dossier_id)
    context = work_context(request, one, timezone.now(), refusal=refusal, typed=request.POST, tried=tried)
    return render(request, "dossiers/work.html", context, status=refusal.status)


def _must_be_mine(request: Request, one: Dossier, kind: str) -> None:
    assert request.staff is not None
    if task_for(one, request.staff, kind) is None:
        open_now = next((t for t in open_tasks(one) if t.kind == kind), None)
        if open_now is None:
            raise Refused("already_done", _("This step has already been done. Look at what happened below."))
        if open_now.assignee and open_now.assignee_id not in request.staff.does_work_of:
            raise Refused(
                "already_claimed",
                _("%(who)s is working on this step.") % {"who": open_now.assignee.display_name},
            )
        raise NotAllowed(_("Your post does not include this step."))


def _next(request: Request, one: Dossier) -> str:
    """Stay where there is more to do here, else go on to the next thing due."""
    assert request.staff is not None
    if task_for(one, request.staff) is None and request.POST.get("then") == "next":
        for task in inbox(request.staff, limit=1, subjects=OURS):
            if task.kind == "consult":
                return reverse("dossiers:consultation", args=[task.pk])
            return reverse("dossiers:work", args=[task.subject_id])
        return reverse("dossiers:desk")
    if not queries.in_reach(request.staff).filter(pk=one.pk).exists():
        return reverse("dossiers:desk")
    return reverse("dossiers:work", args=[one.pk])


@verb("receive")
def accept(request: Request, one: Dossier) -> str:
    actions.accept(one, by=request.actor, at=timezone.now())
    return _("Accepted. The appointment slip is being made.")


@verb()
def refuse(request: Request, one: Dossier) -> str:
    assert request.staff is not None
    task = task_for(one, request.staff)
    never_completed = one.state == State.SUPPLEMENT and at_its_counter(one, request.staff)
    if not never_completed and (task is None or "refuse" not in task.node.outcomes):
        raise Refused("already_done", _("This dossier cannot be refused at this step."))
    actions.refuse(one, reason=words(request), by=request.actor, at=timezone.now())
    return _("Refused. The applicant will get the letter with your reason.")


@verb()
def ask_supplement(request: Request, one: Dossier) -> str:
    _must_be_at(request, one, "receive", "appraise", "elsewhere")
    until, reason = _day(request), words(request)
    actions.ask_supplement(one, reason=reason, until=until, by=request.actor, at=timezone.now())
    return _("Sent to the applicant; the clock stands still until they answer.")


@verb()
def allow_supplement(request: Request, one: Dossier) -> str:
    _must_lead(request, one)
    actions.allow_supplement(one, reason=words(request), by=request.actor, at=timezone.now())
    return _("Allowed, and recorded as a breach of the rule of one request.")


@verb()
def cancel_result(request: Request, one: Dossier) -> str:
    _must_lead(request, one)
    actions.cancel_result(one, reason=words(request), by=request.actor, at=timezone.now())
    return _("Cancelled. The applicant is told, and whoever verifies it.")


@verb()
def ask_correction(request: Request, one: Dossier) -> str:
    """Who decides has its own mistake corrected at once; a counter asks for the applicant who came with it."""
    assert request.staff is not None
    at_once = corrects(one, request.staff)
    if not at_once and not at_its_counter(one, request.staff):
        raise NotAllowed(_("Only the agency that decided, or the counter that received the dossier, may do this."))
    actions.ask_correction(one, reason=words(request), by_applicant=not at_once, by=request.actor, at=timezone.now())
    return _("The correction is under way. The applicant is told.")


@verb("correct")
def grant_correction(request: Request, one: Dossier) -> str:
    actions.grant_correction(one, by=request.actor, at=timezone.now())
    return _("Back with the officer who appraised it.")


@verb()
def decline_correction(request: Request, one: Dossier) -> str:
    _must_be_at(request, one, "correct", "appraise")
    actions.decline_correction(one, reason=words(request), by=request.actor, at=timezone.now())
    return _("The result stands; the applicant is told why.")


@verb()
def add(request: Request, one: Dossier) -> str:
    """What the applicant brings to the counter."""
    assert request.staff is not None
    if not at_its_counter(one, request.staff):
        raise NotAllowed(_("Only the counter that received the dossier takes what belongs to it."))
    add_files(request, one)
    return _("Added; the clock runs again.")


@verb()
def stop(request: Request, one: Dossier) -> str:
    assert request.staff is not None
    if one.state != State.SUPPLEMENT:
        _must_be_at(request, one, "assign", "appraise", "elsewhere")
    elif not (request.staff.has_role(*STOPPING) and request.staff.agency_id == one.agency_id):
        raise NotAllowed(_("Only the agency that decides on the dossier stops it."))
    actions.stop(one, reason=words(request), by=request.actor, at=timezone.now())
    return _("Stopped. The applicant will get the notice with your reason.")


@verb()
def ask_extension(request: Request, one: Dossier) -> str:
    assert request.staff is not None
    if not asks_meanwhile(one, open_tasks(one), request.staff):
        _must_be_at(request, one, "assign", "appraise", "elsewhere")
    until, reason = _day(request), words(request)
    actions.ask_extension(one, until=until, reason=reason, by=request.actor, at=timezone.now())
    return _("Submitted to the leader. The promise stands until it is decided.")


@verb("extend")
def extend(request: Request, one: Dossier) -> str:
    actions.extend(one, by=request.actor, at=timezone.now())
    return _("Promised. The applicant gets the apology with the new date.")


@verb("extend")
def decline_extension(request: Request, one: Dossier) -> str:
    actions.decline_extension(one, reason=words(request), by=request.actor, at=timezone.now())
    return _("Declined; the officer is told why.")


@may("staff")
@require_http_methods(["GET", "POST"])
@keeping
def transfer(request: Request, dossier_id: UUID) -> HttpResponse:
    """Pass on what came to the wrong place, to another agency of its kind."""
    one, now = find(request, dossier_id), timezone.now()
    others = Agency.objects.open_at(now).filter(kind=one.agency.kind).exclude(pk=one.agency_id).order_by("name")
    context = {"dossier": one, "agencies": others.values_list("pk", "name"), "typed": request.POST}
    if request.method == "GET":
        _must_be_at(request, one, *PASSED_ON)
        return render(request, "dossiers/transfer.html", context)
    try:
        _must_be_at(request, one, *PASSED_ON)
        to = others.filter(pk=uuid_of(request.POST.get("to", ""))).first()
        if to is None:
            raise Refused("agency_missing", _("Choose the agency that decides."), field="to", status=422)
        actions.transfer(one, to=to, reason=words(request), by=request.actor, at=now)
    except Refused as refusal:
        if not refusal.field:  # it cannot be passed on any more, whatever is typed
            return again(request, dossier_id, refusal, tried="transfer")
        return render(request, "dossiers/transfer.html", {**context, "refusal": refusal}, status=refusal.status)
    messages.success(request, _("Passed on to %(agency)s.") % {"agency": to.name})
    return HttpResponseRedirect(_next(request, one))


@verb()
def take_back(request: Request, one: Dossier) -> str:
    actions.take_back(one, by=request.actor, at=timezone.now())
    return _("Taken back: it is with you again.")


def _must_be_at(request: Request, one: Dossier, *kinds: str) -> None:
    """The dossier's open task is this official's, and one of these kinds."""
    assert request.staff is not None
    task = task_for(one, request.staff)
    if task is None or task.kind not in kinds:
        raise Refused("already_done", _("This cannot be done at this step. Look at what happened below."))


def _must_lead(request: Request, one: Dossier) -> None:
    assert request.staff is not None
    if not (request.staff.has_role(Role.LEADER) and request.staff.agency_id == one.agency_id):
        raise NotAllowed(_("Only who leads the agency that decides may do this."))


def _day(request: Request) -> date:
    try:
        return date.fromisoformat(request.POST.get("until", ""))
    except ValueError:
        raise Refused("bad_date", _("Choose a day."), field="until", status=422) from None


@verb("assign")
def assign(request: Request, one: Dossier) -> str:
    to = Account.objects.filter(pk=uuid_of(request.POST.get("officer", ""))).first()
    if to is None:
        raise Refused("officer_missing", _("Choose who will work on it."), field="officer", status=422)
    actions.assign(one, to=to, by=request.actor, at=timezone.now())
    return _("Assigned to %(who)s.") % {"who": to.display_name}


@verb("appraise")
def propose(request: Request, one: Dossier) -> str:
    assert request.staff is not None
    now = timezone.now()
    signer = queries.signers(request.staff, now).filter(pk=uuid_of(request.POST.get("signer", ""))).first()
    if signer is None:
        raise Refused("signer_missing", _("Choose who signs."), field="signer", status=422)
    form = result_form(one, request.POST, at=now)
    if not form.is_valid():
        raise Refused("result_invalid", _("Please correct the result below."), status=422)
    actions.propose(
        one,
        content=form.clean_answers,
        signer=signer,
        opinion=words(request, "opinion"),
        by=request.actor,
        at=now,
    )
    return _("Submitted for signature.")


@verb("appraise")
def consult(request: Request, one: Dossier) -> str:
    papers = {uuid_of(value) for value in request.POST.getlist("papers")}
    question, form = words(request, "question"), "form" in request.POST
    asked = actions.consult(one, question=question, form=form, papers=papers, by=request.actor, at=timezone.now())
    names = ", ".join(each.task.agency.name for each in asked)
    return _("Asked: %(agencies)s. Their answers come here by themselves.") % {"agencies": names}


@verb("sign")
def send_back(request: Request, one: Dossier) -> str:
    actions.send_back(one, reason=words(request), by=request.actor, at=timezone.now())
    return _("Sent back to the officer.")


@verb("sign")
def take_signature(request: Request, one: Dossier) -> str:
    """A substitute, or the leader of a successor agency, has it drafted in their own name."""
    assert request.staff is not None
    actions.take_signature(one, signer=request.staff, by=request.actor, at=timezone.now())
    return _("The draft is being made anew in your name.")


@verb("sign")
def sign(request: Request, one: Dossier) -> str:
    """The leader's own signature. The passphrase lives in this request only, and no
    transaction is open while the signature is made."""
    assert request.staff is not None
    result = one.result
    if result is None:
        raise Http404
    document = documents.find(f"{RESULT}:{result.pk}:{request.POST.get('draft', '')}", request.staff)
    key = personal_key(request.user.pk, request.POST.get("passphrase", ""))
    work.sign(document, key, staff=request.staff, by=request.actor, at=timezone.now())
    return _("Signed.")


@verb("issue")
def issue(request: Request, one: Dossier) -> str:
    result = actions.number_result(one, by=request.actor, at=timezone.now())
    return _("Number %(number)s taken; the seal is being put on.") % {"number": result.notation}


@verb()
def take_fee(request: Request, one: Dossier) -> str:
    assert request.staff is not None
    if not at_its_counter(one, request.staff):
        raise NotAllowed(_("Only the counter that received the dossier takes its fee."))
    receipt = actions.take_fee(one, by=request.actor, at=timezone.now())
    return _("Fee paid; receipt no. %(number)s.") % {"number": receipt.number.value}


@verb("return")
def return_result(request: Request, one: Dossier) -> str:
    actions.return_result(one, reason=words(request), by=request.actor, at=timezone.now())
    return _("Result returned.")


@verb()
def claim(request: Request, one: Dossier) -> str:
    assert request.staff is not None
    task = task_for(one, request.staff)
    if task is None:
        taken = next(iter(open_tasks(one)), None)
        if taken and taken.assignee:
            raise Refused(
                "already_claimed", _("%(who)s has already taken this task.") % {"who": taken.assignee.display_name}
            )
        raise Http404
    process.claim(task, account=request.user, by=request.actor, at=timezone.now())
    return _("It is yours now.")
