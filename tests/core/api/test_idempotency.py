from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from tinhso.core.api.idempotency import Answer, idempotent, sweep
from tinhso.core.api.models import IdempotencyKey
from tinhso.core.ledger.actions import Refused
from tinhso.core.numbering.actions import next_code
from tinhso.core.numbering.models import Counter

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
BODY, OTHER = b"\x01" * 32, b"\x02" * 32


def take_code() -> tuple[int, Any]:
    return 201, {"code": next_code("H15", at=AT)}


def send(key: str = "k", digest: bytes = BODY, owner: str = "account:a", work: Any = take_code) -> Answer:
    return idempotent(owner, key, digest, work, at=AT)


def test_sent_again_it_is_answered_again_and_not_done_again(db):
    first, second = send(), send()
    assert (first.status, first.body, first.repeated) == (201, {"code": 1}, False)
    assert (second.status, second.body, second.repeated) == (201, {"code": 1}, True)
    assert Counter.objects.get().value == 1


def test_the_same_key_for_something_else_is_refused_and_changes_nothing(db):
    send()
    with pytest.raises(Refused) as refusal:
        send(digest=OTHER)
    assert (refusal.value.code, refusal.value.status) == ("idempotency_key_reused", 409)
    assert Counter.objects.get().value == 1


def test_keys_of_different_senders_do_not_meet(db):
    assert send(owner="account:a").body != send(owner="client:b").body


def test_16_at_once_are_done_once_and_all_get_the_one_answer(db):
    together = Barrier(16)

    def one(_: int) -> Answer:
        try:
            connection.ensure_connection()
            together.wait(30)
            return send()
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(one, range(16)))
    assert {(a.status, a.body["code"]) for a in answers} == {(201, 1)}
    assert [a.repeated for a in answers].count(False) == 1
    assert Counter.objects.get().value == 1


def test_what_failed_leaves_no_key_and_can_be_sent_again(db):
    def refuse() -> tuple[int, Any]:
        next_code("H15", at=AT)
        raise Refused("closed", "closed")

    with pytest.raises(Refused, match="closed"):
        send(work=refuse)
    assert not IdempotencyKey.objects.exists()
    assert send().body == {"code": 1}


def test_a_repeated_request_that_cannot_be_done_again_still_gets_its_answer(db):
    done = False

    def only_once() -> tuple[int, Any]:
        nonlocal done
        if done:
            raise Refused("draft_gone", "gone")
        done = True
        return 200, {"ok": True}

    assert send(work=only_once).repeated is False
    again = send(work=only_once)
    assert (again.body, again.repeated) == ({"ok": True}, True)


def test_a_first_request_costs_one_statement_more(db):
    statements: list[str] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append(sql)
        return execute(sql, params, many, context)

    connection.ensure_connection()
    with connection.execute_wrapper(watch):
        send()
    assert len(statements) == 2, statements


@pytest.mark.parametrize("key", ["", "x" * 129])
def test_a_missing_or_endless_key_is_refused(db, key):
    with pytest.raises(Refused) as refusal:
        send(key=key)
    assert refusal.value.status == 400


def test_old_keys_are_forgotten(db):
    send()
    assert sweep(before=AT) == 0
    assert sweep(before=AT.replace(day=23)) == 1
    assert send().repeated is False
