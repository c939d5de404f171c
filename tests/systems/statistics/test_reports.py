"""The periodic table as the form has it, sent and frozen, and what would differ today."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from tests.systems.dossiers.builders import ZONE, a_dossier, by, staff
from tests.systems.statistics.test_figures import THEN, every_road, signed_in
from tinhso.core.agencies import demo as agencies
from tinhso.core.agencies.models import Role
from tinhso.core.ledger.actions import Refused
from tinhso.core.ledger.queries import timeline
from tinhso.simulation.check import settle
from tinhso.systems.statistics import actions
from tinhso.systems.statistics.form import Form, official
from tinhso.systems.statistics.models import Report
from tinhso.systems.statistics.periods import Kind, Period
from tinhso.systems.statistics.queries import scope

pytestmark = pytest.mark.usefixtures("province")

WEEKS = Period(Kind.QUARTER, date(2026, 11, 23), date(2026, 12, 31))
BEGUN = datetime(2026, 11, 20, 9, tzinfo=ZONE)


def sent(when: Period = WEEKS, at: datetime = THEN) -> Report:
    leader = staff(Role.LEADER)
    home = agencies.home()[1]
    return actions.send(home, Form.BY_FIELD, when, sender=leader.account, by=by(Role.LEADER), at=at)


def sheet(client: Client, address: str) -> list[list[Any]]:
    found = client.get(address)
    assert found.status_code == 200, address
    return [[cell.value for cell in row] for row in load_workbook(io.BytesIO(found.content)).active.iter_rows()]


def test_the_table_has_the_columns_of_the_form_and_its_sums_hold() -> None:
    a_dossier(BEGUN).submitted().accepted()
    every_road()
    shown = official(Form.BY_FIELD, scope(agencies.home()[1]), WEEKS, at=THEN)
    received, online, otherwise, before, decided, early, on_time, late, open_, in_time, overdue = shown.total.figures
    assert (online, otherwise, before) == (10, 0, 0), "one from before, one passed on to the next commune"
    assert received == online + otherwise + before == decided + open_
    assert decided == early + on_time + late
    assert (early, on_time, late) == (2, 4, 1), "two refused, one stopped and one withdrawn are decided on time"
    assert (in_time, overdue) == (None, None), "nobody counted when it ended"
    assert [sum(n or 0 for n in column) for column in zip(*(r.figures for r in shown.rows), strict=True)][:9] == (
        shown.total.figures[:9]
    )
    rows = sheet(
        signed_in("chutich"),
        f"/thong-ke/bieu-06/excel/?kind=quarter&day=2026-10-01&agency={agencies.home()[1].pk}",
    )
    assert rows[0][0] == "Biểu số II.06a/VPCP/KSTT"
    assert rows[8] == [
        *("(1)", "(2)", "(3)=(4)+(5)+(6)", "(4)", "(5)", "(6)", "(7)=(8)+(9)+(10)", "(8)", "(9)", "(10)"),
        *("(11)=(12)+(13)", "(12)", "(13)"),
    ]
    assert rows[9][1]
    assert rows[-3][1] == "Tổng số"
    assert "chưa gửi" in rows[-1][1]


def test_a_report_that_was_sent_stays_and_later_changes_stand_beside_it() -> None:
    every_road()
    one = sent()
    assert (one.revision, one.sent_by, one.sent_at) == (1, staff(Role.LEADER).account, THEN)
    (entry,) = timeline(one)
    assert (entry.event, entry.data["digest"]) == ("statistics.report_sent", one.digest)
    address = f"/thong-ke/bao-cao/{one.pk}/"
    before = signed_in("chutich").get(address)
    assert before.context["changed"] == 0
    assert before.context["told"]

    a_dossier(datetime(2026, 12, 28, 9, tzinfo=ZONE)).submitted()
    settle(THEN)
    after = signed_in("chutich").get(address)
    assert after.context["told"]
    assert after.context["changed"] == 2, "the field and the sum"
    assert after.context["total"][0] == (before.context["total"][0][0], "+1")
    assert sheet(signed_in("chutich"), address + "excel/")[-1][1].endswith(one.digest)
    again = sent()
    assert again.revision == 2
    assert Report.objects.get(pk=one.pk).content == one.content

    one.content["total"][2] += 1
    one.save()
    assert not signed_in("chutich").get(address).context["told"], "changed in the database"


def test_a_report_is_sent_by_who_leads_when_its_period_is_over_and_once_with_the_same_figures() -> None:
    every_road()
    with pytest.raises(Refused) as early:
        sent(Period(Kind.MONTH, date(2027, 1, 1), THEN.date()))
    assert early.value.code == "period_runs"
    sent()
    with pytest.raises(Refused) as same:
        sent()
    assert same.value.code == "same_figures"
    form = {"agency": str(agencies.home()[1].pk), "kind": "month", "form": "06b", "day": "2026-10-01"}
    assert signed_in("motcua").post("/thong-ke/bieu-06/gui/", form).status_code == 403
    answer = signed_in("chutich").post("/thong-ke/bieu-06/gui/", form)
    report = Report.objects.get(form="06b")
    assert answer["Location"] == f"/thong-ke/bao-cao/{report.pk}/"
    assert (report.since, report.until) == (date(2026, 9, 15), date(2026, 10, 14)), "by decree from the 15th"
    other = agencies.home()[2]
    assert signed_in("chutich").post("/thong-ke/bieu-06/gui/", {**form, "agency": str(other.pk)}).status_code == 404
    page = signed_in("chutich").get("/thong-ke/bieu-06/?kind=month&day=2026-10-01&form=06b").content.decode()
    assert str(report.pk) in page
    days = "kind=month&since=2026-11-15&until=2026-12-14&what=online"
    listed = signed_in("chutich").get(f"/thong-ke/ho-so/?{days}").content.decode()
    assert "15/11/2026 – 14/12/2026" in listed
    assert listed.count("data-row") == 9
    Report.objects.filter(pk=report.pk).update(agency=other)
    assert signed_in("chutich").get(f"/thong-ke/bao-cao/{report.pk}/").status_code == 404
