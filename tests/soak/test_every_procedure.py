"""Issue 3, must show 1: every procedure that the province decides, from application to verified result."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from tests.house.browser import needs
from tests.systems.dossiers.builders import MONDAY
from tests.systems.procedures.national.test_reading import NATIONAL, there
from tests.systems.procedures.road import Road, confirm_all, joined, of_the_province, staff_the_province, words_of
from tinhso.core.ledger.actions import Actor
from tinhso.systems.dossiers import verification
from tinhso.systems.procedures import actions
from tinhso.systems.procedures.models import Variant

pytestmark = [pytest.mark.usefixtures("province"), pytest.mark.soak]


@there
def test_every_procedure_of_the_province_is_applied_for_and_decided(tmp_path: Path) -> None:
    needs("pdftotext", "poppler-utils")
    lines = NATIONAL.read_bytes().splitlines()
    outcome = actions.import_rows(
        enumerate(lines, 1), file="a.jsonl", sha256="a" * 64, by=Actor.system("test"), at=MONDAY
    )
    assert outcome.counts["rows"] == 398
    assert not outcome.bad
    print(dict(outcome.counts))
    staff_the_province()
    road, done, confirmed, failed = Road(), Counter[str](), 0, list[str]()
    for code in of_the_province():
        confirmed += confirm_all(code)
        variant = (
            Variant.objects.filter(version__procedure__code=code, version__withdrawn_at=None)
            .select_related("version__procedure", "form", "result_form")
            .order_by("order")
            .first()
        )
        if variant is None:
            failed.append(f"{code}: no variant")
            continue
        dossier, pdf = road.finish(variant)
        verdict = verification.of_pdf(pdf, at=MONDAY + timedelta(days=1))
        said = words_of(pdf, tmp_path)
        for wrong, what in (
            (not verdict.genuine, "does not verify"),
            (verdict.report.number != dossier.result.notation or not verdict.report.number, "has another number"),
            (joined(dossier.applicant_name) not in said, "does not name the applicant"),
            (joined(variant.version.procedure.name) not in said, "does not name the procedure"),
        ):
            if wrong:
                failed.append(f"{code}: {what}")
        done[variant.version.procedure.level] += 1
    print(f"{sum(done.values())} procedures {dict(done)}, {confirmed} answers of officials")
    assert not failed, "\n".join(failed)
    assert sum(done.values()) > 200
