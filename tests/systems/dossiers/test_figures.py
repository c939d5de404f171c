"""The figures on the wall say what the rows say."""

from __future__ import annotations

import re
from datetime import timedelta

from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localtime

from tests.house.databases import Database
from tests.simulation.test_year import UNTIL, a_world, lived
from tinhso.core.accounts.models import Account
from tinhso.simulation.check import settle
from tinhso.systems.dossiers import figures
from tinhso.systems.dossiers.models import Dossier

QUESTIONS = 10


def test_each_figure_equals_the_dossiers_behind_it_and_is_asked_once(province: Database) -> None:
    lived(a_world(16))
    settle(UNTIL)
    post = Account.objects.get(username="lanhdao.tinh").posts.get()
    with CaptureQueriesContext(connection) as asked:
        shown = {one.name: one for one in figures.all_of(post, UNTIL)}
    assert len(asked) <= QUESTIONS
    came = [localtime(at).date() for at in Dossier.objects.values_list("submitted_at", flat=True)]
    today = UNTIL.date()
    week = UNTIL.replace(hour=23, minute=59, second=59) - timedelta(days=7)
    open_then = Dossier.objects.filter(Q(finished_at=None) | Q(finished_at__gt=week), submitted_at__lte=week)
    assert shown["today"].value == came.count(today)
    assert said(shown["today"]) == came.count(today - timedelta(days=1))
    assert shown["open"].value == Dossier.objects.filter(finished_at=None).count()
    assert said(shown["open"]) == open_then.count()
    assert shown["late"].value == figures.rows_of("late", post, UNTIL).count()


def said(one: figures.Shown) -> int:
    """The number to compare with."""
    return int(re.findall(r"\d+", one.trend)[0])
