"""The changes that a writer makes, each to the copy of a store that nobody else has open.

They run in a process that may be killed at any moment (`kg.killable`), and import little.
"""

import hashlib
from io import BytesIO
from pathlib import Path
from typing import TypeAlias

import pyoxigraph as ox

from kg.oxigraph import GRAPH_FORMATS, OxigraphStore
from kg.preconditions import Precondition
from kg.query import local_update, read_update
from kg.sparql_errors import bad_graph, missing_graph, protected, rdf_mistake
from kg.sparql_update import Operation, operations
from kg.store import DEFAULT_GRAPH, Dataset, is_built

# Triples in each graph before a change (None: there was no such graph) and after it (None: gone).
Counts: TypeAlias = dict[str, tuple[int | None, int | None]]


def apply_update(folder: str, text: str, dataset: Dataset, base: str) -> Counts:
    """One SPARQL update. Raises SparqlError: also protected, also for a graph by a variable."""
    reading = read_update(text)
    found = operations(reading, base)
    written = {t.iri for operation in found for t in operation.targets if t.iri}
    for target in (t for operation in found for t in operation.targets if t.iri):
        if is_built(target.iri or ""):
            place = reading.source.place(reading.tokens[target.token].start)
            raise protected(target.iri or "", place)
    store = ox.Store(folder)
    names = _names(store)
    update = local_update(text, dataset, names, is_built, base)
    anywhere = any(_writes_anywhere(operation) for operation in found)
    watched = [name for name in names if is_built(name)] if anywhere else []
    digests = [_digest(store, name) for name in watched]
    if anywhere:
        written |= {name for name in names if not is_built(name)}
    before = _counts(store, written)
    try:
        store.update(update.text)
    except SyntaxError as error:
        raise update.explain(error) from None
    except RuntimeError as error:
        raise update.explain_failure(error) from None
    made = {name for name in _names(store) if name not in names}
    for name in made:
        if is_built(name):
            raise protected(name)
    for name, digest in zip(watched, digests, strict=True):
        if _digest(store, name) != digest:
            raise protected(name)
    after = _counts(store, written | made)
    store.flush()
    return {name: (before.get(name), after.get(name)) for name in sorted({*before, *after})}


def load_graph(
    folder: str,
    graph: str,
    parts: tuple[tuple[bytes, str], ...],
    base: str,
    replace: bool,
    condition: Precondition,
) -> Counts:
    """Documents of triples, each with its media type, into one graph.

    Raises SparqlError: syntax with line and column, protected, precondition.
    """
    name = _writable(graph)
    opened = OxigraphStore(Path(folder), read_only=False)
    store = opened.engine
    before = _counts(store, {graph})
    condition.require(opened, graph, graph in before or graph == DEFAULT_GRAPH)
    if replace and graph in before:
        store.clear_graph(name)
    store.add_graph(name)
    for rdf, media_type in parts:
        try:
            store.bulk_load(rdf, GRAPH_FORMATS[media_type], base_iri=base or None, to_graph=name)
        except (SyntaxError, ValueError) as error:
            raise rdf_mistake(error) from None
    after = _counts(store, {graph})
    store.flush()
    return {graph: (before.get(graph), after[graph])}


def delete_graph(folder: str, graph: str, condition: Precondition) -> Counts:
    """A graph and what is in it. Raises SparqlError: missing, protected, precondition."""
    name = _writable(graph)
    opened = OxigraphStore(Path(folder), read_only=False)
    store = opened.engine
    before = _counts(store, {graph})
    if graph not in before and graph != DEFAULT_GRAPH:
        raise missing_graph(graph)
    condition.require(opened, graph, is_there=True)
    store.remove_graph(name)
    store.flush()
    return {graph: (before.get(graph), None)}


def _writable(graph: str) -> ox.NamedNode:
    if is_built(graph):
        raise protected(graph)
    try:
        return ox.NamedNode(graph)
    except ValueError:
        raise bad_graph(graph) from None


def _writes_anywhere(operation: Operation) -> bool:
    """Whether the graphs it writes are known only when it runs."""
    is_all = operation.verb in ("CLEAR", "DROP") and not operation.targets
    return is_all or any(target.iri is None for target in operation.targets)


def _names(store: ox.Store) -> list[str]:
    return sorted(g.value for g in store.named_graphs() if isinstance(g, ox.NamedNode))


def _counts(store: ox.Store, graphs: set[str]) -> dict[str, int]:
    """Triples in each of the graphs that there are."""
    counts = {}
    for name in sorted(graphs):
        if store.contains_named_graph(ox.NamedNode(name)):
            rows = store.query(f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{name}> {{ ?s ?p ?o }} }}")
            counts[name] = int(next(iter(rows))["n"].value)  # type: ignore[arg-type]
    return counts


class _Digest(BytesIO):
    """Takes what is written and keeps its digest."""

    def __init__(self) -> None:
        super().__init__()
        self.of = hashlib.sha256()

    def write(self, data: "bytes | memoryview", /) -> int:  # type: ignore[override]
        self.of.update(data)
        return len(data)


def _digest(store: ox.Store, graph: str) -> str:
    """Of the triples in the order of the store's keys, which the triples alone decide."""
    output = _Digest()
    store.dump(output, ox.RdfFormat.N_TRIPLES, from_graph=ox.NamedNode(graph))
    return output.of.hexdigest()
