"""One process that can be killed: for work that nothing else can stop, or that may end its process.

It is spawned (never forked: threads of FAISS or torch do not survive a fork) at its first task, and
again after each death. Tasks are module-level functions that import little.
"""

import resource
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TypeVar

from pebble import ProcessExpired, ProcessPool

from kg.message import UserError
from kg.sparql_errors import crashed, out_of_memory, timed_out

MEMORY = 1024 * 1024 * 1024
_GRACE = 0.4  # seconds after which the kernel ends what pebble, or a dead parent, did not
_STACK = 64 * 1024 * 1024

Answer = TypeVar("Answer")


class KillableProcess:
    """A process that does one task at a time, each within a time limit and `memory` (bytes).

    `tasks` are those that it will get: their imports then are no part of a task's time.
    A pebble pool of its own: in a pool of several, a worker that dies while it is idle takes the
    whole pool with it, and the others' queries.
    """

    def __init__(self, *tasks: Callable[..., object], memory: int = MEMORY) -> None:
        self._tasks = tasks
        self._memory = memory
        self._pool: ProcessPool | None = None
        self._lock = threading.Lock()
        self._closed = False

    def run(self, task: Callable[..., Answer], args: tuple[object, ...], limit: float) -> Answer:
        """Do a task in at most `limit` seconds; it is killed where it does not end.

        Raises what the task raises; SparqlError: timeout, out_of_memory, crashed; ValueError
        when closed.
        """
        started = time.monotonic()
        call = (task, args, limit, self._memory)
        try:
            try:
                answer: Answer = self._running().schedule(_within, call, timeout=limit).result()
            except (BrokenProcessPool, CancelledError):
                self._end()
                answer = self._running().schedule(_within, call, timeout=limit).result()
            return answer
        except TimeoutError:
            raise timed_out(limit, time.monotonic() - started) from None
        except ProcessExpired as death:
            if death.exitcode == -signal.SIGALRM:
                raise timed_out(limit, time.monotonic() - started) from None
            if death.exitcode == -signal.SIGABRT:
                raise out_of_memory(self._memory) from None
            raise crashed(death.exitcode) from death

    def close(self) -> None:
        """End the process, also in the middle of a task."""
        self._closed = True
        self._end()

    def _running(self) -> ProcessPool:
        with self._lock:
            if self._closed:
                raise ValueError("this store is closed")
            if self._pool is not None and not self._pool.active:
                self._pool = None
            if self._pool is None:
                self._pool = ProcessPool(
                    max_workers=1,
                    initializer=_set_up,
                    initargs=(self._memory, self._tasks),
                    context=get_context("spawn"),
                )
            return self._pool

    def _end(self) -> None:
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()  # type: ignore[no-untyped-call]
            pool.join()


# What follows runs in the process.


def _set_up(memory: int, tasks: tuple[Callable[..., object], ...]) -> None:
    # That `tasks` have come here has imported what they need.
    # Pebble's handler would wait for the engine to come back to Python, which it does not.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _limit(resource.RLIMIT_DATA, memory)  # private memory; the store's mapped files do not count
    _limit(resource.RLIMIT_STACK, _STACK)  # Linux reads it as the stack grows


def _limit(which: int, wanted: int) -> None:
    hard = resource.getrlimit(which)[1]
    resource.setrlimit(
        which, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard)
    )


def _within(
    task: Callable[..., Answer], args: tuple[object, ...], limit: float, memory: int
) -> Answer:
    with _alarm(limit):
        try:
            return task(*args)
        except MemoryError:
            raise out_of_memory(memory) from None
        except UserError as error:
            # The frames it went through hold what the task had open (a store, still writing its
            # files), which must be closed before whoever waits learns of it.
            error.__context__ = None
            raise error.with_traceback(None)  # noqa: B904


@contextmanager
def _alarm(limit: float) -> Iterator[None]:
    """Let the kernel end this process soon after the limit, even if the parent died meanwhile."""
    signal.setitimer(signal.ITIMER_REAL, limit + _GRACE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
