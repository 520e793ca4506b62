"""Medians of repeated calls, and rows that show them beside what they are compared with."""

import statistics
import time
from collections.abc import Callable, Iterable

from tabulate import tabulate


def median_ms(call: Callable[[], object], repeat: int = 50, warm_up: int = 3) -> float:
    """The median wall-clock time of `call` in milliseconds."""
    for _ in range(warm_up):
        call()
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def processor_ms(calls: Iterable[Callable[[], object]]) -> tuple[float, float]:
    """The median and the 95th percentile of what each call costs the processor, in milliseconds."""
    times = []
    for call in calls:
        start = time.process_time()
        call()
        times.append((time.process_time() - start) * 1000)
    return statistics.median(times), statistics.quantiles(times, n=20)[-1]


def show(rows: dict[str, float], base: str, unit: str = "ms") -> None:
    """Print each row's figure and its ratio to the row named `base`."""
    table = [[name, f"{value:.3f}", f"{value / rows[base]:.2f}"] for name, value in rows.items()]
    print(tabulate(table, headers=["", unit, f"/ {base}"], disable_numparse=True))
