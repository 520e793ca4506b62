"""A store in worker processes that can be killed: for queries that anybody may send.

A worker opens the store for itself (an Oxigraph folder read-only, or a client of another endpoint,
whose slowness must not hold a server's threads either), answers one query at a time within bounds
of time, memory and size, and is replaced when it dies. It imports nothing but this module's few
imports and those of the store.
"""

import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from queue import Empty, LifoQueue
from typing import TypeVar

from kg.killable import MEMORY, KillableProcess
from kg.oxigraph import MAX_BYTES, OxigraphStore
from kg.sparql_errors import busy, read_only
from kg.store import WHOLE, Dataset, Result, Store

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
        self._open = store
        self._free: LifoQueue[KillableProcess] = LifoQueue()  # the last used is the warmest
        for _ in range(workers):
            self._free.put(KillableProcess(_answer, store, memory=memory))
        self._workers = tuple(self._free.queue)
        self._places = threading.BoundedSemaphore(workers * (1 + _QUEUE))
        self._moved = time.monotonic()  # when a worker was last taken or given back

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
        return self._run(_graphs, (), self.timeout)

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
        self._moved = time.monotonic()
        try:
            return worker.run(task, (self._open, *args), limit)
        finally:
            self._free.put(worker)
            self._moved = time.monotonic()


# What follows runs in a worker.

_opened: Store | None = None


def _store(open_store: Callable[[], Store]) -> Store:
    """The one store that this process has, opened at its first query."""
    global _opened
    if _opened is None:
        _opened = open_store()
    return _opened


def _answer(
    open_store: Callable[[], Store],
    text: str,
    media_type: str | None,
    dataset: Dataset,
    limit: float,
) -> Result:
    store = _store(open_store)
    return store.query(text, media_type=media_type, dataset=dataset, timeout=limit)


def _graphs(open_store: Callable[[], Store]) -> Sequence[str]:
    return _store(open_store).graphs()
