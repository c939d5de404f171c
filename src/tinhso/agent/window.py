"""The window that asks for the PIN; reads its words as JSON, writes the PIN to its output."""

from __future__ import annotations

import json
import sys
import tkinter
from tkinter import simpledialog


def main() -> None:
    told = json.loads(sys.stdin.read())
    root = tkinter.Tk()
    root.withdraw()
    root.attributes("-topmost", True)
    typed = simpledialog.askstring("Tỉnh Số", "\n".join([*told["lines"], "", told["pin"]]), show="•", parent=root)
    print(typed or "")


if __name__ == "__main__":
    main()
