"""Functions that neither SPARQL nor the engine has: an error for those who ask one for a value.

Oxigraph refuses every query that names such a function. Its answer is right all the same where
nothing is asked of it, as over no solutions, or of arguments without a value.
"""

from collections.abc import Callable
from typing import TypeVar

import pyoxigraph as ox

from kg.query import Prepared
from kg.sparql_explain import absent_function

MAX_FUNCTIONS = 10  # each costs another reading of the query
T = TypeVar("T")


class AbsentFunctions:
    """Those of one query; each is stood in for by one that has no value, and takes note."""

    def __init__(self, prepared: Prepared) -> None:
        self._prepared = prepared
        self._missing: dict[ox.NamedNode, Exception] = {}
        self._asked: set[ox.NamedNode] = set()

    def stand_in(self, query: Callable[..., T]) -> T:
        """What `query` answers, given `custom_functions`. Raises what it raises otherwise."""
        while True:
            stand_ins = {name: self._noting(name) for name in self._missing}
            try:
                return query(custom_functions=stand_ins)
            except RuntimeError as error:
                iri = absent_function(error)
                name = ox.NamedNode(iri) if iri else None
                if name is None or name in stand_ins or len(stand_ins) == MAX_FUNCTIONS:
                    raise
                self._missing[name] = self._prepared.explain_failure(error)

    def refuse_if_asked(self) -> None:
        """Raises SparqlError (unsupported) where a value was asked of one of them."""
        for name in self._asked:
            raise self._missing[name]

    def _noting(self, name: ox.NamedNode) -> Callable[..., None]:
        def note(*_: object) -> None:
            self._asked.add(name)

        return note
