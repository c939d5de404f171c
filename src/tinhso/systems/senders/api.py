"""For accredited senders' own systems: many applications in one request, an outcome for each."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from tinhso.core.api.auth import needs
from tinhso.core.ledger.actions import Refused
from tinhso.systems.dossiers.api import Submission, agency_in_reach
from tinhso.systems.procedures.queries import variant_in_force

from .handing_in import Item, Outcome, Status, hand_in

MOST = 100  # items of a request, about two seconds of work

router = Router(tags=["dossiers"])


class SentItem(Submission):
    reference: str = Field(
        min_length=1, max_length=80, description="The sender's own, once for each application; the same when sent again"
    )


class Batch(Schema):
    model_config = ConfigDict(extra="forbid")  # a misspelt `look` would hand in

    look: bool = Field(False, description="Only say what would become of each; nothing is kept")
    items: list[SentItem] = Field(min_length=1, max_length=MOST)


class OutcomeOut(Schema):
    reference: str
    status: Status
    code: str = Field(description="Of the dossier, where there is one")
    errors: dict[str, str] = Field(description="What to mend: by path of the form, or name of a field")


class BatchOut(Schema):
    outcomes: Annotated[list[OutcomeOut], Field(description="In the order of the items")]


@router.post("/dossier-batches", auth=needs("dossiers:submit"), response=BatchOut, operation_id="submit_dossiers")
def batch(request: HttpRequest, body: Batch) -> Any:
    """Hand in many. Each item stands for itself; its reference makes it safe to send again."""
    now, sender = timezone.now(), request.client.account_id  # type: ignore[attr-defined]
    made: list[OutcomeOut] = []
    for one in body.items:
        try:
            item = _item(request, one, now)
        except Refused as wrong:
            outcome = Outcome(one.reference, Status.REFUSED, errors={wrong.field: str(wrong)})
        else:
            (outcome,) = hand_in([item], sender, by=request.actor, at=now, look=body.look)  # type: ignore[attr-defined]
        made.append(OutcomeOut(**{name: getattr(outcome, name) for name in OutcomeOut.model_fields}))
    return BatchOut(outcomes=made)


def _item(request: HttpRequest, one: SentItem, at: Any) -> Item:
    variant = variant_in_force(one.procedure, one.variant)
    if variant is None:
        words = _("There is no such procedure or variant in force.")
        raise Refused("unknown_procedure", words, field="procedure", status=422)
    return Item(one.reference, variant, agency_in_reach(request, one.agency, at), one.channel, one.answers)
