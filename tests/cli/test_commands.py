"""What an operator types, and what they are told."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone
from tests.house.databases import Database
from tests.house.places import ROOT

from tinhso.cli import main, safety
from tinhso.config.config import Config, load
from tinhso.core.agencies.actions import create_agency
from tinhso.core.ledger import loop, seals
from tinhso.core.ledger.actions import Actor
from tinhso.core.ledger.models import Entry

BY = Actor.system("test")

SAFE = {
    "TINHSO_MODE": "production",
    "DATABASE_URL": "postgresql://app@db/tinhso",
    "DATABASE_OWNER_URL": "postgresql://owner@db/tinhso",
    "PUBLIC_URL": "https://tinh.example",
    "ALLOWED_HOSTS": "tinh.example",
    "EMAIL_URL": "smtp://mail.example:25",
    "EMAIL_FROM": "motcua@tinh.example",
    "METRICS_TOKEN": "x" * 32,
}


@pytest.fixture
def safe(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    for name, value in SAFE.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "data").mkdir(mode=0o700)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    return monkeypatch


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tinhso.cli", *arguments], capture_output=True, text=True, check=False, cwd="/",
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), **environment},
    )  # fmt: skip


def test_a_safe_production_install_has_nothing_to_name(safe: pytest.MonkeyPatch) -> None:
    assert safety.unsafe_settings(load()) == []


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("DEBUG", "1", "DEBUG"),
        ("DATABASE_URL", "", "DATABASE_URL"),
        ("DATABASE_OWNER_URL", "", "DATABASE_OWNER_URL"),
        ("DATABASE_OWNER_URL", SAFE["DATABASE_URL"], "DATABASE_OWNER_URL"),
        ("PUBLIC_URL", "http://tinh.example", "PUBLIC_URL"),
        ("ALLOWED_HOSTS", "", "ALLOWED_HOSTS"),
        ("ALLOWED_HOSTS", "tinh.example,*", "ALLOWED_HOSTS"),
        ("EMAIL_URL", "", "EMAIL_URL"),
        ("EMAIL_FROM", "x@example.invalid", "EMAIL_FROM"),
        ("SECRET_KEY", "short", "SECRET_KEY"),
        ("METRICS_TOKEN", "", "METRICS_TOKEN"),
    ],
)
def test_production_refuses_an_unsafe_setting_and_names_it(
    safe: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str, named: str
) -> None:
    safe.setenv(name, value)
    for command in ("web", "live", "worker", "migrate", "up"):
        assert main([command]) == 2
        (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("  - ")]
        assert line.startswith(f"  - {named}")
    assert main(["check"]) == 1
    assert f"unsafe: {named}" in capsys.readouterr().out


def test_production_refuses_root_and_a_data_folder_open_to_all(safe: pytest.MonkeyPatch) -> None:
    safe.setattr(os, "geteuid", lambda: 0)
    load().data_dir.chmod(0o755)
    named = safety.unsafe_settings(load())
    assert [line.split(" ")[0] for line in named] == ["The", "DATA_DIR"]
    assert "root" in named[0]


def test_a_setting_that_cannot_be_read_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", "eight thousand")
    assert main(["check"]) == 2
    assert "PORT: " in capsys.readouterr().err


def test_settings_also_come_from_the_file_in_the_data_folder_and_the_environment_wins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "tinhso.env").write_text("PROVINCE=40\nPORT=9000\nALLOWED_HOSTS=a.example, b.example\n")
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PORT", "9100")
    config = load()
    assert (config.province, config.port, config.data_dir) == ("40", 9100, tmp_path)
    assert config.allowed_hosts == ["a.example", "b.example"]


def test_every_setting_is_documented() -> None:
    for name, field in Config.model_fields.items():
        assert field.description, name
        assert field.alias == field.alias.upper() if field.alias else False, name


def test_the_guide_to_configuration_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["configuration"]) == 0
    assert capsys.readouterr().out == (ROOT / "docs/guide/configuration.md").read_text()


def test_the_data_folder_is_that_of_the_checkout_wherever_one_stands(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("DATA_DIR")
    monkeypatch.chdir(tmp_path)
    assert load().data_dir == ROOT / "var"


@pytest.mark.parametrize("arguments", [["--help"], ["up", "--help"], ["ledger", "verify", "--help"], ["--version"]])
def test_help_says_what_a_command_does(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 0
    assert capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["dance"], ["ledger"]])
def test_a_command_that_is_none_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_reset_leaves_a_folder_alone_that_is_no_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.odt").write_text("years of work")
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", "")
    assert main(["reset"]) == 0
    assert (tmp_path / "thesis.odt").exists()
    assert "nothing to forget" in capsys.readouterr().out


def environment_of(db: Database, tmp_path: Path) -> dict[str, str]:
    owner = db.url("tinhso_owner")
    return {"DATABASE_URL": db.url(), "DATABASE_OWNER_URL": owner, "DATA_DIR": str(tmp_path / "data")}


@pytest.fixture
def check(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """`tinhso check` in this process; returns what it said of a database that is not in order."""

    def said(**environment: str) -> str:
        for name, value in {**environment_of(db, tmp_path), **environment}.items():
            monkeypatch.setenv(name, value)
        assert main(["check"]) == 1
        return capsys.readouterr().out

    return said


def test_check_finds_a_migrated_database_in_order(db: Database, tmp_path: Path) -> None:
    result = run("check", **environment_of(db, tmp_path))
    # The tests' server runs without fsync, which is no way to keep a province's records.
    assert "fsync is off" in result.stdout
    assert result.stdout.count("database: ") == 1
    assert result.returncode == 1


def test_check_names_rights_on_the_ledger_that_the_application_must_not_have(
    db: Database, tmp_path: Path, check: Callable[..., str]
) -> None:
    with db.connect() as superuser:
        superuser.execute("GRANT UPDATE ON ledger_entry TO tinhso_app")
    assert "can alter ledger_entry" in check()
    assert run("migrate", **environment_of(db, tmp_path)).returncode == 0
    assert "can alter" not in check()


def test_check_names_migrations_that_are_not_applied(db: Database, check: Callable[..., str]) -> None:
    with db.connect() as superuser:
        superuser.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
    assert "1 migrations are not applied, the first is sessions.0001_initial" in check()


def test_check_says_when_connections_will_not_suffice(check: Callable[..., str]) -> None:
    said = check(WEB_WORKERS="20", WEB_THREADS="20")
    assert "max_connections is 200; WEB_WORKERS × WEB_THREADS and the worker need 416." in said


def test_check_says_that_the_database_cannot_be_reached(tmp_path: Path) -> None:
    nowhere = f"postgresql://app@/tinhso?host={tmp_path}"
    result = run("check", DATABASE_URL=nowhere, DATA_DIR=str(tmp_path / "data"))
    assert result.returncode == 1
    assert "database: It cannot be reached: " in result.stdout


def test_ledger_verify_ends_with_1_and_names_each_finding(db: Database, tmp_path: Path) -> None:
    environment = environment_of(db, tmp_path)
    create_agency("H15", name="Đắk Lắk", short_name="Đắk Lắk", kind="province", by=BY, at=timezone.now())
    loop.seal_now()
    clean = run("ledger", "verify", "--against", str(seals.roots_file()), **environment)
    assert (clean.returncode, clean.stdout.splitlines()[-1]) == (0, "The ledger is whole.")
    entry = Entry.objects.get()
    with db.connect() as attacker:
        attacker.execute("SET session_replication_role = replica")
        attacker.execute("UPDATE ledger_entry SET payload = replace(payload, 'H15', 'H16')")
    caught = run("ledger", "verify", **environment)
    assert caught.returncode == 1
    assert str(entry.pk) in caught.stdout
    assert caught.stdout.splitlines()[-1].endswith(" findings.")


def test_demo_data_are_refused_in_production(safe: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo"]) == 2
    assert "not for production" in capsys.readouterr().err


def test_an_address_in_use_is_named_before_any_long_work(
    monkeypatch: pytest.MonkeyPatch, db: Database, tmp_path: Path
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run("up", **environment_of(db, tmp_path), HOST="127.0.0.1", PORT=str(port))
    assert result.returncode == 2
    assert f"127.0.0.1:{port} cannot be served: Address already in use" in result.stderr


def test_the_version_is_the_one_the_changelog_says_is_being_made(capsys: pytest.CaptureFixture[str]) -> None:
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    with pytest.raises(SystemExit):
        main(["--version"])
    assert newest
    assert capsys.readouterr().out == f"tinhso {newest[1]}\n"
