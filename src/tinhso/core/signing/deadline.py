"""A time limit on pure Python work in this thread, for parsing what strangers send."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class TookTooLong(BaseException):
    """The time is over. Not an `Exception`, so that no parser's own handler swallows it."""


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Raise `TookTooLong` in this thread when the block takes longer.

    A signal would reach the main thread only and a process would cost 80 MB a worker. Python
    raises between two byte codes, so a single call into C is not cut short; the parsers used here
    bound what one call may unpack.
    """
    thread = ctypes.c_ulong(threading.get_ident())
    lock, state = threading.Lock(), {"over": False}

    def fire() -> None:
        with lock:
            if not state["over"]:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, ctypes.py_object(TookTooLong))

    timer = threading.Timer(seconds, fire)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        with lock:
            state["over"] = True
            ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, None)  # fired but not raised yet: take it back
