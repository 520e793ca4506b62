"""A store in worker processes that can be killed: for queries that anybody may send.

A worker opens the store for itself (an Oxigraph folder read-only, or a client of another endpoint,
whose slowness must not hold a server's threads either), answers one query at a time within bounds
of time, memory and size, and is replaced when it dies. Workers are spawned (never forked: threads
of FAISS or torch do not survive a fork) and import nothing but this module's few imports.
"""

import resource
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from queue import Empty, LifoQueue
from typing import TypeVar

from pebble import ProcessExpired, ProcessPool

from kg.oxigraph import MAX_BYTES, OxigraphStore
from kg.sparql_errors import busy, crashed, out_of_memory, read_only, timed_out
from kg.store import WHOLE, Dataset, Result, Store

MEMORY = 1024 * 1024 * 1024
_GRACE = 0.4  # seconds after which the kernel ends what pebble, or a dead parent, did not
_STACK = 64 * 1024 * 1024
_QUEUE = 2  # queries that may wait for each worker; a server's threads are not for waiting
_PATIENCE = 0.5  # seconds to wait for a place in a queue that moves

Answer = TypeVar("Answer")


class IsolatedStore:
    """A read-only store behind `workers` killable processes, started at the first query.

    `store` is an Oxigraph folder, or what opens a store when it is called in a worker (to be
    pickled, so no lambda). `timeout` (seconds) is both the default and the most a query gets;
    `max_bytes` bounds an answer from a folder, `memory` (bytes) what a worker may allocate. Raises
    FileNotFoundError at once where the folder is missing; OSError comes with the first query if
    it holds no store.
    """

    def __init__(
        self,
        store: Path | Callable[[], Store],
        workers: int = 2,
        timeout: float = 30.0,
        max_bytes: int = MAX_BYTES,
        memory: int = MEMORY,
    ) -> None:
        if isinstance(store, Path):
            if not store.is_dir():
                raise FileNotFoundError(f"no store at {store}")
            store = partial(OxigraphStore, store, max_bytes=max_bytes)
        self.timeout = timeout
        self.max_bytes = max_bytes
        self._free: LifoQueue[_Worker] = LifoQueue()  # the last used is the warmest
        for _ in range(workers):
            self._free.put(_Worker((store, memory)))
        self._workers = tuple(self._free.queue)
        self._places = threading.BoundedSemaphore(workers * (1 + _QUEUE))
        self._moved = time.monotonic()  # when a worker was last taken or given back
        self._memory = memory

    def query(
        self,
        text: str,
        *,
        media_type: str | None = None,
        dataset: Dataset = WHOLE,
        timeout: float | None = None,
    ) -> Result:
        """Answer one query; see `kg.store.Store`. Never runs longer than `self.timeout`.

        Also raises SparqlError: unavailable when too many wait or none came free, crashed or
        out_of_memory when the query took its worker down.
        """
        limit = self.timeout if timeout is None else min(timeout, self.timeout)
        return self._run(_answer, (text, media_type, dataset, limit), limit)

    def update(
        self,
        text: str,
        *,
        dataset: Dataset = WHOLE,
        base: str = "",
        timeout: float | None = None,
    ) -> None:
        """Always raises SparqlError (read_only)."""
        raise read_only()

    def graphs(self) -> Sequence[str]:
        """The IRIs of the named graphs, sorted."""
        return self._run(_graphs, (self.timeout,), self.timeout)

    def is_busy(self) -> bool:
        """Whether every worker has a query to answer."""
        return self._free.empty()

    def close(self) -> None:
        """End the workers, also in the middle of a query; further calls raise ValueError."""
        for worker in self._workers:
            worker.close()

    def _run(self, task: Callable[..., Answer], args: tuple[object, ...], limit: float) -> Answer:
        # Behind slow queries nobody waits for a place: a server's threads would all come to wait.
        is_moving = time.monotonic() - self._moved < _PATIENCE
        if not self._places.acquire(timeout=min(limit, _PATIENCE) if is_moving else 0):
            raise busy()
        try:
            return self._run_in_turn(task, args, limit)
        finally:
            self._places.release()

    def _run_in_turn(
        self, task: Callable[..., Answer], args: tuple[object, ...], limit: float
    ) -> Answer:
        try:
            worker = self._free.get(timeout=limit)
        except Empty:
            raise busy() from None
        started = self._moved = time.monotonic()  # the limit counts the query, not the queue
        try:
            return worker.run(task, args, limit)
        except TimeoutError:
            raise timed_out(limit, time.monotonic() - started) from None
        except ProcessExpired as death:
            if death.exitcode == -signal.SIGALRM:
                raise timed_out(limit, time.monotonic() - started) from None
            if death.exitcode == -signal.SIGABRT:
                raise out_of_memory(self._memory) from None
            raise crashed(death.exitcode) from death
        finally:
            self._free.put(worker)
            self._moved = time.monotonic()


class _Worker:
    """One process, started at its first task and again after each death.

    A pebble pool of its own: in a pool of several, a worker that dies while it is idle takes the
    whole pool with it, and the others' queries.
    """

    def __init__(self, settings: tuple[Callable[[], Store], int]) -> None:
        self._settings = settings
        self._pool: ProcessPool | None = None
        self._lock = threading.Lock()
        self._closed = False

    def run(self, task: Callable[..., Answer], args: tuple[object, ...], limit: float) -> Answer:
        """Raises what the task raises, TimeoutError, and ProcessExpired where the process died."""
        try:
            return self._running().schedule(task, args, timeout=limit).result()
        except (BrokenProcessPool, CancelledError):
            self._end()
            return self._running().schedule(task, args, timeout=limit).result()

    def close(self) -> None:
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
                    initargs=self._settings,
                    context=get_context("spawn"),
                )
            return self._pool

    def _end(self) -> None:
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()  # type: ignore[no-untyped-call]
            pool.join()


# What follows runs in a worker.

_open: Callable[[], Store]
_memory = MEMORY


def _set_up(open_store: Callable[[], Store], memory: int) -> None:
    global _open, _memory
    _open, _memory = open_store, memory
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


@cache
def _store() -> Store:
    return _open()


def _answer(text: str, media_type: str | None, dataset: Dataset, limit: float) -> Result:
    with _alarm(limit):
        try:
            return _store().query(text, media_type=media_type, dataset=dataset, timeout=limit)
        except MemoryError:
            raise out_of_memory(_memory) from None


def _graphs(limit: float) -> Sequence[str]:
    with _alarm(limit):
        return _store().graphs()


@contextmanager
def _alarm(limit: float) -> Iterator[None]:
    """Let the kernel end this process soon after the limit, even if the parent died meanwhile."""
    signal.setitimer(signal.ITIMER_REAL, limit + _GRACE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
