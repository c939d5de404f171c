"""The catalogue at the size of a whole country: 10,000 procedures made from the real ones."""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .harness import Figure, Install, cpu_seconds, province

NATIONAL = Path(__file__).resolve().parents[2] / "shared/data/national_procedures_400.jsonl"
MANY = 10_000
TIMES = 40
STEP = 40  # rows a transaction: none may last five seconds
SEARCHES = (
    "khai sinh",
    "KHAI SINH",
    "khai sịnh",
    "dang ky ket hon",
    "1.001193",
    "thu tuc",
    "giay phep xay dung",
    "đất",
)
# Where no procedure has all the words: what people write, what is too long, what means nothing.
SENTENCES = (
    "làm giấy khai sinh cho con",
    "tôi muốn đăng ký kết hôn ở xã thì phải làm gì",
    "con tôi mới sinh được hai tuần giờ làm giấy khai sinh thì cần những giấy tờ gì",
    "sang tên sổ đỏ cho con trai khi bố mẹ còn sống",
    "mất giấy tờ xe máy thì làm lại ở đâu",
    "xin hỗ trợ tiền điện cho hộ nghèo và gia đình chính sách năm nay",
    "thủ tục đăng ký cấp giấy phép hoạt động về giấy",
    (
        "gia đình tôi là hộ nghèo ở xã miền núi muốn xin cấp giấy chứng nhận quyền sử dụng đất nông nghiệp cho thửa"
        " đất mà ông bà để lại từ trước năm một nghìn chín trăm"
    ),
    "kính gửi ủy ban nhân dân xã tôi tên là nguyễn văn an xin trình bày hoàn cảnh gia đình như sau " * 11,
    "đăng ký cấp giấy phép chứng nhận thủ tục hồ sơ thay đổi bổ sung gia hạn điều chỉnh công nhận hỗ trợ thẩm định "
    * 9,
    "qwrt zxcv plkj",
    "a b c d e g h i k l m n o p q",
    "1 2 3 4 5 6 7 8 9 10 11 12",
)
LIMIT = "stated: p95 50 ms server time"


def figures(install: Install) -> Iterator[Figure]:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    province()
    _fill()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    web = Client(headers={"host": "localhost", "accept-language": "vi"})
    pages: list[tuple[str, str, dict[str, Any]]] = [
        (f"search {words!r}", "/thu-tuc/", {"q": words}) for words in SEARCHES + SENTENCES
    ]
    pages += [
        ("the whole catalogue", "/thu-tuc/", {}),
        ("a field", "/thu-tuc/", {"theo": "field:ho-tich"}),
        ("a life event and a level", "/thu-tuc/", {"theo": ["event:home", "level:province"]}),
        ("far into the list", "/thu-tuc/", {"sau": "1.009000"}),
    ]
    every: list[float] = []
    sentences: list[float] = []
    parts = [os.getpid(), install.server]
    for name, path, parameters in pages:
        web.get(path, parameters)
        took, cpu = [], cpu_seconds(*parts)
        for _ in range(TIMES):
            start = time.perf_counter()
            assert web.get(path, parameters).status_code == 200
            took.append((time.perf_counter() - start) * 1000)
        each = (cpu_seconds(*parts) - cpu) / TIMES * 1000
        with CaptureQueriesContext(connection) as asked:
            web.get(path, parameters)
        (sentences if parameters.get("q") in SENTENCES else every).extend(took)
        what = f"{name}, p95 ({len(asked)} queries)"
        yield Figure(
            what if len(what) < 60 else f"{what[:38]}…{what[-19:]}",
            statistics.quantiles(took, n=20)[-1],
            "ms",
            50,
            LIMIT,
            each,
        )
    for what, times in (("words and lists", every), ("sentences", sentences)):
        yield Figure(f"{what}, p50", statistics.median(times), "ms", 50, LIMIT)
        yield Figure(f"{what}, p95", statistics.quantiles(times, n=20)[-1], "ms", 50, LIMIT)


def _fill() -> None:
    """The real rows through the import, then copies of what was published, set-based: other codes, the same words."""
    from django.utils import timezone

    from tinhso.core.ledger.actions import Actor, new_id
    from tinhso.systems.procedures import actions
    from tinhso.systems.procedures.models import Facet, Procedure, ProcedureVersion, Variant

    lines = NATIONAL.read_bytes().splitlines()
    actions.import_rows(
        enumerate(lines, 1), file=NATIONAL.name, sha256="0" * 64, by=Actor.system("bench"), at=timezone.now()
    )
    known = {json.loads(line)["ma_thu_tuc"] for line in lines}
    real = list(Procedure.objects.exclude(facets=[]))
    versions = {v.procedure_id: v for v in ProcedureVersion.objects.filter(withdrawn_at=None)}
    variants: dict[object, list[Variant]] = {}
    for one in Variant.objects.filter(version__withdrawn_at=None):
        variants.setdefault(one.version_id, []).append(one)
    made: tuple[list[Procedure], list[ProcedureVersion], list[Variant]] = ([], [], [])
    number = 0
    while len(real) + len(made[0]) < MANY:
        source = real[number % len(real)]
        number += 1
        code = f"{1 + number % 3}.{20_000 + number:06}"
        if code in known:
            continue
        version = versions[source.pk]
        copy = Procedure(
            code=code, name=f"{source.name} {number}", field_id=source.field_id, level=source.level, words=source.words
        )
        copy.search = source.search.replace(source.code.replace(".", ""), code.replace(".", ""), 1)
        copy.facets = version.facets
        fields = {f.attname: getattr(version, f.attname) for f in ProcedureVersion._meta.concrete_fields}
        again = ProcedureVersion(**{**fields, "id": new_id(), "procedure_id": copy.pk})
        made[0].append(copy)
        made[1].append(again)
        for one in variants.get(version.pk, ()):
            fields = {f.attname: getattr(one, f.attname) for f in Variant._meta.concrete_fields}
            made[2].append(Variant(**{**fields, "id": new_id(), "version_id": again.pk}))
    by_model: Any = zip((Procedure, ProcedureVersion, Variant), made, strict=True)
    for model, rows in by_model:
        for start in range(0, len(rows), STEP):
            model.objects.bulk_create(rows[start : start + STEP])
    counts: dict[str, int] = {}
    for facets in ProcedureVersion.objects.filter(withdrawn_at=None).values_list("facets", flat=True):
        for key in facets:
            counts[key] = counts.get(key, 0) + 1
    for facet in Facet.objects.all():
        Facet.objects.filter(pk=facet.pk).update(services=counts.get(facet.key, 0))
