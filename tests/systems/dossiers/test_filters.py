"""An official keeps what they look for in the queue, shares it, begins with it, and needs no script for it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.systems.dossiers.builders import a_dossier, by, staff
from tests.systems.dossiers.test_corrections import at
from tinhso.core.agencies.models import Role
from tinhso.core.process.actions import claim
from tinhso.core.process.queries import open_tasks
from tinhso.systems.dossiers.filters.look import Look
from tinhso.systems.dossiers.models import Filter

pytestmark = pytest.mark.usefixtures("province")

DESK, PAGE = "/ban-lam-viec/", "/ban-lam-viec/bo-loc/"


def shown(browser: Client, address: str) -> str:
    return browser.get(address, follow=True).content.decode()


def test_a_filter_shows_what_fits_and_is_kept_shared_and_begun_with() -> None:
    now = timezone.now()
    late = a_dossier(now - timedelta(days=14)).submitted()
    fresh = a_dossier(now - timedelta(minutes=5)).submitted()
    (task,) = open_tasks(fresh.row)
    claim(task, account=staff(Role.RECEPTIONIST).account, by=by(Role.RECEPTIONIST), at=now)
    counter = at("motcua")
    for query, seen in (("han=late", late), ("cua_toi=1", fresh), (f"q={fresh.row.code}", fresh)):
        page = shown(counter, f"{DESK}?{query}")
        other = fresh if seen is late else late
        assert seen.row.code in page, query
        assert other.row.code not in page, query
        assert "Hiện tất cả" in page, query
    assert late.row.code in shown(counter, f"{DESK}?buoc=receive")
    assert late.row.code not in shown(counter, f"{DESK}?buoc=sign")
    assert fresh.row.code in shown(counter, f"{DESK}?han=bao-gio&buoc=khong-co"), "what nobody offers is passed over"
    assert f"/ban-lam-viec/ho-so/{late.pk}/?han=late" in shown(counter, f"{DESK}?han=late"), "it stays on the way"

    empty = counter.post(PAGE, {"name": "Gì đó"})
    assert empty.status_code == 422
    assert "Gì đó" in empty.content.decode(), "nothing typed is lost"
    used = counter.post(PAGE, {"verb": "use", "han": "late", "buoc": "receive"})
    assert used["Location"] == f"{DESK}?buoc=receive&han=late"
    counter.post(PAGE, {"name": "Trễ hạn", "han": "late", "shared": "1"})
    mine = Filter.objects.get()
    assert (mine.name, mine.look, mine.shared) == ("Trễ hạn", Look(due="late").query, True)
    counter.post(PAGE, {"name": "Trễ hạn", "han": "late", "cua_toi": "1"})
    assert Filter.objects.get().look == "han=late&cua_toi=1", "one of that name is replaced"
    counter.post(PAGE, {"name": "Trễ hạn", "han": "late", "shared": "1"})

    head = at("truongphong")
    assert "Trễ hạn" in shown(head, PAGE)
    assert head.post(f"{PAGE}{mine.pk}/bo/").status_code == 403, "only who made it forgets it"
    assert "Trễ hạn" not in shown(at("motcua2"), PAGE)
    assert at("motcua2").post(f"{PAGE}{mine.pk}/mac-dinh/", {"on": "1"}).status_code == 404
    counter.post(f"{PAGE}{mine.pk}/mac-dinh/", {"on": "1"})
    assert counter.get(DESK)["Location"] == f"{DESK}?han=late"
    assert fresh.row.code in shown(counter, f"{DESK}?tat_ca=1")
    assert head.get(DESK).status_code == 200, "everybody chooses for themselves"
    counter.post(f"{PAGE}{mine.pk}/mac-dinh/")
    assert counter.get(DESK).status_code == 200
    counter.post(f"{PAGE}{mine.pk}/bo/")
    assert not Filter.objects.exists()
