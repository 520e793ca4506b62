"""`make bench-sparql`: `/sparql` beside bare pyoxigraph, the oxigraph server and rdflib-endpoint.

    --triples 100000 1000000   sizes; 10000000 takes a quarter of an hour and 8 GB of disk
    --rounds 20                in each, every engine answers every query once
    --seconds 10               after which an engine is not asked a query again (but three times)
    --rdflib 100000            up to which size rdflib-endpoint takes part; it holds all in memory
    --load 10                  seconds of many clients at the first size; 0 leaves them out
    --clients 64               how many
    --folder FOLDER            where stores are kept for the next run, else nowhere

Rounds are interleaved, so that whatever else the machine does falls on all engines alike. Before
they are timed, all must give the same rows as bare pyoxigraph.
"""

import argparse
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import nullcontext
from importlib.metadata import PackageNotFoundError, version
from math import isnan
from os import cpu_count, getloadavg, sysconf
from pathlib import Path
from typing import TypeAlias

from tests.bench import made_plans, sparql_load
from tests.bench.sparql_engines import (
    BARE,
    HTTP,
    OXIGRAPH,
    RDFLIB,
    WEB,
    WORKER,
    Engine,
    engines,
    rows_of,
)
from tests.bench.sparql_queries import queries
from tests.bench.sparql_timing import Taken, time_all

OURS = (BARE, WORKER, WEB, HTTP)
Times: TypeAlias = dict[tuple[str, str], Taken]

_AIM_MS, _AIM_SHARE = 2.0, 0.10
_AIM = f"{_AIM_MS:g} ms + {_AIM_SHARE:.0%}"
_PACKAGES = ("pyoxigraph", "oxigraph", "rdflib", "rdflib-endpoint", "flask", "waitress")


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the machine, one table of all sizes, and what many clients at once were answered."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=_Plain)
    parser.add_argument("--triples", type=int, nargs="+", default=[100_000])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rdflib", type=int, default=100_000)
    parser.add_argument("--load", type=float, default=10)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args(arguments)
    _print_machine(arguments)
    kept = nullcontext(asked.folder) if asked.folder else tempfile.TemporaryDirectory()
    with kept as folder:
        lines: list[list[str]] = []
        absent: list[str] = []
        for triples in asked.triples:
            store, plans = made_plans.store(Path(folder), triples)
            texts = queries(plans // 2)
            wanted = [RDFLIB] if triples <= asked.rdflib else []
            with engines(store, [OXIGRAPH, *wanted]) as (able, missing):
                counts = _same_rows(able, texts)
                times = time_all(able, texts, asked.rounds, asked.seconds)
            lines += [_line(triples, name, counts[name], times) for name in texts]
            absent += [f"{why} (at {triples:,})" for why in missing]
            if not wanted:
                absent.append(f"{RDFLIB} at {triples:,}: beyond --rdflib {asked.rdflib:,}")
        _print_table(lines, absent)
        if asked.load:
            store, plans = made_plans.store(Path(folder), asked.triples[0])
            sparql_load.run(store, queries(plans // 2), asked.load, asked.clients)
    print(f"\nLoad average at the end: {getloadavg()[0]:.1f}")


class _Plain(argparse.RawDescriptionHelpFormatter):
    """The module's own text as it stands."""


def _same_rows(able: dict[str, Engine], texts: dict[str, str]) -> dict[str, int]:
    """How many rows each query has, in all engines the same; AssertionError where one differs."""
    counts = {}
    for name, text in texts.items():
        expected = rows_of(able[BARE].ask(text))
        for engine, one in able.items():
            found = rows_of(one.ask(text))
            assert found == expected, (
                f"{engine} answers {name!r} otherwise: {len(found)} rows, not {len(expected)}; "
                f"{sorted(set(found) ^ set(expected))[:3]}"
            )
        counts[name] = len(expected)
    return counts


def _line(triples: int, name: str, count: int, times: Times) -> list[str]:
    taken = {engine: one for (engine, query), one in times.items() if query == name}
    bare, ours = taken[BARE], taken[HTTP]
    return [
        *(f"{triples:,}", name, f"{count:,}"),
        *(f"{taken[engine].median:.1f} ({taken[engine].least:.1f})" for engine in OURS),
        _over(ours.median, bare.median),
        _over(ours.least, bare.least),
        *(_number(taken[engine].work) for engine in (BARE, HTTP)),
        _over(ours.work, bare.work),
        *(_ratio(taken.get(peer), ours) for peer in (OXIGRAPH, RDFLIB)),
    ]


def _over(ours: float, bare: float) -> str:
    """What ours costs beyond bare, and whether that is within the aim."""
    if isnan(ours - bare):
        return "–"
    return f"{ours - bare:+.1f} {'✓' if ours <= bare * (1 + _AIM_SHARE) + _AIM_MS else '✗'}"


def _ratio(peer: Taken | None, ours: Taken) -> str:
    if peer is None:
        return "–"
    return f"{peer.median / ours.median:.2f}; {_number(peer.work / ours.work)}"


def _number(value: float) -> str:
    return "–" if isnan(value) else f"{value:.2f}"


def _print_table(lines: list[list[str]], absent: list[str]) -> None:
    heads = ["triples", "query", "rows", *OURS, "over bare", "least over least"]
    heads += ["processor: bare", "ours", "over bare", f"{OXIGRAPH} / ours", f"{RDFLIB} / ours"]
    print(f"""
Milliseconds: the median (the least). Each of ours has what stands before it. What ours costs over
bare pyoxigraph is marked ✓ where it is at most {_AIM}: by medians, by the least times, and
by the processor time of all processes, which a busy machine blurs least. Peers: their median by
ours; their processor time by ours. Above 1 they are slower.
""")
    for cells in (heads, ["---"] * len(heads), *lines):
        print(f"| {' | '.join(cells)} |")
    for one in absent:
        print(f"\nNot there: {one}")
    sys.stdout.flush()


def _print_machine(arguments: Sequence[str] | None) -> None:
    command = " ".join(sys.argv[1:] if arguments is None else arguments)
    memory = sysconf("SC_PAGE_SIZE") * sysconf("SC_PHYS_PAGES") / 2**30
    print(f"`python -m tests.bench.sparql {command}`, {time.strftime('%Y-%m-%d %H:%M')}")
    print(
        f"{platform.system()} {platform.machine()}, {cpu_count()} cores, {memory:.0f} GiB; "
        f"load average at the start: {getloadavg()[0]:.1f}"
    )
    found = [f"Python {platform.python_version()}", *map(_version, _PACKAGES)]
    print(", ".join(found), flush=True)


def _version(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"{package} not installed"


if __name__ == "__main__":
    main()
