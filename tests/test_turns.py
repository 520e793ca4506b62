"""Whose query comes next."""

import threading
from collections.abc import Callable
from contextvars import copy_context

import pytest

from kg import turns
from kg.sparql_errors import SparqlError
from kg.turns import CLIENT, Turns


def as_client(name: str, call: Callable[[], None]) -> threading.Thread:
    """A thread in which a client does something."""

    def run() -> None:
        CLIENT.set(name)
        call()

    context = copy_context()
    thread = threading.Thread(target=lambda: context.run(run))
    thread.start()
    return thread


def wait_for(count: int, line: Turns[str]) -> None:
    """Until so many wait."""
    for _ in range(10_000):
        if line.waiting() == count:
            return
        threading.Event().wait(0.001)
    raise AssertionError(f"{line.waiting()} wait, not {count}")


def test_clients_take_turns_however_many_queries_one_of_them_sends() -> None:
    line = Turns(["worker"])
    worker = line.take(1)
    served: list[str] = []

    def ask(name: str) -> None:
        taken = line.take(30)
        served.append(name)
        line.give(taken)

    threads = []
    for number, name in enumerate(("greedy", "greedy", "greedy", "modest", "other"), start=1):
        threads.append(as_client(name, lambda name=name: ask(name)))  # type: ignore[misc]
        wait_for(number, line)
    line.give(worker)
    for thread in threads:
        thread.join()
    assert served == ["greedy", "modest", "other", "greedy", "greedy"]


def test_who_waits_too_long_is_told_and_leaves_the_line() -> None:
    line = Turns(["worker"])
    worker = line.take(1)
    with pytest.raises(SparqlError) as caught:
        line.take(0.01)
    assert caught.value.kind == "unavailable"
    assert line.waiting() == 0
    line.give(worker)
    assert line.take(0.01) == "worker"


def test_where_all_places_are_taken_there_are_some_left_for_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turns, "PLACES", 2)
    monkeypatch.setattr(turns, "RESERVE", 1)
    line = Turns(["worker"])
    worker = line.take(1)
    refused: list[str] = []

    def ask(name: str) -> None:
        try:
            line.give(line.take(30))
        except SparqlError:
            refused.append(name)

    threads = []
    for number in (1, 2):
        threads.append(as_client("greedy", lambda: ask("greedy")))
        wait_for(number, line)
    as_client("greedy", lambda: ask("greedy")).join()
    assert refused == ["greedy"]
    threads.append(as_client("modest", lambda: ask("modest")))
    wait_for(3, line)
    line.give(worker)
    for thread in threads:
        thread.join()
    assert refused == ["greedy"]
