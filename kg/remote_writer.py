"""Writes to another endpoint, for those who hold a token of ours, with the same audit log.

It does as `kg.writer` does, with what SPARQL 1.1 Update can say: a graph is replaced by a DROP and
an INSERT in one request. What the endpoint makes of a request that breaks off it alone knows;
the graphs are its own, so none is protected here. A precondition holds against whoever writes
through here; between its look and the change somebody else may write there.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import monotonic

import pyoxigraph as ox

from kg import audit
from kg.killable import KillableProcess
from kg.message import UserError
from kg.oxigraph import GRAPH_FORMATS, graph_name
from kg.preconditions import UNCONDITIONAL, Precondition
from kg.remote import Endpoint, RemoteStore
from kg.snapshot import turn_to_write
from kg.sparql_errors import SparqlError, missing_graph, rdf_mistake
from kg.store import DEFAULT_GRAPH, WHOLE, Dataset
from kg.writer import Change

logger = logging.getLogger(__name__)
_GRACE = 5.0  # seconds more than the request has, for what is done before and after it


class RemoteWriter:
    """Writes to an endpoint that takes updates; `data` is the folder of the audit log.

    `seconds` is the most a change may take. Texts are read in `process`, which can be killed.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        data: Path,
        seconds: float = 60.0,
        process: KillableProcess | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._data = data
        self.seconds = seconds
        self._process = process or KillableProcess()
        self._turn = threading.Lock()

    def update(
        self,
        text: str,
        *,
        dataset: Dataset = WHOLE,
        base: str = "",
        timeout: float | None = None,
        author: str = "",
    ) -> Change:
        """Send one SPARQL update; see `kg.remote.RemoteStore.update`. `author` is for the log."""
        limit = self.seconds if timeout is None else min(timeout, self.seconds)
        entry = audit.entry(author, "update", **audit.said(text))
        return self._change(entry, _update, (text, dataset, base), limit)

    def load(
        self,
        graph: str,
        parts: Sequence[tuple[bytes, str]],
        *,
        replace: bool,
        base: str = "",
        author: str = "",
        condition: Precondition = UNCONDITIONAL,
    ) -> Change:
        """Add triples to a graph, or `replace` what is in it; see `kg.writer.Writer.load`."""
        size = sum(len(rdf) for rdf, _ in parts)
        entry = audit.entry(author, "replace" if replace else "load", graph=graph, bytes=size)
        return self._change(
            entry, _load, (graph, tuple(parts), base, replace, condition), self.seconds
        )

    def delete(
        self, graph: str, *, author: str = "", condition: Precondition = UNCONDITIONAL
    ) -> Change:
        """Remove a graph with all that is in it. Raises SparqlError: missing, precondition."""
        entry = audit.entry(author, "delete", graph=graph)
        return self._change(entry, _delete, (graph, condition), self.seconds)

    def close(self) -> None:
        """End the process; what became of a change under way the endpoint knows."""
        self._process.close()

    def _change(
        self,
        entry: audit.Entry,
        task: Callable[..., Change],
        args: tuple[object, ...],
        limit: float,
    ) -> Change:
        with self._turn:
            started = monotonic()
            try:
                change = self._process.run(task, (self._endpoint, limit, *args), limit + _GRACE)
                entry |= {"graphs": change.graphs, "outcome": "done"}
            except UserError as error:
                kind = error.kind if isinstance(error, SparqlError) else type(error).__name__
                entry |= {"outcome": kind, "error": error.en}
                raise
            finally:
                self._log(entry | {"seconds": round(monotonic() - started, 3)})
            return change

    def _log(self, entry: audit.Entry) -> None:
        try:
            with turn_to_write(self._data, self.seconds):
                audit.append(self._data, entry)
        except (OSError, UserError):
            logger.exception("the audit log of %s cannot be written", self._data)


def _update(endpoint: Endpoint, limit: float, text: str, dataset: Dataset, base: str) -> Change:
    endpoint.open(limit).update(text, dataset=dataset, base=base)
    return Change({})


def _load(
    endpoint: Endpoint,
    limit: float,
    graph: str,
    parts: tuple[tuple[bytes, str], ...],
    base: str,
    replace: bool,
    condition: Precondition,
) -> Change:
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
    return Change({graph: (0 if was_there else None, len(triples))})


def _delete(endpoint: Endpoint, limit: float, graph: str, condition: Precondition) -> Change:
    name = graph_name(graph)
    store = endpoint.open(limit)
    if graph != DEFAULT_GRAPH and not _is_there(store, name):
        raise missing_graph(graph)
    condition.require(store, graph, is_there=True)
    store.update(f"DROP SILENT GRAPH {name}")
    return Change({graph: (0, None)})


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
        except SyntaxError as error:
            raise rdf_mistake(error) from None
        except ValueError as error:
            raise rdf_mistake(SyntaxError(str(error))) from None
