"""One process that can be killed: for work that nothing else can stop, or that may end its process.

It is started at its first task, and again after each death: forked from a server that has imported
what tasks need and nothing else (never from this process: threads of FAISS or torch do not survive
a fork), which takes 15 ms where a fresh interpreter takes half a second. Tasks are module-level
functions that import little.

Task and answer go through one pipe, from the thread that asks to the process and back. A process
pool (pebble, concurrent.futures) has threads of its own in between, and each that a busy machine
lets wait costs a quick query more than its work (`make bench-sparql`).
"""

import math
import os
import resource
import select
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from multiprocessing import get_all_start_methods, get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext, SpawnContext
from typing import Any, TypeVar, cast

from kg.message import UserError
from kg.sparql_errors import crashed, out_of_memory, timed_out

MEMORY = 1024 * 1024 * 1024
_GRACE = 0.4  # seconds after which the kernel ends what a dead parent did not
_DEATH = 5.0  # seconds that a process whose pipe has closed gets to be dead
_STACK = 64 * 1024 * 1024
_PATIENT = 5  # how much nicer than others a task is that takes long
_WAITS = 4  # a task is slow that takes so many times as long as its share of a processor's time

Answer = TypeVar("Answer")


class KillableProcess:
    """A process that does one task at a time, each within a time limit and `memory` (bytes).

    `tasks` are those that it will get: their imports then are no part of a task's time.
    """

    def __init__(self, *tasks: Callable[..., object], memory: int = MEMORY) -> None:
        self._tasks = tasks
        self._memory = memory
        self._running: _Running | None = None
        self._turn = threading.Lock()  # held by the thread whose task it does
        self._lock = threading.Lock()  # held while it is started or ended
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
        with self._turn:
            started = time.monotonic()
            try:
                running = self._hand_over((task, args, limit, self._memory))
                started = time.monotonic()  # the process's start is no part of its time
                deadline = started + limit
                if on_slow is not None:
                    seconds, call = on_slow
                    if running.is_slow(seconds, deadline):
                        call()
                answer, error = running.answer(deadline)
            except BaseException as failure:
                raise self._failed(failure, limit, started) from None
        if error is not None:
            raise error
        return cast(Answer, answer)

    def yield_to_others(self) -> None:
        """Let quick work of other processes go first, until the process is renewed."""
        if (running := self._running) is not None:
            with suppress(OSError):
                nice = os.getpriority(os.PRIO_PROCESS, running.pid) + _PATIENT
                os.setpriority(os.PRIO_PROCESS, running.pid, nice)

    def renew(self) -> None:
        """End the process; the next task gets a new one.

        What an engine's large work has left in memory goes back to the system with it.
        """
        with self._lock:
            running, self._running = self._running, None
        if running is not None:
            running.end()

    def close(self) -> None:
        """End the process, also in the middle of a task."""
        with self._lock:
            self._closed = True
            if self._running is not None:
                self._running.kill()
        with self._turn:
            self.renew()

    def _hand_over(self, call: tuple[object, ...]) -> "_Running":
        """Send a task; to a new process where the one that was there has died while it was idle."""
        try:
            return self._started().take(call)
        except OSError:
            self.renew()
            return self._started().take(call)

    def _started(self) -> "_Running":
        with self._lock:
            if self._closed:
                raise _closed()
            if self._running is None:
                self._running = _Running(self._tasks, self._memory)
            return self._running

    def _failed(self, failure: BaseException, limit: float, started: float) -> BaseException:
        """What it means that a task has no answer; what may still come is none to the next one."""
        running = self._running
        died = isinstance(failure, EOFError | OSError) and not isinstance(failure, TimeoutError)
        code = running.exit_code() if running is not None and died else None
        self.renew()
        if self._closed:
            return _closed()
        if isinstance(failure, TimeoutError) or code == -signal.SIGALRM:
            return timed_out(limit, time.monotonic() - started)
        if code == -signal.SIGABRT:
            return out_of_memory(self._memory)
        return crashed(code) if died else failure


def _closed() -> ValueError:
    return ValueError("this store is closed")


