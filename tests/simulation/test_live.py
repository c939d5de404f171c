"""Constructed people at the pages and the API of a served install."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.house.databases import Database
from tests.house.site import Site
from tests.simulation.test_year import a_world
from tests.soak.clients import token
from tinhso.core.accounts import demo
from tinhso.core.agencies.demo import home
from tinhso.core.ledger.models import Entry
from tinhso.simulation.live import live
from tinhso.simulation.rooms import rooms
from tinhso.simulation.visitor import Visitor
from tinhso.systems.dossiers.models import Channel, Dossier


def test_a_page_is_seen_as_a_browser_sees_it(site: Site) -> None:
    page = Visitor(site.url).get("/dang-nhap/")
    form = next(form for form in page.forms if "password" in form.fields)
    assert page.status == 200
    assert form.method == "post"
    assert form.fields["csrfmiddlewaretoken"], "what is filled in goes along"
    assert {"login", "password"} <= set(form.empty), "what must be filled in is known"


def test_the_post_hands_in_and_officials_do_what_their_desk_asks(
    province: Database, settings: Any, tmp_path: Path
) -> None:
    for room in rooms():
        room.prepare(a_world())
    (settings.TINHSO.data_dir / demo.TOKEN).write_text(token(home()[1]))
    served = Site(province, tmp_path / "data")
    served.start("web")
    said: list[str] = []
    try:
        served.ready()
        assert live(served.url, 100_000, 3, said.append, most=14) == 14, said
    finally:
        served.stop()
    assert Dossier.objects.filter(channel=Channel.POST).exists(), said
    done = set(Entry.objects.values_list("event", flat=True))
    assert {"dossiers.submitted", "dossiers.accepted"} <= done, said
