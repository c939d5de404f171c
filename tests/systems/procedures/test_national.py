"""The national database becomes a catalogue that works: imported, asked about, applied for, decided."""

from __future__ import annotations

import copy
import json
import random
from collections import Counter
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from tests.house.browser import needs
from tests.privacy.walk import settle
from tests.systems.dossiers.builders import MONDAY
from tests.systems.procedures.national.test_reading import NATIONAL, SEED, there
from tests.systems.procedures.road import Road, confirm_all, joined, of_the_province, staff_the_province, words_of

from tinhso.core.indicators.queries import differences, figure
from tinhso.core.ledger.actions import Actor, Refused
from tinhso.core.ledger.models import Entry
from tinhso.systems.dossiers import verification
from tinhso.systems.procedures import actions, queries
from tinhso.systems.procedures.actions.importing import Outcome
from tinhso.systems.procedures.models import (
    Facet,
    Flag,
    ImportRun,
    NationalRow,
    Procedure,
    ProcedureVersion,
    Variant,
)
from tinhso.systems.procedures.national.ways import HEADER

pytestmark = pytest.mark.usefixtures("province")
BY = Actor.system("test")
LINES = NATIONAL.read_bytes().splitlines() if NATIONAL.exists() else []
ROWS: dict[str, bytes] = {json.loads(line)["ma_thu_tuc"]: line for line in LINES}


def read(*lines: bytes, at: datetime = MONDAY) -> Outcome:
    return actions.import_rows(enumerate(lines, 1), file="thu.jsonl", sha256="a" * 64, by=BY, at=at)


def a_row(code: str, **changed: Any) -> bytes:
    return json.dumps({**json.loads(ROWS[code]), **changed}, ensure_ascii=False).encode()


def everything() -> tuple[Any, ...]:
    kinds = (Procedure, ProcedureVersion, Variant, Flag, NationalRow, ImportRun, Facet, Entry)
    return tuple(list(kind.objects.order_by("pk").values_list()) for kind in kinds)  # type: ignore[attr-defined]


@there
def test_a_second_reading_changes_nothing_and_bad_rows_do_not_stop_good_ones() -> None:
    lines = [ROWS["1.000426"], b"{no json", ROWS["1.000020"], a_row("1.000555", cap_thuc_hien="Cấp huyện"), b"[]"]
    first = read(*lines, lines[0])
    assert [line for line, _reason in first.bad] == [2, 4, 5, 6]
    assert "line 1" in first.bad[-1][1]
    assert Counter({"usable": 1, "information": 1, "published": 2}) <= first.counts
    before = everything()
    assert read(*lines, lines[0]).bad == first.bad
    assert everything() == before


@there
def test_what_ministries_decide_informs_and_says_where_to_go() -> None:
    read(ROWS["1.000020"])
    version = queries.version_in_force("1.000020")
    assert version is not None
    assert version.online == "information"
    assert not version.variants.exists()
    assert "hải quan" in version.notice["why"]["vi"]
    assert version.notice["place"]["vi"]


@there
def test_what_comes_with_the_install_is_not_overwritten() -> None:
    before = queries.version_in_force("1.004873")
    outcome = read(ROWS["1.004873"])
    assert outcome.counts["kept"] == 1
    assert queries.version_in_force("1.004873") == before


@there
def test_a_bare_number_waits_until_an_official_says_what_it_means() -> None:
    read(ROWS["1.001193"])
    assert queries.variant_in_force("1.001193") is None
    flag = Flag.objects.filter(row_id="1.001193", why="time_number").first()
    assert flag is not None
    with pytest.raises(Refused):
        actions.answer(flag, amount=1, unit="weeks", by=BY, at=MONDAY)
    answered = actions.answer(flag, amount=1, unit="working_days", by=BY, at=MONDAY)
    assert len(answered) == 3, "the same words mean the same in every channel"
    variant = queries.variant_in_force("1.001193")
    assert variant is not None
    assert (variant.amount, variant.unit) == (1, "working_days")
    read(ROWS["1.001193"])
    assert queries.variant_in_force("1.001193") == variant, "the answer stays"
    with pytest.raises(Refused):
        actions.answer(flag, amount=2, unit="working_days", by=BY, at=MONDAY)


