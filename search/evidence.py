"""Why a hit is a hit: the passage that spoke loudest, and the words it shares."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from kg.things import Source
from search.contributions import Contribution
from search.marking import Span
from search.related import Related


@dataclass(frozen=True, slots=True)
class Step:
    """One thing on the path from the strategy down to a hit."""

    iri: str
    code: str
    label: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Marks:
    """Where a text has words of the question, and which others it met (`search.related`)."""

    spans: tuple[Span, ...]
    related: tuple[Related, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a thing is a hit.

    `match` is exact (the question is a label or code of the thing), substring, or near. `passage`
    is the text that spoke loudest, `field` and `language` say what it is, `origin` whose it is
    (IRI). `words` are the words of that passage which the question shares, as they stand there, at
    the half-open character ranges `spans`; `related` are other words of it that words of the
    question met. `labels` has both of the hit's own label, in the languages that asked or are read.
    `contributions` make up the score. `similarity` is the cosine in -1..1,
    `rank_vector`/`rank_words` are 1-based ranks in the two lists (None: not in that list), `path`
    goes from the strategy to the hit, `source` is its place in the plan's document.
    """

    match: Literal["exact", "substring", "near"]
    passage: str
    field: str
    language: str
    origin: str
    words: tuple[str, ...]
    similarity: float
    rank_vector: int | None
    rank_words: int | None
    path: tuple[Step, ...]
    source: Source | None
    spans: tuple[Span, ...]
    related: tuple[Related, ...]
    labels: Mapping[str, Marks]
    contributions: tuple[Contribution, ...]

    @property
    def line(self) -> int | None:
        """The line in the plan's document, from 1."""
        return self.source.line if self.source else None
