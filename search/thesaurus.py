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
from typing import Any

import numpy as np
from numpy.typing import NDArray

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

    Concept c is meant by the phrases `vectors[phrases[c]:phrases[c + 1]]`, of which it has one at
    least, and named by the texts `rows[starts[c]:starts[c + 1]]`.
    """

    def __init__(self, vectors: Vectors, phrases: Ids, starts: Ids, rows: Ids) -> None:
        self._vectors = vectors
        self._phrases = phrases
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
        return cls(
            encoder.encode_query([phrase for one, _ in named for phrase in one.said]),
            _ends([len(one.said) for one, _ in named]),
            _ends([len(rows) for _, rows in named]),
            np.array([row for _, rows in named for row in rows], dtype=np.int64),
        )

    @classmethod
    def open(cls, folder: Path) -> "Concepts":
        """Read what `save` wrote, the vectors left on the disk.

        Raises OSError or ValueError when it is damaged.
        """
        vectors = np.load(folder / "vectors.npy", mmap_mode="r", allow_pickle=False)
        phrases, starts, rows = (
            np.load(folder / f"{name}.npy", allow_pickle=False)
            for name in ("phrases", "starts", "rows")
        )
        return cls(np.asarray(vectors), phrases, starts, rows)

    def save(self, folder: Path) -> None:
        """Write them into a folder: the vectors as precise as 16 bits, and as they are used."""
        folder.mkdir(parents=True, exist_ok=True)
        arrays: dict[str, NDArray[Any]] = {
            "vectors": self._vectors.astype(np.float16).astype(np.float32),
            "phrases": self._phrases,
            "starts": self._starts,
            "rows": self._rows,
        }
        for name, array in arrays.items():
            np.save(folder / f"{name}.npy", array, allow_pickle=False)

    def scores(self, question: Vectors, texts: int) -> Scores:
        """How much each text names what a question means, shape (texts,); 0 where it does not.

        `question` is its vector less the centre of all texts, shape (1, dimensions).
        """
        scores = np.zeros(texts, dtype=np.float32)
        if not self.size:
            return scores
        meant = np.maximum.reduceat(self._vectors @ question[0], self._phrases[:-1])
        for concept in np.flatnonzero(meant >= LEAST):
            here = self._rows[self._starts[concept] : self._starts[concept + 1]]
            scores[here] = np.maximum(scores[here], WEIGHT * meant[concept])
        return scores


def _ends(lengths: Sequence[int]) -> Ids:
    """Where runs of some lengths end that follow one another, after a 0."""
    return np.cumsum([0, *lengths], dtype=np.int64)


def _naming(concept: Concept, keys: Sequence[str]) -> list[int]:
    """The numbers of the texts, as `spaced` has them, in which a name of the concept stands."""
    names = [spaced(name) for name in concept.names]
    return [row for row, key in enumerate(keys) if any(stands_whole(key, name) for name in names)]


def _split(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.split(_SEPARATOR) if one.strip())
