"""Short questions about the parts of a query, put to its store within one small budget."""

import time

from kg.sparql_errors import SparqlError
from kg.sparql_groups import QueryGroups, Span
from kg.sparql_hints import as_written
from kg.sparql_reader import Reading
from kg.store import WHOLE, Dataset, Result, Store

_MAX_QUESTIONS = 100


class SpentError(Exception):
    """The time or the number of questions is used up."""


class Probe:
    """Asks for patterns under the prefixes and the dataset of a query.

    `graphs` are those that the dataset names, each as SPARQL writes it, with the tokens to blame.
    Every method raises SpentError when `budget` (seconds, for all together) is used up, and
    SparqlError where the store refuses.
    """

    def __init__(
        self,
        store: Store,
        reading: Reading,
        groups: QueryGroups,
        dataset: Dataset,
        budget: float,
    ) -> None:
        self._store = store
        self._dataset = dataset
        self._deadline = time.monotonic() + budget
        self._left = _MAX_QUESTIONS
        self._prologue = reading.source.text[: reading.tokens[groups.form].start]
        clauses = _dataset_clauses(reading, groups)
        self._from = " ".join(as_written(reading, clause) for clause, _ in clauses)
        # What the protocol's parameters say holds, and the query's own clauses do not.
        self.graphs = [(f"<{iri}>", (groups.form, groups.form + 1)) for iri in _iris(dataset)] or [
            (as_written(reading, iri), iri) for _, iri in clauses
        ]

    def matches(self, pattern: str) -> bool:
        """Whether a pattern has a solution."""
        return self._ask("ASK", pattern).boolean()

    def has_graph(self, name: str) -> bool:
        """Whether a named graph, given as the query would write it, holds anything."""
        anything = f"{{ GRAPH {name} {{ ?shirube_s ?shirube_p ?shirube_o }} }}"
        return self._run(f"{self._prologue} ASK {anything}", WHOLE).boolean()

    def count(self, pattern: str) -> int | None:
        """How many solutions a pattern has; None where counting them takes too long."""
        try:
            (row,) = self._ask("SELECT (COUNT(*) AS ?shirube_n)", pattern).rows()
        except (SparqlError, SpentError):
            return None
        return int(row["shirube_n"].value)  # type: ignore[union-attr]

    def value(self, variable: str, pattern: str) -> str | None:
        """One value that a variable has in a pattern, as SPARQL writes it; None without any."""
        rows = self._ask(f"SELECT ?{variable}", pattern, "LIMIT 1").rows()
        return str(rows[0][variable]) if rows else None

    def _ask(self, form: str, pattern: str, modifiers: str = "") -> Result:
        text = f"{self._prologue} {form} {self._from} {{ {pattern} }} {modifiers}"
        return self._run(text, self._dataset)

    def _run(self, text: str, dataset: Dataset) -> Result:
        left = self._deadline - time.monotonic()
        self._left -= 1
        if left <= 0 or self._left < 0:
            raise SpentError
        return self._store.query(text, dataset=dataset, timeout=left)


def _iris(dataset: Dataset) -> list[str]:
    return [*dataset.default, *dataset.named]


def _dataset_clauses(reading: Reading, groups: QueryGroups) -> list[tuple[Span, Span]]:
    """Each FROM and FROM NAMED of a query: the whole clause, and its IRI."""
    end = groups.where.span[0] if groups.where else len(reading.tokens)
    clauses: list[tuple[Span, Span]] = []
    for n in range(groups.form, end):
        if reading.tokens[n].is_word("FROM"):
            iri = n + 2 if reading.tokens[n + 1].is_word("NAMED") else n + 1
            clauses.append(((n, iri + 1), (iri, iri + 1)))
    return clauses
