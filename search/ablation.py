"""What each part of the ranking adds: the same questions answered with less, and by simpler peers.

Each ranking is a `search.evaluate.Run`. They come from the poorest to the richest, so that the
difference of two neighbours is what a part is worth.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from search.build import build_index, open_index
from search.encoder import Encoder
from search.evaluate import JudgedQuestion, Run
from search.index import Mask
from search.lexical import LexicalIndex
from search.passage import Field, names
from search.question import read_question
from search.ranking import FIELD_WEIGHTS, OWN_FIELDS, Ranker, Ranking
from search.searcher import Searcher

if TYPE_CHECKING:  # it brings in rdflib
    from kg.catalog import Catalog

_NEXT_TO_NOTHING = 1e-6  # a weight: what is divided by it must stay a number
DEPTH = 100  # things of a ranking that are measured

Answered = Callable[[str], Sequence[str]]
"""The IRIs of the things that an answer names, best first; none where nothing is claimed."""


class Ablation:
    """Rankings of one catalog's things by parts of the whole."""

    def __init__(self, catalog: "Catalog", encoder: Encoder) -> None:
        self._catalog = catalog
        self._encoder = encoder
        self._things = list(catalog.things.values())
        with TemporaryDirectory() as folder:
            build_index(catalog, encoder, Path(folder))
            self._indexes = open_index(catalog, encoder, Path(folder))
        self._ranker = Ranker(self._indexes, len(self._things))
        self.searcher = Searcher(catalog, encoder, self._indexes)

    def runs(self, answered: Answered | None = None) -> dict[str, Run]:
        """Each ranking by its name; the last one only with what answers by named queries."""
        weights: dict[Field, float] = {
            field: weight * (1.0 if field in OWN_FIELDS else _NEXT_TO_NOTHING)
            for field, weight in FIELD_WEIGHTS.items()
        }
        alone = Ranker(self._indexes, len(self._things), weights)
        found: dict[str, Run] = {
            "BM25 over labels": self._labels(),
            "BM25": self._by(alone, lambda ranking: ranking.words),
            "dense": self._by(alone, lambda ranking: ranking.meaning),
            "fused": self._by(alone, lambda ranking: ranking.fused),
            "+ context": self._by(self._ranker, lambda ranking: ranking.fused),
            "+ understanding": self.search,
        }
        if answered is not None:
            found["+ answers"] = self._answering(answered)
        return found

    def dense(self) -> Run:
        """By the vectors alone: what another encoder is worth, all else being equal."""
        return self._by(self._ranker, lambda ranking: ranking.meaning)

    def search(self, question: JudgedQuestion) -> Sequence[str]:
        """As every face of shirube answers."""
        ranked = self.searcher.rank(question.q, self._among(question))
        return [self._things[n].code for n in ranked.order[:DEPTH]]

    def _by(self, ranker: Ranker, part: Callable[[Ranking], NDArray[np.float64]]) -> Run:
        def run(question: JudgedQuestion) -> Sequence[str]:
            asked = read_question(question.q)
            query = self._encoder.encode_query([asked.core or asked.text])
            return self._codes(part(ranker.rank(asked, query, self._among(question))))

        return run

    def _labels(self) -> Run:
        """What a search over names alone would find, in every language that has them."""
        index = LexicalIndex.build([" ".join(names(thing)) for thing in self._things])

        def run(question: JudgedQuestion) -> Sequence[str]:
            scores = index.scores(read_question(question.q).tokens).astype(np.float64)
            return self._codes(np.where(self._among(question), scores, 0.0))

        return run

    def _answering(self, answered: Answered) -> Run:
        def run(question: JudgedQuestion) -> Sequence[str]:
            among = self._among(question)
            allowed = {thing.iri for n, thing in enumerate(self._things) if among[n]}
            named = [iri for iri in answered(question.q) if iri in allowed]
            codes = [self._catalog.things[iri].code for iri in named]
            return list(dict.fromkeys([*codes, *self.search(question)]))

        return run

    def _codes(self, scores: NDArray[np.float64]) -> list[str]:
        order = np.argsort(-scores, kind="stable")[:DEPTH]
        return [self._things[n].code for n in order if scores[n] > 0]

    def _among(self, question: JudgedQuestion) -> Mask:
        fits = [not question.type or thing.type == question.type for thing in self._things]
        return np.array(fits, dtype=np.bool_)
