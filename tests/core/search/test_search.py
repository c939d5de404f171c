from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tinhso.core.agencies.models import Agency, Staff
from tinhso.core.ledger.actions import new_id
from tinhso.core.search.index import KINDS, Document, Kind, index, remove, searchable
from tinhso.core.search.models import SearchDocument
from tinhso.core.search.queries import search

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


@pytest.fixture
def kind(db: Any) -> Any:
    yield searchable("test.dossier", label="Dossiers", url=lambda subject: f"/dossiers/{subject}")
    del KINDS["test.dossier"]


def an_agency(parent: Agency | None = None) -> Agency:
    agency = Agency(
        code=f"H15.{Agency.objects.count()}", name="A", short_name="A", kind="commune", parent=parent, valid_from=AT
    )
    agency.path = [*(parent.path if parent else []), agency.pk]
    agency.save()
    return agency


def put(kind: Kind, title: str, *, words: str = "", later: int = 0, **who: Any) -> UUID:
    subject = new_id()
    index([Document(kind, subject, title, AT + timedelta(seconds=later), words, **who)])
    return subject


def titles(query: str, **who: Any) -> list[str]:
    return [hit.title for hit in search(query, **who).hits]


@pytest.mark.parametrize(
    "query",
    ["12/QĐ-UBND", "12/qd-ubnd", "12qdubnd", "QĐ-UBND", "qd ubnd 12", "12/QĐ", "đường sá", "duong sa", "SUA DUO", "sử"],
)
def test_a_document_is_found_however_people_type_it(kind, query):
    put(kind, "Quyết định 12/QĐ-UBND về sửa đường sá", words="lịch sử", public=True)
    assert titles(query) == ["Quyết định 12/QĐ-UBND về sửa đường sá"]


@pytest.mark.parametrize("query", ["13/QĐ-UBND", "dinh quyet moi", "12/QĐ-HĐND", "ubn qd", "", "  ", "!!", "' | 'a"])
def test_what_lacks_one_of_the_words_is_not_found(kind, query):
    put(kind, "Quyết định 12/QĐ-UBND", public=True)
    assert titles(query) == []


def test_staff_find_what_their_agency_may_and_nobody_else_does(kind):
    province = an_agency()
    commune, sibling = an_agency(province), an_agency(province)
    put(kind, "Khai sinh", agencies=[commune.pk])

    def staff(agency: Agency, role: str) -> Staff:
        return Staff(agency=agency, roles=[role])

    assert titles("khai sinh", staff=staff(commune, "officer")) == ["Khai sinh"]
    assert titles("khai sinh", staff=staff(province, "leader")) == ["Khai sinh"]
    assert titles("khai sinh", staff=staff(province, "officer")) == []
    assert titles("khai sinh", staff=staff(sibling, "leader")) == []
    assert titles("khai sinh") == []


def test_owners_find_their_own_and_not_others(kind):
    mine, other = new_id(), new_id()
    put(kind, "Kết hôn", owners=[mine])
    assert titles("ket hon", owner=mine) == ["Kết hôn"]
    assert titles("ket hon", owner=other) == []


def test_indexing_again_replaces_and_removing_forgets(kind):
    subject = put(kind, "Kết hôn", public=True)
    index([Document(kind, subject, "Ly hôn", AT, public=True)])
    assert titles("ket hon") == []
    assert titles("ly hon") == ["Ly hôn"]
    remove(kind, [subject])
    assert not SearchDocument.objects.exists()


def test_results_come_newest_first_and_page_by_page_without_loss(kind):
    for number in range(7):
        put(kind, f"Đơn {number}", later=number // 2, public=True)
    seen, after = [], None
    while True:
        found = search("don", limit=3, after=after)
        seen += [hit.title for hit in found.hits]
        if (after := found.after) is None:
            break
    assert sorted(seen) == sorted({f"Đơn {n}" for n in range(7)})
    assert seen[0] == "Đơn 6"
    assert seen[-1] in {"Đơn 0", "Đơn 1"}


def test_other_kinds_can_be_left_out(kind):
    put(kind, "Đơn", public=True)
    other = searchable("test.other", label="Others", url=str)
    try:
        assert titles("don", kinds=[other]) == []
        assert titles("don", kinds=[other, kind]) == ["Đơn"]
    finally:
        del KINDS["test.other"]


def test_the_index_on_words_serves_the_query(kind):
    from django.db import connection

    put(kind, "Đơn", public=True)
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        cursor.execute("SET enable_indexscan = off")
        plan = SearchDocument.objects.annotate(v=_vector()).filter(v=_query("don")).explain()
    assert "search_words" in plan


def _vector() -> Any:
    from tinhso.core.search.models import VECTOR

    return VECTOR


def _query(words: str) -> Any:
    from django.contrib.postgres.search import SearchQuery

    return SearchQuery(words, config="simple", search_type="raw")
