"""Writes to another endpoint, for those who hold a token of ours, with the same audit log.

It does as `kg.writer` does, with what SPARQL 1.1 Update can say: a graph is replaced by a DROP and
an INSERT in one request. What the endpoint makes of a request that breaks off it alone knows;
the graphs are its own, so none is protected here. A precondition holds against whoever writes
through here; between its look and the change somebody else may write there.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyoxigraph as ox

from kg import audit
from kg.changes import Counts
from kg.killable import KillableProcess
from kg.oxigraph import GRAPH_FORMATS, graph_name
from kg.preconditions import Precondition
from kg.remote import Endpoint, RemoteStore
from kg.sparql_errors import missing_graph, rdf_mistake
from kg.store import DEFAULT_GRAPH, Dataset
from kg.writing import Change, Task, Tasks, Writing

_GRACE = 5.0  # seconds more than the request has, for what is done before and after it


class RemoteWriter(Writing):
    """Writes to an endpoint that takes updates; `data` is the folder of the audit log.

    What became of a change that does not come to its end, the endpoint knows.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        data: Path,
        seconds: float = 60.0,
        process: KillableProcess | None = None,
    ) -> None:
        super().__init__(data, seconds, process, Tasks(_update, _load, _delete))
        self._endpoint = endpoint

    def _change(
        self, entry: audit.Entry, task: Task, args: tuple[object, ...], limit: float
    ) -> Change:
        with self._in_turn(), self._told(entry) as done:
            counts = self._process.run(task, (self._endpoint, limit, *args), limit + _GRACE)
            done(counts)
            return Change(counts)


def _update(endpoint: Endpoint, limit: float, text: str, dataset: Dataset, base: str) -> Counts:
    endpoint.open(limit).update(text, dataset=dataset, base=base)
    return {}


def _load(
    endpoint: Endpoint,
    limit: float,
    graph: str,
    parts: tuple[tuple[bytes, str], ...],
    base: str,
    replace: bool,
    condition: Precondition,
) -> Counts:
    name = graph_name(graph)
    store = endpoint.open(limit)
    was_there = _is_there(store, name)
    condition.require(store, graph, was_there or graph == DEFAULT_GRAPH)
    triples = list(_triples(parts, base))
    steps = [f"DROP SILENT GRAPH {name}"] if replace and was_there else []
    if triples:
        # Not INSERT DATA: Virtuoso takes no blank nodes there.
        steps.append(f"INSERT {{ GRAPH {name} {{ {' . '.join(map(str, triples))} }} }} WHERE {{}}")
    if steps:
        store.update(" ; ".join(steps))
    return {graph: (0 if was_there else None, len(triples))}


def _delete(endpoint: Endpoint, limit: float, graph: str, condition: Precondition) -> Counts:
    name = graph_name(graph)
    store = endpoint.open(limit)
    if graph != DEFAULT_GRAPH and not _is_there(store, name):
        raise missing_graph(graph)
    condition.require(store, graph, is_there=True)
    store.update(f"DROP SILENT GRAPH {name}")
    return {graph: (0, None)}


def _is_there(store: RemoteStore, graph: ox.NamedNode) -> bool:
    return store.query(f"ASK {{ GRAPH {graph} {{ ?s ?p ?o }} }}").boolean()


def _triples(parts: Sequence[tuple[bytes, str]], base: str) -> Iterator[ox.Triple]:
    """The triples of documents; SparqlError (rdf) with the place where one is wrong."""
    for rdf, media_type in parts:
        try:
            for quad in ox.parse(
                rdf,
                format=GRAPH_FORMATS[media_type],
                base_iri=base or None,
                without_named_graphs=True,
                rename_blank_nodes=True,
            ):
                yield quad.triple
        except (SyntaxError, ValueError) as error:
            raise rdf_mistake(error) from None
