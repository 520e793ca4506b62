"""How well each thing of a catalog answers a question: vectors and words, fused."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.encoder import Vectors
from search.fusion import ranks
from search.index import Ids, Mask, Scores, VectorIndex
from search.lexical import LexicalIndex
from search.name_index import NameIndex
from search.passage import Field
from search.question import Question
from search.rows import Rows
from search.thesaurus import Concepts

# How much a text counts for a thing, by what it is to it; tuned on development questions.
FIELD_WEIGHTS: Mapping[Field, float] = {
    "label": 1.0,
    "text": 0.7,
    "child": 0.6,
    "component": 0.8,
    "parent": 0.7,
    "kpi": 0.6,
}
# Each further step between a text's owner and the thing makes it count so much less.
DISTANCE_DECAY = 0.9
# What the question's words count beside its meaning: a thing that has them all gains so much.
WORDS_WEIGHT = 0.3
OWN_FIELDS: frozenset[Field] = frozenset(("label", "text"))  # what a thing says of itself
DEPTH = 1_000  # rows taken from each list before they are gathered into things


@dataclass(frozen=True, slots=True)
class Indexes:
    """What `search.build` makes of a catalog: its rows, and two indexes of them by number.

    `centre` is the mean of the rows' vectors, shape (dimensions,); `concepts` are those of the
    thesaurus that the rows name, `names` all that texts may name; `digest` (hex) moves when any of
    them does.
    """

    rows: Rows
    vectors: VectorIndex
    centre: NDArray[np.float32]
    words: LexicalIndex
    concepts: Concepts
    names: NameIndex
    digest: str


@dataclass(frozen=True, slots=True)
class Ranking:
    """Per thing, shape (things,): its `meaning` (0 and up: how much nearer to the question than
    the plans' texts are on average), its share of the question's `words` (0..1), and its 1-based
    places by either (0: not in that list). Per row, `concepts` is what it gains by those it names.
    """

    meaning: NDArray[np.float64]
    words: NDArray[np.float64]
    by_vector: NDArray[np.int64]
    by_words: NDArray[np.int64]
    concepts: Scores

    @property
    def listed(self) -> Mask:
        """The things that are in either list."""
        listed: Mask = (self.by_vector > 0) | (self.by_words > 0)
        return listed

    def or_by(self, other: "Ranking") -> "Ranking":
        """The same question read in two ways: each thing as the better of them has it."""
        return Ranking(
            np.maximum(self.meaning, other.meaning),
            np.maximum(self.words, other.words),
            np.where(self.by_vector > 0, self.by_vector, other.by_vector),
            np.where(self.by_words > 0, self.by_words, other.by_words),
            np.maximum(self.concepts, other.concepts),
        )

    @property
    def fused(self) -> NDArray[np.float64]:
        """Both together: a convex combination (Bruch, Gai & Ingber, TOIS 2023), up to its scale."""
        return self.meaning + WORDS_WEIGHT * self.words


@dataclass(frozen=True, slots=True)
class Texts:
    """What the passages of one thing say to a question, each of shape (passages,).

    `cosines` are with its vector, `nearness` is that less what it owes to the centre, `words` are
    BM25 scores, `concepts` what it gains by the concepts of the thesaurus that it names.
    """

    passages: Ids
    cosines: Scores
    nearness: Scores
    words: Scores
    concepts: Scores


@dataclass(frozen=True, slots=True)
class OwnTexts:
    """What a thing's own texts alone add to its place, without those above and below it.

    `meaning` and `words` are as in `Ranking`; `thesaurus` is what concepts that they name add to
    the meaning.
    """

    meaning: float
    words: float
    thesaurus: float

    def or_by(self, other: "OwnTexts") -> "OwnTexts":
        """The same question read in two ways, as `Ranking.or_by`."""
        meaning = max(self.meaning, other.meaning)
        both = max(self.meaning + self.thesaurus, other.meaning + other.thesaurus)
        return OwnTexts(meaning, max(self.words, other.words), both - meaning)


class Ranker:
    """Ranks the things of one catalog; safe to use from many threads."""

    def __init__(
        self,
        indexes: Indexes,
        things: int,
        field_weights: Mapping[Field, float] = FIELD_WEIGHTS,
    ) -> None:
        self._rows = indexes.rows
        self._vectors = indexes.vectors
        self._centre = indexes.centre
        self._words = indexes.words
        self._concepts = indexes.concepts
        self._size = things
        self.weights = np.array(
            [
                field_weights[passage.field] * DISTANCE_DECAY ** max(0, passage.distance - 1)
                for passage in indexes.rows.passages
            ],
            dtype=np.float32,
        )

        self._is_own = np.array(
            [passage.field in OWN_FIELDS for passage in indexes.rows.passages], dtype=np.bool_
        )

    def rank(self, asked: Question, query: Vectors, allowed: Mask) -> Ranking:
        """Rank the allowed things; `query` is the question's vector, shape (1, dimensions)."""
        row_mask = self._rows.of_things(allowed)
        question = query - self._centre if query.any() else query
        concepts = self._concepts.scores(question, len(row_mask)) * row_mask
        near, has_vector = self._things_of(*self._nearest(question, concepts, row_mask), allowed)
        shared = np.where(row_mask, self._words.scores(asked.tokens), 0.0).astype(np.float32)
        worded = _best(shared, DEPTH)
        loudest, has_words = self._things_of(worded, shared[worded], allowed)
        highest = self._words.highest(asked.tokens) or 1.0
        return Ranking(
            np.where(has_vector, np.maximum(near, 0.0), 0.0).astype(np.float64),
            np.where(has_words, np.minimum(loudest / highest, 1.0), 0.0).astype(np.float64),
            ranks(near, has_vector),
            ranks(loudest, has_words),
            concepts,
        )

    def words(self, asked: Question) -> Scores:
        """What each row has of a question's words, as `texts` needs it for thing after thing."""
        return self._words.scores(asked.tokens)

    def texts(self, thing: int, query: Vectors, words: Scores, ranking: Ranking) -> Texts:
        """What each passage of a ranked thing says; `words` are of each row."""
        passages = self._rows.passages_of_thing(thing)
        rows = self._rows.row_of[passages]
        vectors = self._vectors.rows(rows)
        cosines = vectors @ query[0]
        nearness = cosines - vectors @ self._centre if query.any() else cosines
        return Texts(passages, cosines, nearness, words[rows], ranking.concepts[rows])

    def own_texts(self, texts: Texts, asked: Question) -> OwnTexts:
        """The part of a thing's place that its own texts speak for."""
        own = self._is_own[texts.passages]
        weights = self.weights[texts.passages][own]
        meaning, words, concepts = (
            float((weights * values[own]).max(initial=0.0))
            for values in (texts.nearness, texts.words, texts.concepts)
        )
        share = min(words / (self._words.highest(asked.tokens) or 1.0), 1.0)
        return OwnTexts(meaning, share, max(0.0, concepts - meaning))

    def _nearest(self, question: Vectors, concepts: Scores, row_mask: Mask) -> tuple[Ids, Scores]:
        """The rows nearest in meaning, or by a concept that they name, with their similarity less
        what they owe to the centre, which is taken off the question.

        What all texts of the plans share tells no answer from another, and some lie so near the
        centre that they are near every question (hubs; Mu & Viswanath 2018): q - centre mends both.
        """
        if not question.any():
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
        depth = min(DEPTH, self._vectors.size)
        mask = None if row_mask.all() else row_mask
        scores, ids = self._vectors.search(question, depth, mask)
        found = ids[0] >= 0
        nearest, near = ids[0][found], scores[0][found]
        named = concepts.copy()
        near = np.maximum(near, named[nearest])
        named[nearest] = 0.0
        further = np.flatnonzero(named)
        return np.append(nearest, further), np.append(near, named[further]).astype(np.float32)

    def _things_of(self, rows: Ids, scores: Scores, allowed: Mask) -> tuple[Scores, Mask]:
        """Each thing's loudest row by its weight, and which things have one."""
        passages, of_row = self._rows.passages_of(rows)
        weights, values = self.weights[passages], scores[of_row]
        loudest = np.full(self._size, -np.inf, dtype=np.float32)
        weighted = np.where(values > 0, values * weights, values / weights)
        np.maximum.at(loudest, self._rows.things[passages], weighted)
        return loudest, allowed & np.isfinite(loudest)


def _best(scores: Scores, k: int) -> Ids:
    """The rows with the k highest scores above 0, in no order."""
    rows = np.flatnonzero(scores > 0)
    if len(rows) > k:
        rows = rows[np.argpartition(-scores[rows], k)[:k]]
    return rows
