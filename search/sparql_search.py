"""The searcher as what answers `shirube:search` in SPARQL."""

from collections.abc import Collection, Sequence

from kg.search_arguments import Asked
from kg.searching_store import Found
from search.searcher import Hit, Searcher


class SparqlSearch:
    """Answers the searches of queries; see `kg.searching_store.Search`."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher

    def languages(self) -> Collection[str]:
        """The language tags that labels are in."""
        return self._searcher.languages

    def search(self, asked: Asked) -> Sequence[Found]:
        """What is found, best first, each by its label."""
        hits = self._searcher.search(
            asked.text, types=asked.types, language=asked.language, limit=asked.limit
        )
        return [_found(hit, asked.language or hit.evidence.language) for hit in hits]


def _found(hit: Hit, language: str) -> Found:
    """A hit by its label in a language, or in one that it has."""
    tag = language if language in hit.label else next(iter(hit.label))
    return Found(hit.iri, hit.score, hit.label[tag], tag)
