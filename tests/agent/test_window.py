"""The window that asks for the PIN, on a screen of its own; and what is said where there is none."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.house.browser import needs
from tinhso.agent import asking, main
from tinhso.agent.asking import CannotAsk, Question, way

QUESTION = Question("https://tinh.example", "Trần Thị Mỹ Hương", "lanh-dao", ("H15.50-KQ1",), wrong=True, left=2)
STARTING = ["--origin", "https://tinh.example", "--driver", "x.so", "--port", "0", "--language", "en"]


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A screen nobody sees."""
    if importlib.util.find_spec("tkinter") is None:
        pytest.skip("this Python has no tkinter: apt install python3-tk")
    needs("xdotool", "xdotool")
    read, write = os.pipe()
    server = subprocess.Popen(
        [needs("Xvfb", "xvfb"), "-displayfd", str(write), "-screen", "0", "800x600x24", "-nolisten", "tcp"],
        pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    with os.fdopen(read) as number:
        monkeypatch.setenv("DISPLAY", f":{number.readline().strip()}")
    yield
    server.terminate()
    server.wait()


def in_the_window(*keys: str) -> str:
    """Wait for the window, press keys in it; returns its title."""
    for _try in range(400):
        found = subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--name", "nh S"], capture_output=True, text=True, check=False
        )
        if found.stdout.strip():
            break
        time.sleep(0.05)
    window = found.stdout.split()[-1]
    subprocess.run(["xdotool", "windowfocus", "--sync", window], check=True)
    for key in keys:
        subprocess.run(["xdotool", *(("key", key) if key in ("Return", "Escape") else ("type", key))], check=True)
    return window


def test_the_pin_typed_into_the_window_is_given_and_escape_gives_none(screen: None) -> None:
    ask = way("window")
    with ThreadPoolExecutor(1) as official:
        answer = official.submit(ask, QUESTION)
        in_the_window("24680", "Return")
        assert answer.result(timeout=20) == "24680"
        answer = official.submit(ask, QUESTION)
        in_the_window("24680", "Escape")
        assert answer.result(timeout=20) is None


def test_with_a_screen_a_window_is_chosen(screen: None) -> None:
    assert way("") is asking.window


def test_without_a_screen_it_says_so_and_asks_at_the_terminal_or_does_not_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DISPLAY", ":4711")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    assert way("") is asking.terminal
    assert "PIN" in capsys.readouterr().out
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    for ask in ("", "window"):
        assert main.main([*STARTING, "--ask", ask]) == 2
        assert "--ask terminal" in capsys.readouterr().err


def test_a_python_without_tkinter_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(CannotAsk, match="tkinter"):
        way("window")


def test_a_pinentry_program_that_is_not_there_is_named_at_the_start(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main([*STARTING, "--ask", "/no/pinentry"]) == 2
    assert "/no/pinentry" in capsys.readouterr().err
