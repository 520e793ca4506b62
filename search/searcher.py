"""Fusion of vectors and words into ranked hits that say why they are hits."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from kg.plan import ThingType
from kg.things import Thing
from search.encoder import Encoder, Vectors
from search.evidence import Evidence, Step, shared_spans
from search.facets import Facets
from search.fusion import ranks, reciprocal_rank_fusion
from search.index import Ids, Mask, Scores, VectorIndex
from search.labels import LabelIndex, Match, Named
from search.lexical import LexicalIndex
from search.passage import Field, Things
from search.question import Question, read_question
from search.rows import Rows

__all__ = ["Evidence", "Hit", "Searcher", "Step"]

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
VECTOR_WEIGHT = 1.0
# At most: it is multiplied by the share of the question's words that the best thing has.
WORDS_WEIGHT = 1.0
# From here on a thing speaks of the question: its similarity less the centre's share, or the share
# that it has of the question's words. Low: on development questions two thirds of the good answers
# pass, beside a sixth of the plan; the best are hits in any case.
RELATED_NEAR = 0.1
RELATED_WORDS = 0.1
DEPTH = 1_000  # rows taken from each list before they are gathered into things

# Scores: above 0.9 exact, above 0.7 substring, up to 0.7 near. Within its band a hit has the
# share that it got of the best possible fusion (first in both lists), so scores of different
# questions compare how well the two lists agree, not how likely an answer is right.
_BANDS: Mapping[Match, tuple[float, float]] = {
    "exact": (0.9, 1.0),
    "substring": (0.7, 0.9),
    "near": (0.0, 0.7),
}
_ORDER: Mapping[Match, int] = {"exact": 0, "substring": 1, "near": 2}
_NEAR = Named("near")
_STEP = 1e-6  # the least difference between two scores of one answer


@dataclass(frozen=True, slots=True)
class Hit:
    """One answer to a question; `score` falls strictly in the order of the hits, in 0..1.

    Above 0.9 the question is a label or code of the thing, above 0.7 it holds a whole label or is
    part of one; up to 0.7 it is near. It is not a probability.
    """

    iri: str
    code: str
    type: ThingType
    label: Mapping[str, str]
    score: float
    evidence: Evidence


class SearchableCatalog(Things, Protocol):
    """The part of a catalog that a searcher needs."""

    def path(self, iri: str) -> Sequence[Thing]:
        """From the strategy down to the thing, both included."""
        ...


@dataclass(frozen=True, slots=True)
class Indexes:
    """What `search.build` makes of a catalog: its rows, and two indexes of them by number.

    `centre` is the mean of the rows' vectors, shape (dimensions,).
    """

    rows: Rows
    vectors: VectorIndex
    centre: NDArray[np.float32]
    words: LexicalIndex


@dataclass(frozen=True, slots=True)
class _Ranking:
    """Per thing: fused score in 0..1, ranks in both lists (0: not in it), whether it is near."""

    fused: NDArray[np.float64]
    by_vector: NDArray[np.int64]
    by_words: NDArray[np.int64]
    related: Mask


@dataclass(frozen=True, slots=True)
class Ranked:
    """Every thing that may answer a question, by number: `order` is best first, with `scores`.

    `related` says of each thing whether it speaks of the question at all.
    """

    order: Sequence[int]
    scores: Mapping[int, float]
    related: Mask
    asked: Question
    query: Vectors
    ranking: _Ranking
    named: Mapping[int, Named]


class Searcher:
    """Answers questions over one catalog; safe to use from many threads."""

    def __init__(self, catalog: SearchableCatalog, encoder: Encoder, indexes: Indexes) -> None:
        self._catalog = catalog
        self._encoder = encoder
        self._rows = rows = indexes.rows
        self._vectors = indexes.vectors
        self._centre = indexes.centre
        self._words = indexes.words
        self._things = list(catalog.things.values())
        self._types = np.array([thing.type for thing in self._things])
        self.facets = Facets(catalog.things)
        self._labels = LabelIndex(
            (thing, rows.own_labels(n)) for n, thing in enumerate(self._things)
        )
        self._weights = np.array(
            [
                FIELD_WEIGHTS[passage.field] * DISTANCE_DECAY ** max(0, passage.distance - 1)
                for passage in rows.passages
            ],
            dtype=np.float32,
        )

    @property
    def languages(self) -> frozenset[str]:
        """The language tags that labels are in."""
        return frozenset(tag for thing in self._things for tag in thing.label)

    def search(
        self,
        question: str,
        *,
        types: Collection[ThingType] = (),
        language: str | None = None,
        limit: int = 10,
    ) -> list[Hit]:
        """The best `limit` things of the given types (none given: all), best first.

        `question` may be in any language; its first `question.MAX_LENGTH` characters are read, and
        one without a letter or digit has no answers. `language` is the reader's: of passages that
        speak equally loudly, theirs is shown. Raises ValueError on an unknown type or a limit
        below 1.
        """
        if limit < 1:
            raise ValueError(f"limit is {limit}, but must be at least 1")
        if unknown := set(types) - set(get_args(ThingType)):
            raise ValueError(f"unknown type: {', '.join(sorted(unknown))}")
        allowed = np.isin(self._types, list(types)) if types else None
        ranked = self.rank(question, allowed)
        return self.hits(ranked, ranked.order[:limit], language)

    def rank(self, question: str, among: Mask | None = None) -> Ranked:
        """Rank the things that may answer (one bool per thing; None: all)."""
        asked = read_question(question)
        allowed = np.ones(len(self._things), bool) if among is None else among
        if not any(character.isalnum() for character in asked.text):
            allowed = np.zeros_like(allowed)
        query = self._encoder.encode_query([asked.core or asked.text])
        ranking = self._rank(asked, query, allowed)
        named = {n: match for n, match in self._labels.match(asked).items() if allowed[n]}
        related = ranking.related.copy()
        related[list(named)] = True
        order = sorted(
            {*np.flatnonzero(ranking.fused).tolist(), *named},
            key=lambda n: (_ORDER[named.get(n, _NEAR).match], -ranking.fused[n], n),
        )
        scores: dict[int, float] = {}
        score = 1 + _STEP
        for n in order:
            low, high = _BANDS[named.get(n, _NEAR).match]
            score = min(low + (high - low) * float(ranking.fused[n]), score - _STEP)
            scores[n] = round(score, 6)
        return Ranked(order, scores, related, asked, query, ranking, named)

    def hits(self, ranked: Ranked, numbers: Iterable[int], language: str | None) -> list[Hit]:
        """Some of the ranked things as hits, with their evidence for a reader of `language`."""
        return [
            Hit(
                thing.iri,
                thing.code,
                thing.type,
                thing.label,
                ranked.scores[n],
                self._evidence(n, ranked, language),
            )
            for n in numbers
            for thing in (self._things[n],)
        ]

    def _rank(self, asked: Question, query: Vectors, allowed: Mask) -> _Ranking:
        row_mask = self._rows.of_things(allowed)
        near, has_vector = self._things_of(*self._nearest(query, row_mask), allowed)
        shared = np.where(row_mask, self._words.scores(asked.tokens), 0.0).astype(np.float32)
        worded = _best(shared, DEPTH)
        loudest, has_words = self._things_of(worded, shared[worded], allowed)
        by_vector, by_words = ranks(near, has_vector), ranks(loudest, has_words)
        # One common word shared by chance must not count like the whole question found again.
        highest = self._words.highest(asked.tokens)
        found = min(1.0, float(loudest[has_words].max(initial=0.0)) / highest) if highest else 0.0
        lists = ((by_vector, VECTOR_WEIGHT), (by_words, WORDS_WEIGHT * found))
        best = VECTOR_WEIGHT + WORDS_WEIGHT
        related = (near >= RELATED_NEAR) | (loudest >= max(RELATED_WORDS * highest, 1e-6))
        fused = reciprocal_rank_fusion(lists) / best
        return _Ranking(fused, by_vector, by_words, allowed & related)

    def _nearest(self, query: Vectors, row_mask: Mask) -> tuple[Ids, Scores]:
        """The rows nearest in meaning, with their similarity less what they owe to the centre.

        What all texts of the plans share tells no answer from another, and some lie so near the
        centre that they are near every question (hubs; Mu & Viswanath 2018): q - centre mends both.
        """
        if not query.any():
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
        depth = min(DEPTH, self._vectors.size)
        mask = None if row_mask.all() else row_mask
        scores, ids = self._vectors.search(query - self._centre, depth, mask)
        found = ids[0] >= 0
        return ids[0][found], scores[0][found]

    def _things_of(self, rows: Ids, scores: Scores, allowed: Mask) -> tuple[Scores, Mask]:
        """Each thing's loudest row by its weight, and which things have one."""
        passages, of_row = self._rows.passages_of(rows)
        weights, values = self._weights[passages], scores[of_row]
        loudest = np.full(len(self._things), -np.inf, dtype=np.float32)
        weighted = np.where(values > 0, values * weights, values / weights)
        np.maximum.at(loudest, self._rows.things[passages], weighted)
        return loudest, allowed & np.isfinite(loudest)

    def _evidence(self, n: int, ranked: Ranked, language: str | None) -> Evidence:
        asked, query, ranking = ranked.asked, ranked.query, ranked.ranking
        how = ranked.named.get(n, _NEAR)
        thing = self._things[n]
        own = self._rows.passages_of_thing(n)
        rows = self._rows.row_of[own]
        cosines = self._vectors.rows(rows) @ query[0]
        words = self._words.scores_of(asked.tokens, rows)
        loudness = self._weights[own] * (cosines + words / (float(words.max()) or 1.0))
        if how.match != "near":  # then a label spoke
            loudness += [4 * (self._rows.passages[p].field == "label") for p in own]
        theirs = np.array([self._rows.passages[p].language == language for p in own])
        best = int(np.argmax(np.round(loudness, 3) + (1 if how.by_code else 1e-4) * theirs))
        passage = self._rows.passages[own[best]]
        spans = shared_spans(asked.tokens, passage.text)
        return Evidence(
            match=how.match,
            passage=passage.text,
            field=passage.field,
            language=passage.language,
            origin=passage.origin,
            words=tuple(passage.text[start:end] for start, end in spans),
            similarity=round(float(cosines[best]), 4),
            rank_vector=int(ranking.by_vector[n]) or None,
            rank_words=int(ranking.by_words[n]) or None,
            path=tuple(Step(t.iri, t.code, t.label) for t in self._catalog.path(thing.iri)),
            line=thing.source.line if thing.source else None,
            spans=spans,
        )


def _best(scores: Scores, k: int) -> Ids:
    """The rows with the k highest scores above 0, in no order."""
    rows = np.flatnonzero(scores > 0)
    if len(rows) > k:
        rows = rows[np.argpartition(-scores[rows], k)[:k]]
    return rows
