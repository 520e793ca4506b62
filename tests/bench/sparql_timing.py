"""The times of every engine for every query, taken in rounds in which each has its turn."""

import statistics
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isnan

from tests.bench.processes import processor_seconds
from tests.bench.sparql_engines import Engine

_WARM_UP = 2  # rounds that are not counted
_LEAST = 3  # rounds that are counted, whatever they take


@dataclass(slots=True)
class Taken:
    """Milliseconds that one engine took for one query, and those of processors that it used.

    `processor` leaves out answers whose worker was replaced: what that had used is not known.
    """

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.wall)

    @property
    def least(self) -> float:
        return min(self.wall)

    @property
    def work(self) -> float:
        """The median of the processors' time; nan where it is not known."""
        return statistics.median(self.processor) if self.processor else float("nan")


def time_all(
    engines: Mapping[str, Engine], texts: Mapping[str, str], rounds: int, seconds: float
) -> dict[tuple[str, str], Taken]:
    """Every engine with every query, once a round, while it has taken less than `seconds`."""
    times = {(engine, query): Taken() for engine in engines for query in texts}
    spent = dict.fromkeys(times, 0.0)
    for turn in range(rounds + _WARM_UP):
        for query, text in texts.items():
            for name, engine in engines.items():
                if spent[name, query] > seconds and len(times[name, query].wall) >= _LEAST:
                    continue
                wall, used = _once(engine, text)
                spent[name, query] += wall
                if turn >= _WARM_UP:
                    times[name, query].wall.append(wall * 1000)
                    times[name, query].processor += [] if isnan(used) else [used * 1000]
        print(f"round {turn + 1} of {rounds + _WARM_UP}", file=sys.stderr, flush=True)
    return times


def _once(engine: Engine, text: str) -> tuple[float, float]:
    """Seconds by the clock, and of processors."""
    processes = engine.processes()
    before = processor_seconds(processes)
    start = time.perf_counter()
    engine.ask(text)
    wall = time.perf_counter() - start
    if engine.processes() != processes:
        return wall, float("nan")
    return wall, processor_seconds(processes) - before
