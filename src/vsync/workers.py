"""Worker processes: independent pieces of work spread over the cores, with nothing left behind.

Workers ignore Ctrl-C, which a terminal sends to all of them: the process that started them decides. When it
gives up, what waits is cancelled and what runs may end its piece; whoever takes too long is ended. When it
dies without a chance to say so, its workers end by themselves.

Processes are spawned, not forked: the caller may have threads.

Spec: none. Paper: none.
"""

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import TypeVar

from vsync.errors import EngineError

Argument = TypeVar("Argument")
Result = TypeVar("Result")

GRACE_SECONDS = 5.0
"""How long a worker may take to end its piece of work when nobody wants the result any more."""
BACKLOG = 4
"""How many pieces of work are handed out for each worker, so that none is ever idle."""


def results_of(work: Callable[[Argument], Result], arguments: Iterable[Argument], *, cores: int) -> Iterator[Result]:
    """Yields `work(argument)` for each argument, as they get done, in any order.

    `work` is a function at the top of a module, or a partial of one. With one core it is called here, in
    order. Raises whatever `work` raises, and EngineError if a worker is ended from outside.
    """
    if cores == 1:
        yield from map(work, arguments)
        return
    waiting = iter(arguments)
    with _pool(cores) as pool:
        with _interrupts_held_back():  # workers begin with what is in force here
            running = {pool.submit(work, argument) for argument in islice(waiting, BACKLOG * cores)}
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            running |= {pool.submit(work, argument) for argument in islice(waiting, len(done))}
            yield from map(_result, done)


def _result(done: "Future[Result]") -> Result:
    try:
        return done.result()
    except BrokenProcessPool as broken:
        raise EngineError(
            "expected the worker processes to live, but one was ended from outside: "
            "there may be too little memory; use fewer cores"
        ) from broken


@contextlib.contextmanager
def _pool(cores: int) -> Iterator[ProcessPoolExecutor]:
    """Gives worker processes, of which none is left afterwards, however the block ends."""
    before = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(cores, multiprocessing.get_context("spawn"), _begin)
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for worker in set(multiprocessing.active_children()) - before:
            worker.join(GRACE_SECONDS)
            if worker.is_alive():
                worker.kill()
                worker.join()


@contextlib.contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Lets no interrupt through while the block lasts; one that comes meanwhile takes effect after it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin() -> None:
    """What a worker does first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None, "only a worker waits for its parent"
    parent.join()
    os._exit(1)
