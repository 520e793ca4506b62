"""The store seam: what every engine does, whether on disk, in memory or behind a URL."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias, cast

import pyoxigraph as ox

from kg.prefixes import PREFIXES
from kg.sparql_errors import read_only

QueryForm: TypeAlias = Literal["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]
Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Row: TypeAlias = dict[str, Term]

RESULTS_JSON = "application/sparql-results+json"
N_TRIPLES = "application/n-triples"


@dataclass(frozen=True)  # as Result: with slots, dataclasses pickle at Python's pace
class Dataset:
    """The RDF dataset of one query: graph IRIs as the protocol's parameters give them.

    Empty means the store's own: the union of all named graphs as default graph.
    """

    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


WHOLE = Dataset()

# The graph of triples that were written to none: part of the union, and one with a name.
DEFAULT_GRAPH = PREFIXES["graph"] + "default"


def is_built(graph: str) -> bool:
    """Whether a named graph is made from the plans: those under our own namespace are."""
    return graph.startswith(PREFIXES["graph"]) and graph != DEFAULT_GRAPH


@dataclass(frozen=True)
class Result:
    """A query's answer, serialised: `media_type` says in which format `body` (UTF-8) is."""

    form: QueryForm
    media_type: str
    body: bytes = field(repr=False)

    def variables(self) -> list[str]:
        """The variables that a SELECT answered in SPARQL results JSON projects, in its order."""
        return [variable.value for variable in self._solutions().variables]

    def rows(self) -> list[Row]:
        """The solutions of a SELECT answered in SPARQL results JSON, unbound variables absent."""
        solutions = self._solutions()
        names = [variable.value for variable in solutions.variables]
        return [
            {name: term for name in names if (term := solution[name]) is not None}
            for solution in solutions
        ]

    def _solutions(self) -> ox.QuerySolutions:
        if self.form != "SELECT":
            raise TypeError(f"a {self.form} query has no rows")
        solutions = ox.parse_query_results(self.body, format=ox.QueryResultsFormat.JSON)
        return cast(ox.QuerySolutions, solutions)

    def boolean(self) -> bool:
        """The answer of an ASK answered in SPARQL results JSON."""
        if self.form != "ASK":
            raise TypeError(f"a {self.form} query has no boolean")
        return bool(ox.parse_query_results(self.body, format=ox.QueryResultsFormat.JSON))

    def triples(self) -> list[ox.Triple]:
        """The triples of a CONSTRUCT or DESCRIBE answered in N-Triples."""
        quads = ox.parse(self.body, format=ox.RdfFormat.N_TRIPLES)
        return [ox.Triple(q.subject, q.predicate, q.object) for q in quads]


class Store(Protocol):
    """An RDF dataset that answers SPARQL 1.1."""

    def query(
        self,
        text: str,
        *,
        media_type: str | None = None,
        dataset: Dataset = WHOLE,
        base: str = "",
        timeout: float | None = None,
    ) -> Result:
        """Answer one query.

        `media_type` None gives results JSON (SELECT, ASK) or N-Triples (CONSTRUCT, DESCRIBE).
        `base` is the IRI that relative ones are resolved against, `timeout` is in seconds. Raises
        `kg.query.SparqlError` and its kinds: a syntax error, a forbidden feature, a timeout, an
        answer over the size limit.
        """
        ...

    def update(
        self,
        text: str,
        *,
        dataset: Dataset = WHOLE,
        base: str = "",
        timeout: float | None = None,
    ) -> None:
        """Apply one SPARQL update, wholly or not at all.

        `dataset` is what the protocol's using-graph-uri and using-named-graph-uri say, `base` the
        IRI that relative ones are resolved against, `timeout` in seconds. Raises
        `kg.query.SparqlError` and its kinds: read_only where the store takes no updates.
        """
        ...

    def graphs(self) -> Sequence[str]:
        """The IRIs of the named graphs, sorted."""
        ...

    def close(self) -> None:
        """Give back what the engine holds (files, processes)."""
        ...


class ReadOnly:
    """A store that somebody else writes, such as `kg.writer`."""

    def update(
        self,
        text: str,
        *,
        dataset: Dataset = WHOLE,
        base: str = "",
        timeout: float | None = None,
    ) -> None:
        """Always raises SparqlError (read_only)."""
        raise read_only()
