"""The window that asks for the PIN; reads its words as JSON, writes the PIN to its output.

With the argument `try` it only shows, by its exit code, whether a window can be opened.
"""

from __future__ import annotations

import json
import sys
import tkinter
from typing import Any


def main() -> None:
    root = tkinter.Tk()
    if sys.argv[1:] == ["try"]:
        return
    print(asked(root, json.loads(sys.stdin.read())))


def asked(root: tkinter.Tk, told: dict[str, Any]) -> str:
    """The PIN that the official types; empty when the window is closed or the second button pressed."""
    typed: list[str] = []
    root.title("Tỉnh Số")
    root.attributes("-topmost", True)
    text = "\n".join(told["lines"])
    tkinter.Label(root, text=text, justify="left", wraplength=520).pack(padx=16, pady=(16, 8), anchor="w")
    row = tkinter.Frame(root)
    tkinter.Label(row, text=told["pin"]).pack(side="left", padx=(0, 8))
    field = tkinter.Entry(row, show="•", width=24)
    field.pack(side="left", fill="x", expand=True)
    row.pack(padx=16, fill="x")

    def sign(event: object = None) -> None:
        typed.append(field.get())
        root.destroy()

    def leave(event: object = None) -> None:
        root.destroy()

    buttons = tkinter.Frame(root)
    for name, does in (("leave", leave), ("sign", sign)):
        button = tkinter.Button(buttons, text=told[name], command=does, default="active" if does is sign else "normal")
        button.bind("<Return>", does)
        button.pack(side="right", padx=(8, 0))
    buttons.pack(padx=16, pady=16, fill="x")
    field.bind("<Return>", sign)
    root.bind("<Escape>", leave)
    root.eval("tk::PlaceWindow . center")
    field.focus_force()
    root.mainloop()
    return "".join(typed)


if __name__ == "__main__":
    main()