def a_way(text: str) -> bytes:
    return a_row("1.000426", cach_thuc_thuc_hien=f"{HEADER}{text}")


@there
@pytest.mark.parametrize(
    "fee", ["Không có thông tin", "Miễn phí(Mức thu phí do Hội đồng nhân dân cấp tỉnh quyết định)"]
)
def test_a_fee_that_is_not_stated_is_asked_for_and_never_free_by_silence(fee: str) -> None:
    read(a_way(f"Trực tuyến5 Ngày làm việc{fee}"))
    assert queries.variant_in_force("1.000426") is None
    (flag,) = Flag.objects.filter(row_id="1.000426", blocks=True)
    actions.answer(flag, amount=30_000, by=BY, at=MONDAY)
    variant = queries.variant_in_force("1.000426")
    assert variant is not None
    assert variant.fee_rule["amount"] == 30_000


@there
def test_a_doubt_that_comes_to_keep_people_from_applying_is_asked_anew() -> None:
    read(a_way("Trực tuyến5 Ngày làm việcKhông có thông tin"))
    Flag.objects.update(blocks=False)  # as an earlier version left it
    NationalRow.objects.update(digest="read by an earlier version")
    read(a_way("Trực tuyến5 Ngày làm việcKhông có thông tin"))
    assert Flag.objects.get(row_id="1.000426").blocks


@there
def test_a_step_that_wants_somebody_to_come_speaks_against_wholly_online() -> None:
    free = f"{HEADER}Trực tuyến5 Ngày làm việcMiễn phí"
    read(a_row("1.000426", cach_thuc_thuc_hien=free, trinh_tu_thuc_hien="Nộp hồ sơ trực tiếp hoặc trực tuyến."))
    assert queries.version_in_force("1.000426").online == "full"  # type: ignore[union-attr]
    steps = "Nộp hồ sơ trực tuyến. Khi nhận kết quả, hai bên phải có mặt."
    read(a_row("1.000426", cach_thuc_thuc_hien=free, trinh_tu_thuc_hien=steps))
    assert queries.version_in_force("1.000426").online == "partial"  # type: ignore[union-attr]
    (flag,) = Flag.objects.filter(row_id="1.000426")
    assert (flag.why, flag.blocks, flag.excerpt) == ("level_presumed", False, "Khi nhận kết quả, hai bên phải có mặt.")


@there
def test_the_share_counts_what_the_province_decides_and_what_waits_is_its_own() -> None:
    before = queries.share(queries.facets())
    read(ROWS["1.000426"], ROWS["1.000020"], ROWS["1.001193"])
    after = queries.share(queries.facets())
    assert after.all == before.all + 2, "not what customs decides"
    assert after.information == before.information + 1, "what waits for an answer"
    settle()
    assert queries.share_on(MONDAY.date()) == after


@there
def test_what_an_earlier_version_published_is_counted_the_same() -> None:
    def stands() -> tuple[Any, ...]:
        versions = ProcedureVersion.objects.order_by("pk").values_list("notice", "facets", "procedure__facets")
        counts = {one.key: one.services for one in queries.facets()}
        return [(notice, sorted(own), sorted(now)) for notice, own, now in versions], counts

    read(ROWS["1.000426"], ROWS["1.000020"], ROWS["1.001193"])
    before = stands()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procedures_procedureversion SET notice = notice - 'others',"
            " facets = ARRAY(SELECT one FROM unnest(facets) one WHERE one NOT LIKE 'offered:%');"
            " DELETE FROM procedures_facet WHERE key LIKE 'offered:%'"
        )
        cursor.execute(import_module("tinhso.systems.procedures.migrations.0005_offered_by_the_province").COUNTED)
    assert stands() == before


