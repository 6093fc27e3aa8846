"""Ctrl-C, SIGTERM and SIGHUP: a run that they end leaves no process and no file behind.

Python turns Ctrl-C into an exception, which may come between any two steps of the main thread: also in the
middle of starting another process, when nobody knows yet whom to end. `held_back` keeps such steps whole.

Spec: none. Paper: none.
"""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

__all__ = ["ended_by_signals", "held_back"]

_ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


@contextlib.contextmanager
def ended_by_signals() -> Iterator[None]:
    """Turns SIGTERM and SIGHUP into SystemExit meanwhile, so that whatever is cleaned up at exits is.

    Does nothing outside the main thread, nor for a signal that the application handles itself.
    """
    taken = [number for number in _ENDING if _in_main_thread() and signal.getsignal(number) is signal.SIG_DFL]
    for number in taken:
        signal.signal(number, _leave)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


@contextlib.contextmanager
def held_back() -> Iterator[None]:
    """Lets none of these signals through while the block lasts; the last that came takes effect after it.

    Processes started meanwhile do not inherit this. Outside the main thread, which no signal disturbs, it
    does nothing.
    """
    came: list[tuple[int, FrameType | None]] = []
    numbers = [signal.SIGINT, *_ENDING] if _in_main_thread() else []
    before = {number: signal.getsignal(number) for number in numbers}
    handlers = {number: handler for number, handler in before.items() if callable(handler)}
    for number in handlers:
        signal.signal(number, lambda number, frame: came.append((number, frame)))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    if came:
        handlers[signal.Signals(came[-1][0])](*came[-1])


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def _leave(number: int, _: FrameType | None) -> None:
    raise SystemExit(128 + number)
