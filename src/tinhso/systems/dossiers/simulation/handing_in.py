"""What the post sends to the API for a constructed applicant."""

from __future__ import annotations

from typing import Any

from django.utils.timezone import localtime

from tinhso.core.forms.definition import FormDefinition, FormErrors
from tinhso.simulation.world import Arrival, World
from tinhso.systems.procedures import results
from tinhso.systems.procedures.models import Variant

from .answers import answers, demands_paper
from .roads import choose

TRIES = 30


def application(world: World, arrival: Arrival) -> dict[str, Any]:
    """A submission whose result states nothing but what was applied with, for nobody here can make up the rest; of what
    the commune decides by itself, and without a paper, for the post uploads none."""
    for _try in range(TRIES):
        variant = choose(world, arrival)
        if variant.decider or demands_paper(FormDefinition.load(variant.form)):
            continue
        given = _answers(variant, arrival)
        if _states_itself(variant, given, arrival):
            return {
                "procedure": variant.version.procedure.code,
                "variant": variant.key,
                "agency": arrival.place.agency.code,
                "answers": given,
            }
    raise LookupError("There is no procedure that the post can hand in.")


def _answers(variant: Variant, arrival: Arrival) -> dict[str, Any]:
    form, unit = FormDefinition.load(variant.form), arrival.place.agency.unit_code
    return answers(form, arrival.citizen, unit, localtime(arrival.at).date(), arrival.chance)


def _states_itself(variant: Variant, given: dict[str, Any], arrival: Arrival) -> bool:
    begun = results.starting_content(variant, given)
    try:
        FormDefinition.load(variant.result_form).validate(begun, on=localtime(arrival.at).date())
    except FormErrors:
        return False
    return "post" in variant.channels
