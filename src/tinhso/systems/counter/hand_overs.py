"""Paper files that change hands: a numbered list, a code on each, and who holds them now."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from tinhso.core.accounts.models import Account
from tinhso.core.agencies.models import Agency, Role, Staff
from tinhso.core.agencies.queries import agencies_of
from tinhso.core.ledger.actions import Actor, Fact, NotAllowed, Refused, action, new_id, record_all
from tinhso.core.numbering.actions import next_number
from tinhso.systems.dossiers.models import Dossier
from tinhso.systems.dossiers.queries import READERS, colleagues, in_reach

from .events import FileReceived, FileSent, FileTakenBack, HandedOver
from .models import HandOver, Item, PaperFile

BOOK = "hand-over"
HOLDERS = (Role.RECEPTIONIST, Role.OFFICER, Role.UNIT_HEAD, Role.LEADER, Role.CLERK)  # auditors only look
MOST = 200  # files on one list
OPEN = Q(received_at=None, taken_back_at=None)


def on_its_way() -> Exists:
    """For rows of `PaperFile`: whether an open list has it."""
    return Exists(Item.objects.filter(OPEN, dossier=OuterRef("dossier")))


def held(staff: Staff) -> QuerySet[PaperFile]:
    """Paper files in this official's hands, of dossiers not ended, oldest first; not those given on already."""
    rows = PaperFile.objects.filter(~on_its_way(), official=staff.account_id, agency=staff.agency_id)
    rows = rows.filter(dossier__finished_at=None).select_related("dossier__agency", "dossier__receiving_agency")
    return rows.defer("dossier__answers").order_by("since", "pk")


def lists_of(staff: Staff) -> QuerySet[HandOver]:
    """Lists that an official's agency gave or is given, newest first."""
    reach = agencies_of(staff, READERS).values("pk")
    rows = HandOver.objects.filter(Q(agency__in=reach) | Q(to__in=reach))
    return rows.select_related("number__book", "agency", "to", "giver", "receiver").order_by("-at", "-pk")


def coming(staff: Staff) -> QuerySet[Item]:
    """What is on its way to this official, or to anybody of their agency; never what they gave themselves."""
    mine = Q(hand_over__receiver=staff.account_id) | Q(hand_over__receiver=None)
    rows = Item.objects.filter(OPEN, mine, hand_over__to=staff.agency_id).exclude(hand_over__giver=staff.account_id)
    return rows.select_related("dossier", "hand_over__number__book", "hand_over__giver", "hand_over__agency").defer(
        "dossier__answers"
    )


@dataclass(frozen=True)
class Target:
    """To whom files may be given: a colleague, or whoever receives for an agency."""

    agency: Agency
    account: Account | None

    @property
    def key(self) -> str:
        return f"{self.agency.pk}:{self.account.pk if self.account else ''}"

    @property
    def words(self) -> str:
        return self.account.display_name if self.account else self.agency.name


def targets(staff: Staff, files: Iterable[PaperFile], at: datetime) -> list[Target]:
    """Colleagues, then the agencies that received or decide what is in one's hands."""
    own = [Target(staff.agency, account) for account, _load in colleagues(staff, at) if account.pk != staff.account_id]
    agencies = {one.pk: one for row in files for one in (row.dossier.agency, row.dossier.receiving_agency)}
    agencies.pop(staff.agency_id, None)
    return own + [Target(one, None) for one in sorted(agencies.values(), key=lambda one: one.name)]


def dossiers_by_code(text: str, staff: Staff) -> list[Dossier]:
    """Dossiers in reach whose codes were scanned or typed, a word or a line each. Raises `Refused`, naming what is
    no code of theirs."""
    codes = list(dict.fromkeys(word.upper() for word in re.split(r"[\s,;]+", text.strip()) if word))[:MOST]
    rows = {one.code: one for one in in_reach(staff).filter(code__in=codes).select_related("agency")}
    unknown = [code for code in codes if code not in rows]
    if unknown:
        message = _("No dossier that you may see has the code %(code)s. Scan it again, with UniKey switched off.")
        raise Refused("unknown_code", message % {"code": unknown[0][:60]}, field="codes", status=422)
    return [rows[code] for code in codes]


