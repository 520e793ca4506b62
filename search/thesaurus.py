"""Words for the same thing: what plans call it, what people say, in every language at hand.

`thesaurus.csv` has a row for each concept of local government: the terms by which a plan's text
names it, and phrases that mean it. A text that names a concept answers questions that mean it.
"""

import csv
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from search.encoder import Encoder, Vectors
from search.index import Ids, Scores
from search.labels import spaced, stands_whole

THESAURUS = Path(__file__).parent / "thesaurus.csv"
_TERMS = ("concept", "also")
_SEPARATOR = ";"
# A concept that a question means less than this, in similarity less the centre's, is not meant.
LEAST = 0.15
# What such a text counts beside one that the question itself is near to; as `LEAST`, the best of a
# few on development questions.
WEIGHT = 0.7


@dataclass(frozen=True, slots=True)
class Concept:
    """`terms` are how Japanese plans name it, `phrases` what it is called, by language tag."""

    terms: tuple[str, ...]
    phrases: Mapping[str, tuple[str, ...]]

    @property
    def usual(self) -> tuple[str, ...]:
        """The usual term of each other language."""
        return tuple(said[0] for tag, said in self.phrases.items() if tag != "plain" and said)

    @property
    def names(self) -> tuple[str, ...]:
        """What names it in a plan's text: its terms, and the usual term of each language."""
        return (*self.terms, *self.usual)

    @property
    def said(self) -> tuple[str, ...]:
        """Everything that means it."""
        return (*self.terms, *(one for said in self.phrases.values() for one in said))


@lru_cache(maxsize=1)
def read_thesaurus(path: Path = THESAURUS) -> tuple[Concept, ...]:
    """Every concept, in the order of the file."""
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(
            Concept(
                tuple(one for column in _TERMS for one in _split(row[column])),
                {tag: _split(text) for tag, text in row.items() if tag not in _TERMS},
            )
            for row in csv.DictReader(file)
        )


def thesaurus_digest(path: Path = THESAURUS) -> str:
    """SHA-256 (hex) of the file: an index made with another is stale."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Concepts:
    """The concepts that some texts name, with the vectors of what means them.

    `vectors` (phrases, dimensions) are of all that means one of them, `of_phrase` numbers each
    one's concept; concept c is named by the texts `rows[starts[c]:starts[c + 1]]`.
    """

    def __init__(self, vectors: Vectors, of_phrase: Ids, starts: Ids, rows: Ids) -> None:
        self._vectors = vectors
        self._of_phrase = of_phrase
        self._starts = starts
        self._rows = rows
        self.size = len(starts) - 1

    @classmethod
    def build(
        cls, texts: Sequence[str], encoder: Encoder, thesaurus: Sequence[Concept]
    ) -> "Concepts":
        """Find which texts name which concepts, and encode what means those that are named."""
        keys = [spaced(text) for text in texts]
        named = [(one, rows) for one in thesaurus if (rows := _naming(one, keys))]
        phrases = [(phrase, n) for n, (one, _) in enumerate(named) for phrase in one.said]
        return cls(
            encoder.encode_query([phrase for phrase, _ in phrases]),
            np.array([n for _, n in phrases], dtype=np.int64),
            np.cumsum([0, *(len(rows) for _, rows in named)], dtype=np.int64),
            np.array([row for _, rows in named for row in rows], dtype=np.int64),
        )

    @classmethod
    def open(cls, path: Path) -> "Concepts":
        """Read what `save` wrote. Raises OSError, ValueError or KeyError when it is damaged."""
        with np.load(path, allow_pickle=False) as stored:
            vectors = stored["vectors"].astype(np.float32)
            return cls(vectors, stored["of_phrase"], stored["starts"], stored["rows"])

    def save(self, path: Path) -> None:
        """Write them to a file, the vectors in half precision."""
        np.savez(
            path,
            vectors=self._vectors.astype(np.float16),
            of_phrase=self._of_phrase,
            starts=self._starts,
            rows=self._rows,
        )

    def scores(self, question: Vectors, texts: int) -> Scores:
        """How much each text names what a question means, shape (texts,); 0 where it does not.

        `question` is its vector less the centre of all texts, shape (1, dimensions).
        """
        scores = np.zeros(texts, dtype=np.float32)
        meant = np.zeros(self.size, dtype=np.float32)
        np.maximum.at(meant, self._of_phrase, self._vectors @ question[0])
        for concept in np.flatnonzero(meant >= LEAST):
            here = self._rows[self._starts[concept] : self._starts[concept + 1]]
            scores[here] = np.maximum(scores[here], WEIGHT * meant[concept])
        return scores


def _naming(concept: Concept, keys: Sequence[str]) -> list[int]:
    """The numbers of the texts, as `spaced` has them, in which a name of the concept stands."""
    names = [spaced(name) for name in concept.names]
    return [row for row, key in enumerate(keys) if any(stands_whole(key, name) for name in names)]


def _split(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.split(_SEPARATOR) if one.strip())
