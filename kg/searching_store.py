"""A store whose queries may search: every `shirube:search` is answered first, by our searcher.

What it finds goes into the query as VALUES before any engine sees it, so it works alike on disk,
in memory and behind a URL, and joins with the rest of the query like any other pattern.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, Protocol

import pyoxigraph as ox

from kg.query import refuse_service
from kg.search_arguments import Asked, Narrowing
from kg.search_calls import Call, calls_of, may_call
from kg.sparql_errors import SparqlError, moved
from kg.sparql_reader import Reading, read
from kg.store import WHOLE, Dataset, Result, Store

_REMEMBERED = 64  # searches
_DOUBLE = ox.NamedNode("http://www.w3.org/2001/XMLSchema#double")


@dataclass(frozen=True, slots=True)
class Found:
    """One thing found: `score` in 0..1, higher is better; `literal` its label in `language`.

    Any of its labels where none is wanted.
    """

    iri: str
    score: float
    literal: str
    language: str


class Search(Protocol):
    """What answers `shirube:search`; safe to use from many threads."""

    def allowed(self, option: Literal["lang"] | Narrowing) -> Collection[str]:
        """The values that an option may have: `lang` the tags that labels are in, in lower case."""
        ...

    def search(self, asked: Asked) -> Sequence[Found]:
        """What is found, best first; at most `asked.limit`."""
        ...


class SearchingStore:
    """A store and a search as one store; `open_search` is called when first a query searches."""

    def __init__(self, store: Store, open_search: Callable[[], Search]) -> None:
        self._store = store
        self._opened = lru_cache(maxsize=1)(open_search)
        self._found = lru_cache(maxsize=_REMEMBERED)(self._search)

    def query(
        self,
        text: str,
        *,
        media_type: str | None = None,
        dataset: Dataset = WHOLE,
        base: str = "",
        timeout: float | None = None,
    ) -> Result:
        """Answer one query; see `kg.store.Store`.

        Also raises SparqlError (syntax, too_deep) for a search that is not as it should be.
        """
        reading = read(text)
        if not may_call(reading):
            return self._store.query(
                text, media_type=media_type, dataset=dataset, base=base, timeout=timeout
            )
        refuse_service(reading)
        expanded = self._expand(reading)
        try:
            return self._store.query(
                expanded.text, media_type=media_type, dataset=dataset, base=base, timeout=timeout
            )
        except SparqlError as error:
            raise expanded.explain(error) from None

    def update(
        self,
        text: str,
        *,
        dataset: Dataset = WHOLE,
        base: str = "",
        timeout: float | None = None,
    ) -> None:
        """Apply one update; see `kg.store.Store`. Updates do not search."""
        self._store.update(text, dataset=dataset, base=base, timeout=timeout)

    def graphs(self) -> Sequence[str]:
        """The IRIs of the named graphs, sorted."""
        return self._store.graphs()

    def close(self) -> None:
        """Close the store; the search is its owner's to close."""
        self._store.close()

    def _search(self, asked: Asked) -> tuple[Found, ...]:
        return tuple(self._opened().search(asked))

    def _expand(self, reading: Reading) -> "_Expansion":
        calls = calls_of(reading, lambda option: self._opened().allowed(option))
        expansion = _Expansion(reading)
        for call in calls.found:
            expansion.insert(call.place, _values(call, self._found(call.asked)))
        for first, stop in calls.removed:
            expansion.remove(first, stop)
        return expansion


class _Expansion:
    """A text being rewritten by whole tokens, that knows the places of the original."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._edits: list[tuple[int, int, str]] = []  # start and end in the source, new text

    def insert(self, before: int, text: str) -> None:
        """Put a text before a token."""
        start = self._reading.tokens[before].start
        self._edits.append((start, start, text))

    def remove(self, first: int, stop: int) -> None:
        """Take out the tokens from `first`, without `stop`."""
        last = self._reading.tokens[stop - 1]
        self._edits.append((self._reading.tokens[first].start, last.start + len(last.text), ""))

    @property
    def text(self) -> str:
        """The text as rewritten so far."""
        return "".join(text for text, *_ in self._stretches())

    def explain(self, error: SparqlError) -> SparqlError:
        """An error about `text` as one about the original."""
        if error.line is None or error.column is None:
            return error
        lines = re.split(r"(\r\n|\r|\n)", self.text)  # each followed by its end
        offset = sum(map(len, lines[: 2 * (error.line - 1)])) + error.column - 1
        passed, place = 0, 0
        for text, origin, is_kept in self._stretches():
            if passed <= offset and text:
                place = origin + (offset - passed if is_kept else 0)
            passed += len(text)
        return moved(error, self._reading.source.place(place))

    def _stretches(self) -> Iterator[tuple[str, int, bool]]:
        """The parts of the text, where in the source each belongs, and whether it is from there."""
        source, taken = self._reading.source.text, 0
        for start, end, text in sorted(self._edits, key=lambda edit: edit[:2]):
            yield source[taken:start], taken, True
            yield text, start, False
            taken = end
        yield source[taken:], taken, True


def _values(call: Call, found: Sequence[Found]) -> str:
    """What was found as a VALUES block, its terms in the form of N-Triples, which SPARQL shares."""
    names = [f"?{name}" for name in call.variables if name]
    rows = []
    for one in found:
        score = ox.Literal(repr(one.score), datatype=_DOUBLE)
        terms = ox.NamedNode(one.iri), score, ox.Literal(one.literal, language=one.language)
        wanted = [str(t) for t, name in zip(terms, call.variables, strict=True) if name]
        rows.append(f"({' '.join(wanted)})")
    return f"VALUES ({' '.join(names)}) {{ {' '.join(rows)} }} "
