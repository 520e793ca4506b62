"""One process that can be killed: for work that nothing else can stop, or that may end its process.

It is started at its first task, and again after each death: forked from a server that has imported
what tasks need and nothing else (never from this process: threads of FAISS or torch do not survive
a fork), which takes 15 ms where a fresh interpreter takes half a second. Tasks are module-level
functions that import little.
"""

import os
import resource
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, InvalidStateError, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from functools import cache
from multiprocessing import get_all_start_methods, get_context
from multiprocessing.context import BaseContext
from typing import Any, TypeVar

from pebble import ProcessExpired, ProcessPool

from kg.message import UserError
from kg.sparql_errors import crashed, out_of_memory, timed_out

MEMORY = 1024 * 1024 * 1024
_GRACE = 0.4  # seconds after which the kernel ends what pebble, or a dead parent, did not
_STACK = 64 * 1024 * 1024
_PATIENT = 5  # how much nicer than others a task is that takes long
_WAITS = 4  # a task is slow that takes so many times as long as its share of a processor's time

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
        self._pid: int | None = None
        self._future: Future[Any] | None = None
        self._ending: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._closed = False

    def run(
        self,
        task: Callable[..., Answer],
        args: tuple[object, ...],
        limit: float,
        on_slow: tuple[float, Callable[[], None]] | None = None,
    ) -> Answer:
        """Do a task in at most `limit` seconds; it is killed where it does not end.

        `on_slow` holds seconds of a processor's time after which (or after four times as many, if
        it waits for something) something is called once if the task still runs; what that raises
        ends the task. Raises what the task raises; SparqlError: timeout, out_of_memory, crashed;
        ValueError when closed.
        """
        call = (task, args, limit, self._memory)
        pool = self._running()
        started = time.monotonic()
        try:
            try:
                answer: Answer = self._answer(pool.schedule(_within, call, timeout=limit), on_slow)
            except (BrokenProcessPool, CancelledError):  # it died while it was idle
                self.renew()
                pool = self._running()
                answer = self._answer(pool.schedule(_within, call, timeout=limit), on_slow)
            return answer
        except TimeoutError:
            self.renew()
            raise timed_out(limit, time.monotonic() - started) from None
        except ProcessExpired as death:
            self.renew()
            if death.exitcode == -signal.SIGALRM:
                raise timed_out(limit, time.monotonic() - started) from None
            if death.exitcode == -signal.SIGABRT:
                raise out_of_memory(self._memory) from None
            raise crashed(death.exitcode) from death

    def yield_to_others(self) -> None:
        """Let quick work of other processes go first, until the process is renewed."""
        if self._pid is not None:
            with suppress(OSError):
                nice = os.getpriority(os.PRIO_PROCESS, self._pid) + _PATIENT
                os.setpriority(os.PRIO_PROCESS, self._pid, nice)

    def renew(self) -> None:
        """End the process, in the background; the next task gets a new one.

        What an engine's large work has left in memory goes back to the system with it.
        """
        if (pool := self._taken()) is not None:
            self._end_later(pool)

    def close(self) -> None:
        """End the process, also in the middle of a task."""
        self._closed = True
        if (pool := self._taken()) is not None:
            _end(pool)
        for ending in self._ending:
            ending.join()
        if self._future is not None:  # pebble leaves those who wait to wait for ever
            with suppress(InvalidStateError):
                self._future.set_exception(CancelledError())

    def _running(self) -> ProcessPool:
        with self._lock:
            if self._closed:
                raise ValueError("this store is closed")
            if self._pool is not None and not (self._pool.active and _is_there(self._pid)):
                self._end_later(self._pool)
                self._pool = None
            if self._pool is None:
                self._pool = ProcessPool(
                    max_workers=1,
                    initializer=_set_up,
                    initargs=(self._memory, self._tasks),
                    context=_context(),
                )
                # The start is no part of a task's time.
                self._pid = self._pool.schedule(os.getpid).result()
            return self._pool

    def _answer(
        self, future: Future[Answer], on_slow: tuple[float, Callable[[], None]] | None
    ) -> Answer:
        self._future = future
        if on_slow is not None:
            seconds, call = on_slow
            if self._is_slow(future, seconds):
                try:
                    call()
                except BaseException:
                    future.cancel()
                    self.renew()
                    raise
        return future.result()

    def _is_slow(self, future: Future[Answer], seconds: float) -> bool:
        """Wait until it is clear; on a busy machine a quick task may take long, at little work."""
        start = _used(self._pid)
        for _ in range(_WAITS):
            if wait([future], timeout=seconds).done:
                return False
            if _used(self._pid) - start >= seconds:
                break
        return not future.done()

    def _end_later(self, pool: ProcessPool) -> None:
        ending = threading.Thread(target=_end, args=(pool,))
        ending.start()
        self._ending = [one for one in self._ending if one.is_alive()] + [ending]

    def _taken(self) -> ProcessPool | None:
        with self._lock:
            pool, self._pool, self._pid = self._pool, None, None
            return pool


def _is_there(pid: int | None) -> bool:
    """Whether a process is still alive, which pebble looks at only now and then."""
    try:
        os.kill(pid or 0, 0)
    except ProcessLookupError:
        return False
    return True


def _used(pid: int | None) -> float:
    """The processor time (seconds) that a process has used; 0 where the system does not tell."""
    with suppress(OSError):
        if pid is not None:
            return time.clock_gettime(~pid << 3 | 2)  # as Linux's clock_getcpuclockid numbers it
    return 0.0


def _end(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()


@cache
def _context() -> BaseContext:
    if "forkserver" not in get_all_start_methods():
        return get_context("spawn")
    context = get_context("forkserver")
    context.set_forkserver_preload(["kg.fork_server"])
    return context


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
