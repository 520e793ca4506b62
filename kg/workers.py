"""A store in worker processes that can be killed: for queries that anybody may send.

A worker opens the store for itself (an Oxigraph folder read-only, or a client of another endpoint,
whose slowness must not hold a server's threads either), answers one query at a time within bounds
of time, memory and size, and is replaced when it dies. It imports nothing but this module's few
imports and those of the store.

So that quick queries are answered whatever others ask, slow ones never have all workers: a query
that still runs after SLICE goes on only where one of the few places for slow ones is free; where
none is, it is ended, and starts again when one comes free. A text that was slow before takes such
a place first, or waits for one.
"""

import hashlib
import pickle
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TypeVar, cast

from kg.killable import MEMORY, KillableProcess
from kg.oxigraph import MAX_BYTES, OxigraphStore
from kg.sparql_errors import SparqlError, busy, timed_out
from kg.sparql_ordering import sorted_apart
from kg.store import WHOLE, Dataset, ReadOnly, Result, Store
from kg.turns import Turns

SLICE = 0.25  # seconds of a processor's time after which a query counts as slow
_PATIENCE = 5.0  # seconds that a query waits for a worker; slow ones for their places, all of it
_QUEUE = 2  # slow queries that may wait for each of their places
_REMEMBERED = 1_024  # texts that were slow

Answer = TypeVar("Answer")


class IsolatedStore(ReadOnly):
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
        workers: int = 3,
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
        self._open = pickle.dumps(store)  # once, not with every query
        self._workers = [KillableProcess(_answer, memory=memory) for _ in range(workers)]
        self._turns = Turns(self._workers)
        self._slow = _SlowQueries(max(1, workers // 2))

    def query(
        self,
        text: str,
        *,
        media_type: str | None = None,
        dataset: Dataset = WHOLE,
        base: str = "",
        timeout: float | None = None,
    ) -> Result:
        """Answer one query; see `kg.store.Store`. Never runs longer than `self.timeout`.

        Also raises SparqlError: unavailable when too many wait, none came free, or the query is
        slow beside too many slow ones; crashed or out_of_memory when it took its worker down.
        """
        limit = self.timeout if timeout is None else min(timeout, self.timeout)
        started = time.monotonic()

        def answer(text: str, limit: float) -> Result:
            args = (text, media_type, dataset, base, limit)
            return self._run(_answer, args, limit, _key(text, dataset))

        try:
            return answer(text, limit)
        except SparqlError as error:
            # The engine ends alike where its memory does, and where its sort cannot go on.
            other = sorted_apart(text) if error.kind == "out_of_memory" else None
            left = limit - (time.monotonic() - started)
            if other is None or left <= 0:
                raise
        try:
            return answer(other, left)
        except SparqlError as error:
            if error.kind == "timeout":  # of what was left
                raise timed_out(limit, time.monotonic() - started) from None
            raise

    def graphs(self) -> Sequence[str]:
        """The IRIs of the named graphs, sorted."""
        return self._run(_graphs, (), self.timeout, _key("", WHOLE))

    def is_busy(self) -> bool:
        """Whether every worker has a query to answer."""
        return self._turns.is_spent()

    def close(self) -> None:
        """End the workers, also in the middle of a query; further calls raise ValueError."""
        for worker in self._workers:
            worker.close()

    def _run(
        self, task: Callable[..., Answer], args: tuple[object, ...], limit: float, key: bytes
    ) -> Answer:
        try:
            with self._slow.turn(key, limit) as turn:
                return self._attempt(task, args, limit, turn)
        except _NoPlaceError:
            with self._slow.turn(key, limit, is_known=True) as turn:
                return self._attempt(task, args, limit, turn)

    def _attempt(
        self, task: Callable[..., Answer], args: tuple[object, ...], limit: float, turn: "_Turn"
    ) -> Answer:
        worker = self._turns.take(min(limit, _PATIENCE))

        def on_slow() -> None:
            turn.is_slow = True
            worker.yield_to_others()
            turn.go_on()

        try:
            return worker.run(task, (self._open, *args), limit, (SLICE, on_slow))
        finally:
            if turn.is_slow:
                threading.Thread(target=self._renew, args=(worker,), daemon=True).start()
            else:
                self._turns.give(worker)

    def _renew(self, worker: KillableProcess) -> None:
        """Give back to the system what a slow query needed in memory.

        The worker comes back with its store open, so that the next quick query waits for neither.
        """
        try:
            worker.renew()
            with suppress(Exception):  # the next query meets it, and tells
                worker.run(_warm_up, (self._open,), self.timeout)
        finally:
            self._turns.give(worker)


def _key(text: str, dataset: Dataset) -> bytes:
    return hashlib.sha256(repr((text, dataset)).encode()).digest()


class _NoPlaceError(Exception):
    """A query proved slow while all places for slow ones were taken."""


class _SlowQueries:
    """The places for slow queries, and which texts were slow when they were last asked."""

    def __init__(self, places: int) -> None:
        self._places = threading.BoundedSemaphore(places)
        self._line = threading.BoundedSemaphore(places * (1 + _QUEUE))
        self._known: OrderedDict[bytes, None] = OrderedDict()
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, key: bytes, limit: float, is_known: bool = False) -> Iterator["_Turn"]:
        """Run a query, after waiting for a place at most `limit` seconds where it was slow before.

        Raises SparqlError (unavailable) where none comes free, or too many wait.
        """
        with self._lock:
            is_known = is_known or key in self._known
        if is_known:
            if not self._line.acquire(blocking=False):
                raise busy()
            try:
                if not self._places.acquire(timeout=limit):
                    raise busy()
            except BaseException:
                self._line.release()
                raise
        turn = _Turn(self._places, has_place=is_known)
        try:
            yield turn
            if is_known and not turn.is_slow:
                with self._lock:
                    self._known.pop(key, None)
        finally:
            if turn.has_place:
                self._places.release()
            if is_known:
                self._line.release()
            if turn.is_slow:
                self._remember(key)

    def _remember(self, key: bytes) -> None:
        with self._lock:
            self._known[key] = None
            self._known.move_to_end(key)
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)


class _Turn:
    """One query's: whether it has been slow, and whether it holds a place for slow ones."""

    def __init__(self, places: threading.BoundedSemaphore, has_place: bool) -> None:
        self._places = places
        self.has_place = has_place
        self.is_slow = False

    def go_on(self) -> None:
        """Take a place; _NoPlaceError where none is free."""
        if not self.has_place:
            self.has_place = self._places.acquire(blocking=False)
        if not self.has_place:
            raise _NoPlaceError


# What follows runs in a worker.

_opened: Store | None = None


def _store(open_store: bytes) -> Store:
    """The one store that this process has, opened at its first task; what opens it is pickled."""
    global _opened
    if _opened is None:
        _opened = cast(Store, pickle.loads(open_store)())
    return _opened


def _warm_up(open_store: bytes) -> None:
    _store(open_store)


def _answer(
    open_store: bytes,
    text: str,
    media_type: str | None,
    dataset: Dataset,
    base: str,
    limit: float,
) -> Result:
    store = _store(open_store)
    return store.query(text, media_type=media_type, dataset=dataset, base=base, timeout=limit)


def _graphs(open_store: bytes) -> Sequence[str]:
    return _store(open_store).graphs()
