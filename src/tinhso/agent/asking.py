"""Asking the official for the PIN: in a window, at the terminal, or through a pinentry program.

The page never sees the PIN. It lives here for one request; the window and pinentry are programs of
their own, so that it passes through a pipe and not through the screen's memory.
"""

from __future__ import annotations

import getpass
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, unquote

from .words import _

SHOWN = 8  # names of documents that are listed before "and N more"
PATIENCE = 180  # seconds that a question stays open


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


def way(name: str) -> Ask:
    """How to ask: `terminal`, `window`, or the path of a pinentry program; empty chooses."""
    if not name:
        screen = sys.platform in ("win32", "darwin") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
        name = "window" if screen and importlib.util.find_spec("tkinter") else "terminal"
    if name == "terminal":
        return terminal
    return window if name == "window" else lambda question: pinentry(name, question)


def terminal(question: Question) -> str | None:
    """At the terminal the agent was started from."""
    print("\n" + "\n".join(question.lines), flush=True)
    return getpass.getpass(_("PIN (empty: do not sign): ")) or None


def window(question: Question) -> str | None:
    """In a small window of its own."""
    done = _run([sys.executable, "-m", "tinhso.agent.window"], json.dumps({"lines": question.lines, "pin": _("PIN")}))
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
