"""Why a hit is a hit: the passage that spoke loudest, and the words it shares."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from search.analysis import Token, analyse


@dataclass(frozen=True, slots=True)
class Step:
    """One thing on the path from the strategy down to a hit."""

    iri: str
    code: str
    label: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a thing is a hit.

    `match` is exact (the question is a label or code of the thing), substring, or near. `passage`
    is the text that spoke loudest, `field` and `language` say what it is, `origin` whose it is
    (IRI). `words` are the words of that passage which the question shares, as they stand there, at
    the half-open character ranges `spans`; `similarity` is the cosine in -1..1,
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
    spans: tuple[tuple[int, int], ...] = ()


def shared_spans(question: Iterable[Token], passage: str) -> tuple[tuple[int, int], ...]:
    """Where a passage has the question's words, as disjoint character ranges in order.

    Bigrams count only where no word is shared: across a word's edge they mean little to a reader.
    """
    asked = {(token.kind, token.term) for token in question}
    shared = [token for token in analyse(passage) if (token.kind, token.term) in asked]
    words = [token for token in shared if token.kind == "word"]
    spans: list[tuple[int, int]] = []
    for token in words or shared:  # analyse() gives them by their start
        if spans and token.start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], token.end))
        else:
            spans.append((token.start, token.end))
    return tuple(spans)