@there
def test_an_answer_counts_only_as_long_as_the_row_says_the_same() -> None:
    read(ROWS["1.001193"])
    confirm_all("1.001193")
    changed = (
        json.loads(ROWS["1.001193"])["cach_thuc_thuc_hien"].replace("tuyến1", "tuyến2").replace("chính1", "chính2")
    )
    read(a_row("1.001193", cach_thuc_thuc_hien=changed.replace("tiếp1", "tiếp2")))
    assert queries.variant_in_force("1.001193") is None
    assert Flag.objects.filter(row_id="1.001193", blocks=True, answered_at=None).count() == 3


@there
def test_what_an_official_withdrew_does_not_come_back() -> None:
    read(ROWS["1.000426"])
    actions.withdraw_procedure("1.000426", reason="Chuyển về trung ương", by=BY, at=MONDAY)
    read(a_row("1.000426", ten_thu_tuc="Tên mới"))
    assert queries.version_in_force("1.000426") is None


@there
def test_limits_that_differ_are_cases_of_their_own() -> None:
    read(ROWS["1.013993"])
    found = {(v.amount, tuple(v.channels)) for v in Variant.objects.filter(version__procedure__code="1.013993")}
    assert found == {(22, ("online",)), (12, ("counter", "post"))}


@there
def test_counts_by_which_one_browses_follow_publishing_and_withdrawing() -> None:
    def counted() -> dict[str, int]:
        facets = ProcedureVersion.objects.filter(withdrawn_at=None).values_list("facets", flat=True)
        return dict(Counter(key for keys in facets for key in keys))

    read(ROWS["1.000426"], ROWS["1.000020"], ROWS["1.001193"])
    confirm_all("1.001193")
    actions.withdraw_procedure("1.000020", reason="Không còn áp dụng", by=BY, at=MONDAY)
    assert {one.key: one.services for one in queries.facets()} == counted()


@there
def test_a_row_that_cannot_be_published_is_bad_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from tinhso.systems.procedures import generate

    good = generate.propose

    def faulty(*args: Any, **kwargs: Any) -> Any:
        proposal = copy.deepcopy(good(*args, **kwargs))
        proposal.data["variants"][0]["fee"] = {"kind": "gift"}
        return proposal

    monkeypatch.setattr(actions.importing, "propose", faulty)
    before = everything()
    outcome = read(ROWS["1.000426"])
    assert outcome.bad[0][0] == 1
    assert everything()[:5] == before[:5]


@there
def test_a_few_procedures_chosen_by_chance_go_from_application_to_verified_result(tmp_path: Path) -> None:
    needs("pdftotext", "poppler-utils")
    chosen = random.Random(SEED).sample(sorted(ROWS), 12)
    read(*(ROWS[code] for code in chosen))
    staff_the_province()
    road = Road()
    codes = of_the_province()[:3]
    assert len(codes) == 3
    for code in codes:
        confirm_all(code)
        variant = Variant.objects.filter(version__procedure__code=code, version__withdrawn_at=None).order_by("order")[0]
        dossier, pdf = road.finish(variant)
        verdict = verification.of_pdf(pdf, at=MONDAY + timedelta(days=1))
        said = words_of(pdf, tmp_path)
        assert verdict.genuine
        assert verdict.report.number == dossier.result.notation
        assert joined(dossier.applicant_name) in said
        assert joined(variant.version.procedure.name) in said


@there
def test_the_figure_of_services_follows_the_ledger_and_equals_a_recount() -> None:
    read(ROWS["1.000426"], ROWS["1.000020"])
    actions.withdraw_procedure("1.000020", reason="Không còn áp dụng", by=BY, at=MONDAY)
    settle()
    assert differences("procedures.services") == []
    day = MONDAY.date()
    whole = figure("procedures.services", since=day, until=day, by="online")
    assert {row.of: row.sum for row in whole.rows if row.sum} == {
        one.value: one.services for one in queries.facets() if one.key.startswith("offered:")
    }
