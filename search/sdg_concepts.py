"""The SDGs as a judge reads them: every wording of every goal and target, as vectors and words."""

import csv
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kg.catalog import SdgConcept
from kg.codes import goal_of, natural
from search.encoder import Encoder, Vectors
from search.sdg_spans import split

Matrix = NDArray[np.float32]
# What a Japanese local government calls the work that a target asks for; ours, in ja and en. The
# targets speak of nations: 国土強靱化 or UIターン share no word with them.
PRACTICE = Path(__file__).parent / "sdg_practice.csv"
_LANGUAGES = ("ja", "en")
_BLOCK = 512  # spans at once: a text of a megabyte must not need gigabytes
_SATURATION = 1.2  # BM25's k1: a second wording that has the word adds little


@dataclass(frozen=True, slots=True)
class Wording:
    """One text that speaks for the goal or target `sdg`; `official` is the UN's text to show."""

    sdg: str
    language: str
    text: str
    official: str


def wordings(concepts: Sequence[SdgConcept], practice: Path = PRACTICE) -> list[Wording]:
    """Every wording in the order of the UN's codes: an indicator's texts speak for its target."""
    found: list[Wording] = []
    for concept in concepts:
        sdg = ".".join(concept.code.split(".")[:2])
        for labels in (concept.label, concept.short):
            found += [Wording(sdg, tag, text, text) for tag, text in sorted(labels.items())]
    labels_of = {concept.code: concept.label for concept in concepts}
    with practice.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            official = labels_of.get(row["sdg"], {})
            for language in _LANGUAGES:
                if language in official:
                    found += [
                        Wording(row["sdg"], language, phrase, official[language])
                        for phrase in row[language].split(";")
                    ]
    return sorted(dict.fromkeys(found), key=lambda wording: natural(wording.sdg))


Postings = Mapping[str, tuple[NDArray[np.intp], Matrix]]
"""Word -> the columns that have it and its weight there (IDF times saturated count)."""


class ConceptIndex:
    """Scores spans against all goals and targets (`codes`), by meaning and by words.

    Vectors, words: float32 of shape (spans, codes). Meaning is measured in standard deviations
    above what a span of *another* goal scores with the same wording: this takes away the wordings
    that are near to everything, and makes the numbers of different encoders comparable. `vectors`
    are the wordings' rows, `mean` and `deviation` that background, shape (wordings,).
    """

    def __init__(
        self,
        said: Sequence[Wording],
        vectors: Vectors,
        mean: Matrix,
        deviation: Matrix,
        postings: Postings,
    ) -> None:
        self._wordings = said
        self.codes = tuple(dict.fromkeys(wording.sdg for wording in said))
        columns = _columns(said)
        self._starts = np.flatnonzero(np.diff([columns[one.sdg] for one in said], prepend=-1))
        self.vectors = vectors
        self.mean = mean
        self.deviation = deviation
        self.postings = postings

    @classmethod
    def build(
        cls, said: Sequence[Wording], encoder: Encoder, tokens: Callable[[str], Sequence[str]]
    ) -> "ConceptIndex":
        """Read and measure the wordings: it takes seconds; `search.sdg_kept` keeps the outcome."""
        vectors = encoder.encode_document([wording.text for wording in said])
        mean, deviation = _background(said, vectors, encoder)
        return cls(said, vectors, mean, deviation, _postings(said, tokens))

    def meaning(self, vectors: Vectors) -> Matrix:
        """How far each span (a row of `vectors`) stands out from the background, per code."""
        blocks = []
        for start in range(0, len(vectors), _BLOCK):
            distinct = vectors[start : start + _BLOCK] @ self.vectors.T
            distinct -= self.mean
            distinct /= self.deviation
            blocks.append(np.maximum.reduceat(distinct, self._starts, axis=1))
        return np.concatenate(blocks)

    def words(self, spans: Sequence[Sequence[str]]) -> Matrix:
        """How much of the distinctive wording of each code the words of each span are, from 0.

        A span's words are there once each, in one order: sums of floats depend on it.
        """
        scores = np.zeros((len(spans), len(self.codes)), dtype=np.float32)
        for row, tokens in zip(scores, spans, strict=True):
            for token in tokens:
                if token in self.postings:
                    columns, weights = self.postings[token]
                    row[columns] += weights
        return scores

    def wording(self, vector: Vectors, column: int) -> str:
        """The SDG text of the code at `column` that is nearest in meaning to one vector."""
        start = int(self._starts[column])
        end = int(self._starts[column + 1]) if column + 1 < len(self._starts) else None
        near = (self.vectors[start:end] @ vector - self.mean[start:end]) / self.deviation[start:end]
        return self._wordings[start + int(near.argmax())].official


def _columns(said: Sequence[Wording]) -> dict[str, int]:
    codes = dict.fromkeys(wording.sdg for wording in said)
    return {code: column for column, code in enumerate(codes)}


def _background(
    said: Sequence[Wording], vectors: Vectors, encoder: Encoder
) -> tuple[Matrix, Matrix]:
    spans = [
        (goal_of(wording.sdg), span.plain)
        for wording in said
        if wording.language in _LANGUAGES
        for span in split(wording.text)
    ]
    near = encoder.encode_query([text for _, text in spans]) @ vectors.T
    goals = np.array([goal_of(wording.sdg) for wording in said])
    other = np.array([goal for goal, _ in spans])[:, None] != goals[None, :]
    mean = near.mean(axis=0, where=other)
    deviation = near.std(axis=0, where=other)
    return mean.astype(np.float32), np.maximum(deviation, 1e-3).astype(np.float32)


def _postings(said: Sequence[Wording], tokens: Callable[[str], Sequence[str]]) -> Postings:
    counts: dict[str, Counter[int]] = defaultdict(Counter)
    columns = _columns(said)
    for wording in said:
        for token in set(tokens(wording.text)):
            counts[token][columns[wording.sdg]] += 1
    postings = {}
    for token, found in sorted(counts.items()):
        idf = math.log(1 + (len(columns) - len(found) + 0.5) / (len(found) + 0.5))
        count = np.fromiter(found.values(), dtype=np.float32)
        weight = idf * count / (count + _SATURATION)
        postings[token] = (np.fromiter(found, dtype=np.intp), weight.astype(np.float32))
    return postings
