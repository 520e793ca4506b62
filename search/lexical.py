"""The words: BM25 over the terms of `search.analysis`.

The weights are computed once, when building, by `bm25s` (Lù 2024: a sparse matrix of every term's
score in every row; Robertson's BM25 as Lucene has it). Answering adds a few of its columns.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import partial, reduce
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.analysis import Token, analyse
from search.index import Ids, Scores

# A bigram is weaker evidence than a word, and a word brings several of them along.
GRAM_WEIGHT = 0.3
_K1 = 1.2
_B = 0.5  # labels: a longer one is more precise rather than more verbose


class LexicalIndex:
    """BM25 scores of rows for questions; made by `build` or `open`."""

    def __init__(
        self,
        vocabulary: dict[str, int],
        starts: NDArray[np.int64],
        rows: NDArray[np.int32],
        scores: Scores,
        size: int,
    ) -> None:
        self._vocabulary = vocabulary
        self._starts = starts
        self._rows = rows
        self._scores = scores
        self._peaks = np.maximum.reduceat(scores, starts[:-1]) if vocabulary else scores[:0]
        self._highest_peak = float(self._peaks.max(initial=0.0))
        self.size = size

    @classmethod
    def build(cls, texts: Sequence[str]) -> "LexicalIndex":
        """Index the texts; a row's number is its place among them."""
        import bm25s  # brings in scipy, which answering a question does not need

        rows = [[_key(token) for token in analyse(text)] for text in texts]
        vocabulary = {key: n for n, key in enumerate(sorted({k for row in rows for k in row}))}
        if not vocabulary:
            nothing = np.zeros(0, dtype=np.int32)
            return cls({}, np.zeros(1, np.int64), nothing, nothing.astype(np.float32), len(texts))
        model = bm25s.BM25(k1=_K1, b=_B, method="lucene")
        ids = [[vocabulary[key] for key in row] for row in rows]
        model.index((ids, vocabulary), show_progress=False)
        return cls(
            vocabulary,
            np.asarray(model.scores["indptr"], dtype=np.int64),
            np.asarray(model.scores["indices"], dtype=np.int32),
            np.asarray(model.scores["data"], dtype=np.float32),
            len(texts),
        )

    @classmethod
    def open(cls, folder: Path) -> "LexicalIndex":
        """Read what `save` wrote. Raises OSError, ValueError or KeyError when it is damaged."""
        words = json.loads((folder / "vocabulary.json").read_text(encoding="utf-8"))
        starts, rows, scores = (
            np.load(folder / f"{name}.npy", allow_pickle=False)
            for name in ("starts", "rows", "scores")
        )
        vocabulary = {key: n for n, key in enumerate(words["terms"])}
        return cls(vocabulary, starts, rows, scores, int(words["rows"]))

    def save(self, folder: Path) -> None:
        """Write the index into a folder, without pickles."""
        folder.mkdir(parents=True, exist_ok=True)
        words = {"rows": self.size, "terms": list(self._vocabulary)}
        (folder / "vocabulary.json").write_text(
            json.dumps(words, ensure_ascii=False), encoding="utf-8"
        )
        arrays: dict[str, NDArray[Any]] = {
            "starts": self._starts,
            "rows": self._rows,
            "scores": self._scores,
        }
        for name, array in arrays.items():
            np.save(folder / f"{name}.npy", array, allow_pickle=False)

    def knows(self, word: str) -> bool:
        """Whether any row has a word, in the form that `search.analysis` gives it."""
        return f"w:{word}" in self._vocabulary

    def scores(self, question: Iterable[Token]) -> Scores:
        """The BM25 score of every row for a question's tokens, shape (size,); 0 without a match."""
        total = np.zeros(self.size, dtype=np.float32)
        for rows, scores in self._postings(question):
            total[rows] += scores
        return total

    def highest(self, question: Iterable[Token]) -> float:
        """What a text with every word of the question would score.

        A word that no text has counts as much as the most telling one that some text has.
        """
        return sum(
            weight * (self._highest_peak if column is None else float(self._peaks[column]))
            for column, weight in self._columns(question)
        )

    def having(self, terms: Iterable[Token]) -> Ids:
        """The rows that have every one of some terms, in order; none where no term is given."""
        listed: list[NDArray[Any]] = [self._listed(key) for key in {_key(token) for token in terms}]
        if not listed:
            return np.zeros(0, np.int64)
        return reduce(partial(np.intersect1d, assume_unique=True), listed).astype(np.int64)

    def _listed(self, key: str) -> NDArray[np.int32]:
        column = self._vocabulary.get(key)
        if column is None:
            return self._rows[:0]
        return self._rows[self._starts[column] : self._starts[column + 1]]

    def _postings(self, question: Iterable[Token]) -> Iterator[tuple[NDArray[np.int32], Scores]]:
        for column, weight in self._columns(question):
            if column is not None:
                here = slice(self._starts[column], self._starts[column + 1])
                yield self._rows[here], np.float32(weight) * self._scores[here]

    def _columns(self, question: Iterable[Token]) -> Iterator[tuple[int | None, float]]:
        for key in dict.fromkeys(_key(token) for token in question):
            yield self._vocabulary.get(key), GRAM_WEIGHT if key[0] == "g" else 1.0


def _key(token: Token) -> str:
    """A term with its kind before it, so that the word 若者 and the bigram 若者 stay apart."""
    return f"{token.kind[0]}:{token.term}"
