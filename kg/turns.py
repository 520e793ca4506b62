"""Whose query comes next: clients take turns, however many queries each of them sends."""

import threading
from collections import OrderedDict, deque
from contextvars import ContextVar
from typing import Generic, TypeVar

from kg.sparql_errors import busy

PLACES = 64  # queries that may wait; a server has more threads than these and the reserve
RESERVE = 16  # further places, for clients of whom nobody waits

# Who asks, as whoever serves them tells them apart (an address); all alike where nobody says.
CLIENT: ContextVar[str] = ContextVar("client", default="")

Thing = TypeVar("Thing")


class _Waiter(Generic[Thing]):
    def __init__(self) -> None:
        self.served = threading.Event()
        self.thing: Thing | None = None


class Turns(Generic[Thing]):
    """A few things (workers) for many clients; the one given back last goes out first.

    Those who wait stand in one line for each client, and the lines take turns.
    """

    def __init__(self, things: list[Thing]) -> None:
        self._lock = threading.Lock()
        self._free = list(things)
        self._lines: OrderedDict[str, deque[_Waiter[Thing]]] = OrderedDict()

    def take(self, patience: float) -> Thing:
        """A thing of one's own until it is given back.

        Raises SparqlError (unavailable) where none comes free in `patience` seconds, or where too
        many wait already.
        """
        client = CLIENT.get()
        waiter = _Waiter[Thing]()
        with self._lock:
            if self._free:
                return self._free.pop()
            if self._waiting() >= PLACES + (0 if client in self._lines else RESERVE):
                raise busy()
            self._lines.setdefault(client, deque()).append(waiter)
        if not waiter.served.wait(patience):
            self._give_up(client, waiter)
        if waiter.thing is None:
            raise busy()
        return waiter.thing

    def give(self, thing: Thing) -> None:
        """Back, to whom it is the turn of."""
        with self._lock:
            if not self._lines:
                self._free.append(thing)
                return
            client, line = self._lines.popitem(last=False)
            waiter = line.popleft()
            if line:
                self._lines[client] = line  # behind all others
            waiter.thing = thing
            waiter.served.set()

    def is_spent(self) -> bool:
        """Whether nothing is free."""
        with self._lock:
            return not self._free

    def waiting(self) -> int:
        """How many wait."""
        with self._lock:
            return self._waiting()

    def _waiting(self) -> int:
        return sum(map(len, self._lines.values()))

    def _give_up(self, client: str, waiter: _Waiter[Thing]) -> None:
        with self._lock:
            line = self._lines.get(client)
            if line is not None and waiter in line:  # else it has just been served
                line.remove(waiter)
                if not line:
                    del self._lines[client]
