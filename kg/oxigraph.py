"""Oxigraph inside this process: a folder on disk, or memory.

A running query cannot be interrupted here: the time limit is checked only as results are written,
and a hostile query can take the process down. Users' queries belong in `kg.workers`.
"""

import time
from collections.abc import Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kg.absent_functions import AbsentFunctions
from kg.oxigraph_dialect import in_order, plainly_joined
from kg.query import Prepared, check_query, local_update
from kg.sparql_errors import bad_graph, read_only, timed_out, too_large
from kg.store import N_TRIPLES, RESULTS_JSON, WHOLE, Dataset, Result

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

MAX_BYTES = 64 * 1024 * 1024

SOLUTION_FORMATS = {
    RESULTS_JSON: ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
    "text/csv": ox.QueryResultsFormat.CSV,
    "text/tab-separated-values": ox.QueryResultsFormat.TSV,
}
GRAPH_FORMATS = {
    "text/turtle": ox.RdfFormat.TURTLE,
    N_TRIPLES: ox.RdfFormat.N_TRIPLES,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    "application/ld+json": ox.RdfFormat.JSON_LD,
}


class OxigraphStore:
    """Oxigraph in this process: `folder` on disk, or memory when it is None.

    Raises OSError where the folder cannot be opened.
    """

    def __init__(
        self, folder: Path | None = None, read_only: bool = True, max_bytes: int = MAX_BYTES
    ) -> None:
        self.is_writable = folder is None or not read_only
        self._max_bytes = max_bytes
        self._store: ox.Store | None
        if folder is None:
            self._store = ox.Store()
        elif read_only:
            self._store = ox.Store.read_only(str(folder))
        else:
            self._store = ox.Store(str(folder))

    def query(
        self,
        text: str,
        *,
        media_type: str | None = None,
        dataset: Dataset = WHOLE,
        base: str = "",
        timeout: float | None = None,
    ) -> Result:
        """Answer one query; see `kg.store.Store`."""
        prepared = Prepared.of(in_order(plainly_joined(check_query(text, base).reading)))
        started = time.monotonic()
        absent = AbsentFunctions(prepared)
        options = _dataset_options(dataset, own=not prepared.has_dataset)
        try:
            results = absent.stand_in(partial(self.engine.query, prepared.text, **options))
        except SyntaxError as error:
            raise prepared.explain(error) from None
        except RuntimeError as error:
            raise prepared.explain_failure(error) from error
        output = BoundedOutput(self._max_bytes, started, timeout)
        try:
            if isinstance(results, ox.QueryTriples):
                asked = media_type or N_TRIPLES
                rdf = format_of(GRAPH_FORMATS, asked)
                ox.serialize(results, output, rdf, prefixes=prepared.prefixes)
            else:
                asked = media_type or RESULTS_JSON
                results.serialize(output, format_of(SOLUTION_FORMATS, asked))
        finally:
            # Results must die on their own thread; an error's traceback would carry them off.
            del results
        absent.refuse_if_asked()
        return Result(prepared.form, asked, output.getvalue())

    def update(
        self,
        text: str,
        *,
        dataset: Dataset = WHOLE,
        base: str = "",
        timeout: float | None = None,
    ) -> None:
        """Apply one update; SERVICE and LOAD are refused, a read-only store raises.

        Nothing can stop it here, so `timeout` is not looked at; `kg.writer` has one.
        """
        if not self.is_writable:
            raise read_only()
        prepared = local_update(text, dataset, self.graphs(), base=base)
        try:
            self.engine.update(prepared.text)
        except SyntaxError as error:
            raise prepared.explain(error) from None
        except RuntimeError as error:
            raise prepared.explain_failure(error) from error

    def load(self, quads: bytes, media_type: str = "application/n-quads") -> None:
        """Add RDF in one transaction; triples go to the default graph. Raises SyntaxError."""
        if not self.is_writable:
            raise read_only()
        self.engine.load(quads, format=ox.RdfFormat.from_media_type(media_type))

    def graphs(self) -> Sequence[str]:
        """The IRIs of the named graphs, sorted."""
        names = self.engine.named_graphs()
        return sorted(name.value for name in names if isinstance(name, ox.NamedNode))

    def close(self) -> None:
        """Let go of the folder; further calls raise ValueError."""
        self._store = None

    @property
    def engine(self) -> ox.Store:
        """The engine's own store; ValueError where it is closed."""
        if self._store is None:
            raise ValueError("this store is closed")
        return self._store


def _dataset_options(dataset: Dataset, own: bool) -> dict[str, Any]:
    """The protocol's dataset wins over the query's FROM; without either, the union of all."""
    if dataset.default or dataset.named:
        return {
            "default_graph": [graph_name(iri) for iri in dataset.default],
            "named_graphs": [graph_name(iri) for iri in dataset.named],
        }
    return {"use_default_graph_as_union": own}


def graph_name(iri: str) -> ox.NamedNode:
    """A graph as a dataset names it; SparqlError (syntax) for what is no absolute IRI."""
    try:
        return ox.NamedNode(iri)
    except ValueError:
        raise bad_graph(iri) from None


def format_of(formats: dict[str, Any], media_type: str) -> Any:
    """The engine's own name of a format; ValueError for one that is not in `formats`."""
    try:
        return formats[media_type]
    except KeyError:
        raise ValueError(f"{media_type} is not one of {', '.join(formats)}") from None


class BoundedOutput(BytesIO):
    """A buffer that refuses to outgrow `max_bytes` or to be written past the deadline."""

    def __init__(self, max_bytes: int, started: float, timeout: float | None) -> None:
        super().__init__()
        self._max_bytes = max_bytes
        self._started = started
        self._timeout = timeout

    def write(self, data: "Buffer", /) -> int:
        if self.tell() + memoryview(data).nbytes > self._max_bytes:
            raise too_large(self._max_bytes)
        elapsed = time.monotonic() - self._started
        if self._timeout is not None and elapsed > self._timeout:
            raise timed_out(self._timeout, elapsed)
        return super().write(data)
