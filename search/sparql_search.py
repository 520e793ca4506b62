"""The searcher as what answers `shirube:search` in SPARQL."""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

import numpy as np

from kg.codes import GOALS
from kg.search_arguments import Asked, Narrowing
from kg.searching_store import Found
from search.facets import Filters
from search.index import Mask
from search.language import EASY_JAPANESE
from search.searcher import Searcher


class SparqlSearch:
    """Answers the searches of queries; see `kg.searching_store.Search`."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher

    def allowed(self, option: Literal["lang"] | Narrowing) -> Collection[str]:
        """The values that an option may have."""
        if option == "sdg":
            return GOALS
        return (
            self._searcher.languages if option == "lang" else self._searcher.facets.values(option)
        )

    def search(self, asked: Asked) -> Sequence[Found]:
        """What is found, best first, each by its label."""
        ranked = self._searcher.rank(asked.text, self._among(asked), language=asked.language)
        numbers = ranked.order[: asked.limit]
        languages: Sequence[str | None] = [asked.language] * len(numbers)
        if asked.labelled and not asked.language:  # what matched decides, and only evidence knows
            hits = self._searcher.hits(ranked, numbers, None)
            languages = [_official(one.evidence.language) for one in hits]
        things = [self._searcher.things[n] for n in numbers]
        return [
            _found(thing.iri, round(score, 6), thing.label, language)
            for thing, score, language in zip(things, ranked.scores, languages, strict=False)
        ]

    def _among(self, asked: Asked) -> Mask | None:
        if not asked.types and not asked.narrowed:
            return None
        filters: Filters = {
            "policy": asked.values("policy"),
            "goal": asked.values("sdg"),
            "plan": asked.values("plan"),
        }
        among = self._searcher.facets.passing(filters)
        types = [thing.type for thing in self._searcher.things]
        return among & np.isin(types, asked.types) if asked.types else among


def _official(language: str) -> str:
    """The language of the labels beside a text: who does not ask for rewordings gets none."""
    return "ja" if language == EASY_JAPANESE else language


def _found(iri: str, score: float, label: Mapping[str, str], language: str | None) -> Found:
    """A thing by its label in a language, or in one that it has."""
    tag = language if language and language in label else next(iter(label))
    return Found(iri, score, label[tag], tag)