class _Running:
    """A process that has been started, and our end of its pipe. Raises EOFError where it ends."""

    def __init__(self, tasks: tuple[Callable[..., object], ...], memory: int) -> None:
        self._connection, its_end = _context().Pipe()
        self._process = _context().Process(
            target=_serve, args=(its_end, memory, tasks), daemon=True
        )
        self._poll = select.poll()
        self._poll.register(self._connection.fileno(), select.POLLIN)
        with its_end, _children:
            self._process.start()
        self._connection.recv()
        self.pid: int = self._process.pid or 0

    def take(self, call: tuple[object, ...]) -> "_Running":
        """Send a task."""
        self._connection.send(call)
        return self

    def is_slow(self, seconds: float, deadline: float) -> bool:
        """Wait until it is clear; on a busy machine a quick task may take long, at little work."""
        start = _used(self.pid)
        for _ in range(_WAITS):
            left = deadline - time.monotonic()
            if self._has_answered(min(seconds, left)) or left < seconds:
                return False
            if _used(self.pid) - start >= seconds:
                break
        return True

    def answer(self, deadline: float) -> tuple[object, BaseException | None]:
        """Wait for the answer, or the error; TimeoutError where neither comes."""
        if not self._has_answered(deadline - time.monotonic()):
            raise TimeoutError
        outcome: tuple[object, BaseException | None] = self._connection.recv()
        return outcome

    def _has_answered(self, seconds: float) -> bool:
        """Wait for it, or for its end; `Connection.poll` takes longer than a short query."""
        return bool(self._poll.poll(math.ceil(max(0.0, seconds) * 1000)))

    def exit_code(self) -> int | None:
        """How it ended; None where it has not, though its pipe is closed."""
        wait([self._process.sentinel], _DEATH)
        with _children:
            return self._process.exitcode

    def kill(self) -> None:
        """End it; whoever waits for its answer learns of it."""
        with _children:
            self._process.kill()

    def end(self) -> None:
        """End it and close its pipe, at which nobody may wait."""
        self.kill()
        self._connection.close()


_children = threading.Lock()  # of multiprocessing, which looks after all of them at any start


def _used(pid: int) -> float:
    """The processor time (seconds) that a process has used; 0 where the system does not tell."""
    with suppress(OSError):
        return time.clock_gettime(~pid << 3 | 2)  # as Linux's clock_getcpuclockid numbers it
    return 0.0


@cache
def _context() -> ForkServerContext | SpawnContext:
    if "forkserver" not in get_all_start_methods():
        return get_context("spawn")
    context = get_context("forkserver")
    context.set_forkserver_preload(["kg.fork_server"])
    return context


# What follows runs in the process.


def _serve(
    connection: "Connection[Any, Any]", memory: int, tasks: tuple[Callable[..., object], ...]
) -> None:
    """Do tasks until nobody asks any more. That `tasks` are here has imported what they need."""
    _set_up(memory)
    connection.send("ready")
    while True:
        try:
            outcome = _outcome(*connection.recv())
        except (EOFError, OSError):
            return
        except MemoryError:  # the rest of the task is still in the pipe
            os.abort()
        try:
            connection.send(outcome)
        except OSError:
            return
        except MemoryError:  # there is room for the answer, but not for it twice
            connection.send((None, out_of_memory(memory)))
        del outcome


def _set_up(memory: int) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of the terminal; the parent ends us
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _limit(resource.RLIMIT_DATA, memory)  # private memory; the store's mapped files do not count
    _limit(resource.RLIMIT_STACK, _STACK)  # Linux reads it as the stack grows


def _limit(which: int, wanted: int) -> None:
    hard = resource.getrlimit(which)[1]
    resource.setrlimit(
        which, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard)
    )


def _outcome(
    task: Callable[..., Answer], args: tuple[object, ...], limit: float, memory: int
) -> tuple[Answer | None, BaseException | None]:
    """What a task answers, or raises."""
    with _alarm(limit):
        try:
            return task(*args), None
        except MemoryError:
            return None, out_of_memory(memory)
        except UserError as error:
            # The frames it went through hold what the task had open (a store, still writing its
            # files), which must be closed before whoever waits learns of it.
            error.__context__ = None
            return None, error.with_traceback(None)
        except Exception as error:
            error.add_note(traceback.format_exc())  # frames stay here
            return None, error.with_traceback(None)


@contextmanager
def _alarm(limit: float) -> Iterator[None]:
    """Let the kernel end this process soon after the limit, even if the parent died meanwhile."""
    signal.setitimer(signal.ITIMER_REAL, limit + _GRACE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
