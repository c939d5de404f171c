"""Where roads end, as people walk them: stopped, and refused. Each letter is read by programs that are not ours. Long,
so in `make soak`; the town is that of all journeys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.house.site import Site
from tests.journeys.people import Someone, applies, at_work, reads
from tests.journeys.test_roads import fetched, opens

pytestmark = [pytest.mark.browser, pytest.mark.soak]

WHY = "Người nộp không bổ sung giấy tờ đã yêu cầu."


def one_press(town: Site, browser: Any, username: str, dossier: str, *buttons: str) -> Someone:
    """Somebody opens it and presses; they stay."""
    who = at_work(Someone(browser, town, username), dossier)
    for name in buttons:
        who.press(name)
    return who


def with_words(who: Someone, verb: str, field: str, words: str, press: str) -> None:
    opens(who, verb)
    who.page.locator(f"#{field}-reason").fill(words)
    who.look()
    who.press(press)


def test_stopped_and_refused_with_letters_that_others_can_check(town: Site, browser: Any, tmp_path: Path) -> None:
    hoa = Someone(browser, town, "hoa", javascript=False, width=360)
    dossier = applies(hoa)
    one_press(town, browser, "motcua", dossier, "Tiếp nhận").leave()
    one_press(town, browser, "truongphong", dossier, "Phân công").leave()
    officer = at_work(Someone(browser, town, "tuphap"), dossier)
    with_words(officer, "Dừng giải quyết", "stop", WHY, "Dừng với lý do này")
    officer.leave()
    reads(fetched(hoa, dossier, "Giấy tiếp nhận"), tmp_path, "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ")
    reads(fetched(hoa, dossier, "Thông báo dừng"), tmp_path, "THÔNG BÁO DỪNG GIẢI QUYẾT HỒ SƠ", WHY)
    hoa.look()

    refused = applies(hoa)
    counter = at_work(Someone(browser, town, "motcua"), refused)
    with_words(counter, "Từ chối", "refuse", WHY, "Từ chối với lý do này")
    counter.leave()
    reads(fetched(hoa, refused, "Phiếu từ chối"), tmp_path, "PHIẾU TỪ CHỐI TIẾP NHẬN, GIẢI QUYẾT HỒ SƠ", WHY)
    hoa.look()
    hoa.leave()
