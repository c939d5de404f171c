"""What follows when a joint dossier or a part of one moves: the next part, and the applicant's one thread."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tinhso.core.accounts.models import Authority
from tinhso.core.ledger.consumers import Placed, consumer
from tinhso.core.notify.actions import Message, notify_all
from tinhso.systems.dossiers.consumers import followers, told_elsewhere

from .bundles import bundles, part_codes
from .jobs import go_on
from .models import Part
from .queries import told_as_parts

# Entries that say of which procedure, and those that do not.
NAMED = tuple(f"dossiers.{one}" for one in ("accepted", "refused", "stopped", "withdrawn", "result_issued", "returned"))
UNNAMED = ("dossiers.supplement_received", "dossiers.extended")


@consumer("linked.go_on", events=[*NAMED, *UNNAMED])
def follow(batch: Sequence[Placed]) -> None:
    """One job a joint dossier that something happened to, or to a part of it."""
    codes = part_codes()
    parts = {p.subject_id for p in batch if p.event in UNNAMED or p.data["procedure"] in codes}
    joints = {p.subject_id for p in batch if p.event in NAMED and p.data["procedure"] in bundles()}
    if parts:
        joints |= set(Part.objects.filter(dossier__in=parts).values_list("joint_id", flat=True))
    if joints:
        go_on.defer_many([{"joint": str(pk)} for pk in sorted(joints)])


# What a part's entry is called in the thread. What is left out says nothing that the joint dossier does not.
THREAD = {
    "dossiers.supplement_requested": "linked.supplement_requested",
    "dossiers.extended": "linked.extended",
    "dossiers.refused": "linked.refused",
    "dossiers.stopped": "linked.refused",
    "dossiers.result_issued": "linked.result_issued",
}

# A part is submitted, accepted and returned by itself: of that the joint dossier says what matters.
told_elsewhere({*THREAD, "dossiers.submitted", "dossiers.accepted", "dossiers.returned"}, told_as_parts)


@consumer("linked.notices", events=THREAD)
def tell_in_one_thread(batch: Sequence[Placed]) -> None:
    """Of each part's entry one notice, which leads to the joint dossier."""
    rows = Part.objects.filter(dossier__in={p.subject_id for p in batch}).select_related("joint", "dossier")
    parts = {row.dossier_id: row for row in rows}
    act = {row.joint.business_id for row in parts.values() if row.joint.business_id}
    members = list(Authority.objects.filter(business__in=act)) if act else []
    messages = []
    for placed in batch:
        row = parts.get(placed.subject_id)
        joint = row.joint if row else None
        if row is None or joint is None or not (joint.account_id or joint.applicant_id or joint.business_id):
            continue  # no part, erased meanwhile, or nobody we know
        params: dict[str, str | int | datetime] = {"code": joint.code, "part": row.dossier.code}
        for key, name in (("due_at", "due"), ("until", "until")):
            if placed.data.get(key):
                params[name] = datetime.fromisoformat(placed.data[key])
        told = followers(joint, members, placed.at)
        messages += [Message(THREAD[placed.event], to, joint, placed.id, placed.at, params) for to in told]
    notify_all(messages)
