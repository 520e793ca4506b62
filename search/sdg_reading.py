"""Texts as the judges read them: spans, each with its vector and its words, many texts at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from search.analysis import vocabulary
from search.encoder import Encoder, Vectors, unit_rows
from search.sdg_spans import Span, split


@dataclass(frozen=True, slots=True)
class Reading:
    """One text: its spans, their unit rows (spans, dimensions), and the words of each span."""

    spans: Sequence[Span]
    vectors: Vectors
    words: Sequence[Sequence[str]]

    @property
    def vector(self) -> Vectors:
        """The whole text as one unit row, shape (dimensions,): every span counts alike."""
        row: Vectors = unit_rows(self.vectors.mean(axis=0, keepdims=True))[0]
        return row

    @property
    def vocabulary(self) -> list[str]:
        """The different words of the whole text, in the order of the alphabet."""
        return sorted({word for words in self.words for word in words})


def terms(text: str) -> Sequence[str]:
    """The words by which a text and the SDGs meet: no bigrams, no numbers, they meet by chance.

    Each is there once, in the order of the alphabet.
    """
    said = vocabulary(text)
    return sorted(term for term in said if term.isalpha() or any(map(str.isalpha, term)))


def read(texts: Sequence[str], encoder: Encoder) -> list[Reading]:
    """Each text read; one without words, or with nothing but names, has no spans."""
    if not texts:
        return []
    spans = [split(text) for text in texts]
    vectors = encoder.encode_query([span.plain for found in spans for span in found])
    ends = np.cumsum([len(found) for found in spans])[:-1]
    return [
        Reading(found, rows, [terms(span.plain) for span in found])
        for found, rows in zip(spans, np.split(vectors, ends), strict=True)
    ]