@action
def send(
    dossiers: Sequence[Dossier], *, to: Agency, receiver: Account | None, staff: Staff, by: Actor, at: datetime
) -> HandOver:
    """Give paper files on, as a list with the next number of the agency's book. They stay the giver's until each is
    received. Raises `Refused` for what another agency holds, or is on its way already."""
    if not dossiers or len(dossiers) > MOST:
        message = _("Choose 1 to %(most)d paper files.")
        raise Refused("no_files", message % {"most": MOST}, field="codes", status=422)
    if receiver is not None and receiver.pk == staff.account_id:
        raise Refused("to_oneself", _("Choose somebody else: you hold them."), field="to", status=422)
    if receiver is None and to.pk == staff.agency_id:
        raise Refused("to_whom", _("Choose a colleague."), field="to", status=422)
    ids = sorted(one.pk for one in dossiers)
    PaperFile.objects.bulk_create(
        [PaperFile(dossier_id=pk, agency=staff.agency, official=staff.account, since=at) for pk in ids],
        ignore_conflicts=True,  # one that was not handed in on paper and is printed now
    )
    rows = PaperFile.objects.select_for_update(of=("self",)).select_related("dossier", "agency").filter(pk__in=ids)
    for row in rows.order_by("pk"):
        if row.agency_id != staff.agency_id:
            message = _("%(code)s is held by %(agency)s. Ask them to hand it over.")
            raise Refused("held_elsewhere", message % {"code": row.dossier.code, "agency": row.agency.name})
    busy = Item.objects.filter(OPEN, dossier__in=ids).select_related("dossier", "hand_over__number").first()
    if busy is not None:
        message = _("%(code)s is on its way already, by list %(number)s.")
        raise Refused("on_its_way", message % {"code": busy.dossier.code, "number": busy.hand_over.number.value})
    made = HandOver(id=new_id(), giver=staff.account, agency=staff.agency, to=to, receiver=receiver, at=at)
    made.number = next_number(BOOK, agency=staff.agency_id, subject=made, by=by, at=at)
    made.save(force_insert=True)
    Item.objects.bulk_create([Item(id=new_id(), hand_over=made, dossier=one) for one in dossiers])
    event = HandedOver(str(made.number.value), to.pk, receiver.pk if receiver else None, len(ids))
    facts = [Fact(event, made, staff.agency_id)]
    facts += [Fact(FileSent(made.pk, to.pk), one, one.agency_id) for one in dossiers]
    record_all(facts, by=by, at=at)
    return made


@action
def receive(items: Iterable[Item], *, staff: Staff, by: Actor, at: datetime) -> list[Item]:
    """What this official has in their hands now. What was received or taken back meanwhile is passed over; raises
    `Refused` where nothing is left, `NotAllowed` for what comes to somebody else."""
    wanted = [item.pk for item in items]
    locked = Item.objects.select_for_update(of=("self",)).select_related("hand_over", "dossier").filter(pk__in=wanted)
    rows = [item for item in locked.order_by("dossier", "pk") if item.received_at is None and not item.taken_back_at]
    if not rows:
        raise Refused("nothing_to_receive", _("Nothing was ticked that is still on its way."), status=422)
    allowed = set(coming(staff).filter(pk__in=wanted).values_list("pk", flat=True))
    if not staff.has_role(*HOLDERS) or any(item.pk not in allowed for item in rows):
        raise NotAllowed(_("This list is for somebody else."))
    ids = [item.pk for item in rows]
    Item.objects.filter(pk__in=ids).update(received_at=at, received_by=staff.account)
    files = PaperFile.objects.filter(dossier__in=[item.dossier_id for item in rows])
    files.update(agency=staff.agency, official=staff.account, since=at)
    facts = [Fact(FileReceived(item.hand_over_id), item.dossier, item.dossier.agency_id) for item in rows]
    record_all(facts, by=by, at=at)
    return rows


@action
def take_back(item: Item, *, staff: Staff, by: Actor, at: datetime) -> Item:
    """It was on the list by mistake, or was not accepted: it is in the giver's hands, as it was."""
    locked = Item.objects.select_for_update(of=("self",)).select_related("hand_over", "dossier").get(pk=item.pk)
    if locked.hand_over.giver_id != staff.account_id:
        raise NotAllowed(_("Only who gave it takes it back."))
    if locked.received_at or locked.taken_back_at:
        raise Refused("received_already", _("It was received already: ask for it to be handed back."))
    locked.taken_back_at = at
    locked.save(update_fields=["taken_back_at"])
    event = FileTakenBack(locked.hand_over_id)
    record_all([Fact(event, locked.dossier, locked.dossier.agency_id)], by=by, at=at)
    return locked


def code_of(hand_over: HandOver) -> str:
    """What the QR of a list says: `BG-H15.24133-2026-17`. No personal data, and letters that Telex leaves alone."""
    number = hand_over.number
    return f"BG-{hand_over.agency.code}-{number.book.year}-{number.value}"


def by_code(text: str, staff: Staff) -> HandOver | None:
    """The list of a scanned code, if this official's agency gave it or is given it."""
    match = re.fullmatch(r"BG-(.+)-(\d{4})-(\d{1,9})", text.strip().upper())
    if match is None:
        return None
    code, year, value = match.groups()
    rows = lists_of(staff).filter(agency__code=code, number__book__year=int(year), number__value=int(value))
    return rows.filter(number__book__kind=BOOK).first()


@dataclass(frozen=True)
class Whereabouts:
    """Where the paper file of a dossier is: who holds it, the list it is on, and the way it came."""

    file: PaperFile | None
    on_way: Item | None
    earlier: Sequence[Item]


def whereabouts(dossier_id: UUID) -> Whereabouts:
    """For the dossier's page."""
    file = PaperFile.objects.select_related("agency", "official").filter(pk=dossier_id).first()
    whole = ("hand_over__number", "hand_over__agency", "hand_over__to", "hand_over__giver", "received_by")
    items = list(Item.objects.filter(dossier=dossier_id).select_related(*whole).order_by("-pk")[:20])
    on_way = next((item for item in items if not item.received_at and not item.taken_back_at), None)
    return Whereabouts(file, on_way, [item for item in items if item.received_at])
