"""Administrators of the province bring in a file in three steps; an operator does so by a command."""

from __future__ import annotations

import json
from argparse import Namespace
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.house.databases import Database
from tinhso.cli import dossiers as command
from tinhso.core.accounts.demo import PASSWORD
from tinhso.core.agencies import demo as agencies
from tinhso.core.agencies.models import Role, Staff
from tinhso.systems.dossiers.models import Dossier, Takeover
from tinhso.systems.dossiers.takeover import jobs

from .test_takeover import one

PAGE = "/ban-lam-viec/chuyen-giao/"


def administrator(agency: Any) -> Client:
    account = Staff.objects.filter(agency=agency, roles__contains=[Role.ADMINISTRATOR]).first().account
    browser = Client()
    assert browser.post("/dang-nhap/", {"login": account.username, "password": PASSWORD}).status_code == 302
    return browser


def early(**changed: Any) -> dict[str, Any]:
    """A dossier whose times lie in the past of a test that runs on any day."""
    times = {"submitted_at": "02/06/2025 08:10", "accepted_at": "02/06/2025 08:30", "due_at": "05/06/2025 17:00"}
    return one(**{"code": "", "history": [], "pauses": [], **times, **changed})


def chosen(browser: Client, *many: dict[str, Any]) -> Takeover:
    file = SimpleUploadedFile("cu.json", json.dumps(many).encode(), "application/json")
    answer = browser.post(PAGE, {"file": file})
    assert answer.status_code == 302, answer.content.decode()
    return Takeover.objects.get(pk=answer["Location"].rstrip("/").rpartition("/")[2])


def test_a_file_is_looked_through_confirmed_and_taken_over(province: Database) -> None:
    root, commune, _sibling = agencies.home()
    browser = administrator(root)
    run = chosen(browser, early(), early(old_id="2", step="sign"))
    page = browser.get(f"{PAGE}{run.pk}/").content.decode()
    assert "Hồ sơ có thể đi tiếp từ một trong các bước" in page
    assert "Nguyễn Thị Lụa" not in page
    assert Dossier.objects.count() == 0

    for _double_click in range(2):
        assert browser.post(f"{PAGE}{run.pk}/nhan/").status_code == 302
    jobs.take_over_file(run=str(run.pk))
    jobs.take_over_file(run=str(run.pk))  # as after a worker that was killed
    run.refresh_from_db()
    assert (run.taken, run.known, run.rows, [fault[:2] for fault in run.faults]) == (1, 0, [], [[2, "step"]])
    assert "Đã nhận 1 hồ sơ" in browser.get(f"{PAGE}{run.pk}/").content.decode()
    assert Dossier.objects.get().receiving_agency == commune

    other = chosen(browser, early(old_id="3"))
    assert browser.post(f"{PAGE}{other.pk}/bo/").status_code == 302
    assert not Takeover.objects.filter(pk=other.pk).exists()
    answer = browser.post(PAGE, {"file": SimpleUploadedFile("x.csv", b"a;b\n1;2\n")})
    assert (answer.status_code, "Tệp có cột không rõ là gì: a, b" in answer.content.decode()) == (422, True)


def test_the_command_previews_and_takes_over_and_says_by_its_code_whether_all_came(
    province: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "install", contextmanager(lambda: (yield settings.TINHSO)))
    monkeypatch.setattr(command, "start_django", lambda config: nullcontext())
    file = tmp_path / "cu.json"
    file.write_text(json.dumps([early(), early(old_id="2", fee_owed="")]))
    assert command.take_over(Namespace(file=file, preview=True)) == 2
    assert Dossier.objects.count() == 0
    assert command.take_over(Namespace(file=file, preview=False)) == 2
    assert "row 2, fee_owed: Say in whole dong" in capsys.readouterr().out
    file.write_text(json.dumps([early(), early(old_id="2")]))
    assert command.take_over(Namespace(file=file, preview=False)) == 0
    assert Dossier.objects.count() == 2
