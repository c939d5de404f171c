"""Asking the official for the PIN: in a window, at the terminal, or through a pinentry program.

The page never sees the PIN. It lives here for one request; the window and pinentry are programs of
their own, so that it passes through a pipe and not through the screen's memory.
"""

from __future__ import annotations

import getpass
import importlib.util
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, unquote

from .words import _

SHOWN = 8  # names of documents that are listed before "and N more"
PATIENCE = 180  # seconds that a question stays open
_WINDOW = "tinhso.agent.window"


@dataclass(frozen=True)
class Question:
    """What an official must know before typing the PIN."""

    origin: str
    holder: str
    token: str
    documents: tuple[str, ...]
    wrong: bool = False  # the PIN before was wrong
    left: int = 3  # tries left here
    last: bool = False  # the token locks itself after one more

    @property
    def lines(self) -> list[str]:
        """The question, line by line."""
        said = [_("Wrong PIN. Tries left: %d.") % self.left] if self.wrong else []
        if self.last:
            said.append(_("Careful: after one more wrong PIN the token locks itself."))
        said.append(_("%(origin)s asks to sign %(count)d documents:") % self._facts)
        said += [f"  · {name}" for name in self.documents[:SHOWN]]
        if len(self.documents) > SHOWN:
            said.append(_("  … and %d more") % (len(self.documents) - SHOWN))
        return [*said, _("Certificate: %(holder)s, token %(token)s.") % self._facts]

    @property
    def _facts(self) -> dict[str, object]:
        return {"origin": self.origin, "count": len(self.documents), "holder": self.holder, "token": self.token}


Ask = Callable[[Question], str | None]  # None: the official does not want to


class CannotAsk(Exception):
    """There is no way to ask for a PIN; the message says what to do."""


def way(name: str) -> Ask:
    """How to ask: `terminal`, `window`, or the path of a pinentry program; empty chooses what works here.

    Raises `CannotAsk` now rather than when somebody wants to sign.
    """
    if name == "window" and (fault := _window_fault()):
        raise CannotAsk(fault)
    if not name:
        fault = _window_fault()
        if fault and not sys.stdin.isatty():
            raise CannotAsk(fault)
        if fault:
            print(fault, _("The PIN is asked for here, at the terminal."), flush=True)
        name = "terminal" if fault else "window"
    if name == "terminal":
        return terminal
    if name == "window":
        return window
    if shutil.which(name) is None:
        raise CannotAsk(_("%s is no program that can be run.") % name)
    return lambda question: pinentry(name, question)


def _window_fault() -> str:
    """Why no window can be opened here; empty: one can. It is tried, for a screen may be named and not be there."""
    if importlib.util.find_spec("tkinter") is None:
        return _("This Python has no tkinter (Debian: apt install python3-tk), so no window can ask for the PIN.")
    tried = subprocess.run([sys.executable, "-m", _WINDOW, "try"], capture_output=True, check=False)
    return _("No screen can be reached, so no window can ask for the PIN.") if tried.returncode else ""


def terminal(question: Question) -> str | None:
    """At the terminal the agent was started from."""
    print("\n" + "\n".join(question.lines), flush=True)
    try:
        return getpass.getpass(_("PIN (empty: do not sign): ")) or None
    except EOFError:  # nobody is at the terminal any more
        return None


def window(question: Question) -> str | None:
    """In a small window of its own."""
    told = {"lines": question.lines, "pin": _("PIN"), "sign": _("Sign"), "leave": _("Do not sign")}
    done = _run([sys.executable, "-m", _WINDOW], json.dumps(told))
    return done.removesuffix("\n") or None


def pinentry(program: str, question: Question) -> str | None:
    """Through a pinentry program (the Assuan protocol that GnuPG's speak)."""
    text = "".join(f"{line}\n" for line in question.lines)
    told = f"SETTITLE Tinh So\nSETDESC {quote(text, safe=' ')}\nSETPROMPT PIN:\nGETPIN\nBYE\n"
    for line in _run([program], told).splitlines():
        if line.startswith("D "):
            return unquote(line[2:]) or None
    return None


def _run(command: list[str], told: str) -> str:
    try:
        done = subprocess.run(
            command, input=told, capture_output=True, text=True, encoding="utf-8", check=False, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout
