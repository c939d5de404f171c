"""Why a person has to look at what the national database says, in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .national.doubts import Why

REASONS = {
    Why.ROW: _("The table of ways cannot be read"),
    Why.TIME_NUMBER: _("A time limit without its unit"),
    Why.TIME_MISSING: _("No time limit is stated"),
    Why.TIME_WORDS: _("A time limit in words"),
    Why.FEE_JOINED: _("Time limit and fee run together"),
    Why.FEE_SEVERAL: _("Several amounts for one way"),
    Why.FEE_SMALL: _("An amount below 1.000 dong"),
    Why.FEE_WORDS: _("A fee in words"),
    Why.FEE_NOTED: _("The note names another amount"),
    Why.FEE_FOREIGN: _("A fee in foreign money: this way is left out"),
    Why.FEE_MISSING: _("No fee is stated; 0 is free"),
    Why.FEE_COUNCIL: _("The People's Council of the province sets the fee; 0 is free"),
    Why.COUNT: _("How many copies is not certain: the last digit was taken"),
    Why.PAPERS: _("Papers that could not be read"),
    Why.RESULT: _("The result could not be read"),
    Why.LEVEL: _("The steps say that somebody appears: taken as partly online"),
}
