"""The form at the counter, which asks again while somebody types."""

from __future__ import annotations

from typing import Any

from django.test import Client

from tests.systems.dossiers.builders import staff
from tinhso.core.agencies.models import Role
from tinhso.core.forms.models import Draft
from tinhso.systems.dossiers.models import Dossier

BEGIN = "/ban-lam-viec/tiep-nhan/2.000815/default/?ho-so=ab12"
TYPED = {
    "requester.full_name": "Trần Văn Minh",
    "requester.national_id": "066085000002",
    "document": "Bằng tốt nghiệp đại học",
    "origin": "vietnam",
    "pages": "3",
}


def test_what_asks_for_more_questions_keeps_nothing_and_cannot_undo_what_is_sent_after_it(province: Any) -> None:
    desk = Client()
    desk.force_login(staff(Role.RECEPTIONIST).account)
    again = desk.post(BEGIN, {**TYPED, "copies": "1", "_refresh": "1"}, headers={"HX-Request": "true"})
    shown = again.content.decode()
    assert again.status_code == 200
    assert 'value="3"' in shown, "what was typed stays on the page"
    assert 'name="legalised"' not in shown, "what does not apply goes"
    assert Draft.objects.get().answers == {}
    desk.post(BEGIN, {**TYPED, "copies": "2"})  # the original was not seen yet: kept, not submitted
    desk.post(BEGIN, {**TYPED, "copies": "1", "_refresh": "1"}, headers={"HX-Request": "true"})  # late on a slow line
    assert Draft.objects.get().answers["copies"] == 2
    assert not Dossier.objects.exists()
