"""Fusion of vectors and words into ranked hits that say why they are hits."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from kg.plan import ThingType


@dataclass(frozen=True, slots=True)
class Step:
    """One thing on the path from the strategy down to a hit."""

    iri: str
    code: str
    label: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a thing is a hit.

    `match` is exact (a label equals the question), substring, or near. `passage` is the text that
    spoke loudest, `field` and `language` say what it is, `origin` whose it is (IRI). `words` are
    the words of that passage which the question shares, `similarity` is the cosine in -1..1,
    `rank_vector`/`rank_words` are 1-based ranks in the two lists (None: not in that list),
    `path` goes from the strategy to the hit, `line` is the line in the source document.
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
    line: int | None


@dataclass(frozen=True, slots=True)
class Hit:
    """One answer to a question; `score` falls strictly in the order of the hits, in 0..1."""

    iri: str
    code: str
    type: ThingType
    label: Mapping[str, str]
    score: float
    evidence: Evidence
