"""`make bench-sparql`: `/sparql` beside bare pyoxigraph, the oxigraph server and rdflib-endpoint.

    --triples 100000 1000000    sizes; 10000000 takes minutes to make
    --rdflib 100000             up to which size rdflib-endpoint takes part
    --repeat 20                 rounds; in each, every engine answers every query once
    --load 60                   seconds of 64 clients at the first size; 0 leaves them out

The rounds are interleaved, so that what else the machine does falls on all alike.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pyoxigraph as ox
from tabulate import tabulate

from kg.store import N_TRIPLES, RESULTS_JSON
from tests.bench import made_plans, sparql_load, sparql_servers
from tests.bench.sparql_queries import queries
from tests.sparql_servers import oxigraph_server

BARE, OURS = "bare pyoxigraph", "ours"
Engine = Callable[[str], bytes]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--triples", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--rdflib", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=20)
    parser.add_argument("--load", type=float, default=60)
    options = parser.parse_args()
    print(f"load average at the start: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for number, triples in enumerate(options.triples):
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made) / "store"
            plans = made_plans.write(Path(made) / "dump.nq", triples)
            made_plans.load(Path(made) / "dump.nq", folder)
            print(f"\n## {triples:,} triples, {plans} plans", flush=True)
            compare(folder, queries(plans // 2), triples <= options.rdflib, options.repeat)
            if number == 0 and options.load:
                print(f"\n## 64 clients, {options.load:g} s, {triples:,} triples", flush=True)
                sparql_load.run(folder, queries(plans // 2), options.load)


def compare(folder: Path, asked: dict[str, str], with_rdflib: bool, repeat: int) -> None:
    """Print each query's median time in each engine, and what ours costs beyond bare pyoxigraph."""
    with ExitStack() as stack:
        engines: dict[str, Engine] = {BARE: bare(folder)}
        engines[OURS] = posting(
            stack.enter_context(sparql_servers.server("ours", folder)).query_url
        )
        peer = oxigraph_server(folder, "--union-default-graph", verb="serve-read-only")
        engines["oxigraph server"] = posting(stack.enter_context(peer).query_url)
        if with_rdflib:
            peer = sparql_servers.server("rdflib", folder)
            engines["rdflib-endpoint"] = posting(stack.enter_context(peer).query_url)
        times = {(engine, name): list[float]() for engine in engines for name in asked}
        for turn in range(repeat + 2):
            for name, text in asked.items():
                for engine, ask in engines.items():
                    start = time.perf_counter()
                    body = ask(text)
                    seconds = time.perf_counter() - start
                    assert body
                    if turn >= 2:  # the first ones warm up
                        times[engine, name].append(seconds * 1000)
    rows = []
    for name in asked:
        ms = {engine: statistics.median(times[engine, name]) for engine in engines}
        over = ms[OURS] - ms[BARE]
        others = [f"{ms[one]:.2f} ({ms[one] / ms[OURS]:.1f})" for one in list(engines)[2:]]
        aim = "yes" if over <= 2 + 0.1 * ms[BARE] else "no"
        rows.append([name, f"{ms[BARE]:.2f}", f"{ms[OURS]:.2f}", f"{over:+.2f}", aim, *others])
    heads = [f"{one} (/ ours)" for one in list(engines)[2:]]
    print(
        tabulate(
            rows,
            headers=["ms, medians", BARE, OURS, "over", "≤ 2 ms + 10 %", *heads],
            disable_numparse=True,
        ),
        flush=True,
    )


def bare(folder: Path) -> Engine:
    """pyoxigraph in this process, answers written out as the endpoint's are."""
    store = ox.Store.read_only(str(folder))

    def ask(text: str) -> bytes:
        results = store.query(text, use_default_graph_as_union="FROM" not in text)
        if isinstance(results, ox.QueryTriples):
            return ox.serialize(results, format=ox.RdfFormat.N_TRIPLES) or b""
        return results.serialize(format=ox.QueryResultsFormat.JSON) or b""

    return ask


def posting(url: str) -> Engine:
    """A client of an endpoint that keeps its connection."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=600)

    def ask(text: str) -> bytes:
        accept = N_TRIPLES if "CONSTRUCT" in text else RESULTS_JSON
        headers = {"Accept": accept, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", parts.path, urlencode({"query": text}), headers)
        response = connection.getresponse()
        body = response.read()
        assert response.status == 200, (url, response.status, body[:300])
        return body

    return ask


if __name__ == "__main__":
    main()
