"""What the post sends to the API for a constructed applicant."""

from __future__ import annotations

from typing import Any

from django.utils.timezone import localtime

from tinhso.core.forms.definition import FormDefinition, FormErrors
from tinhso.simulation.world import Arrival, World
from tinhso.systems.procedures import results
from tinhso.systems.procedures.models import Variant

from .answers import answers
from .roads import choose

TRIES = 30


def application(world: World, arrival: Arrival) -> dict[str, Any]:
    """A submission whose result states nothing but what was applied with, for nobody here can make up the rest."""
    for _try in range(TRIES):
        variant = choose(world, arrival)
        given = _answers(variant, arrival)
        if _states_itself(variant, given, arrival):
            break
    return {
        "procedure": variant.version.procedure.code,
        "variant": variant.key,
        "agency": arrival.place.agency.code,
        "answers": given,
    }


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
