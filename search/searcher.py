"""A question to ranked hits that say why they are hits, and how likely they answer it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from kg.plan import ThingType
from kg.things import Thing
from search.calibration import CALIBRATION, Calibration, Signals, signals
from search.constraints import Constraints
from search.encoder import Encoder, Vectors
from search.evidence import Evidence, Step
from search.explaining import Explainer, Paths
from search.facets import Facets
from search.framing import OwnNames
from search.index import Mask
from search.kept_vectors import KeptVectors
from search.labels import NEAR, LabelIndex, Named
from search.passage import Things, names
from search.question import Question, read_question
from search.ranking import Indexes, Ranker, Ranking
from search.similar import Likeness
from search.spelling import Speller, known_texts
from search.stopwords import STOPPED
from search.thesaurus import read_thesaurus
from search.understanding import Understanding, understand

__all__ = ["Evidence", "Hit", "Searcher", "Step"]

# What a thing gains whose label is part of the question, or the question part of it.
_NAMED = 0.5
# What everything has where a question has filters, so that these tell things apart that answer its
# topic equally little ("the KPIs of policy 2").
_FILTERED = 0.3
# How much each thing gains of what the thing above it has; of a few values, the best on development
# questions.
_ABOVE = 0.2
_STEP = 1e-6  # the least difference between two scores of one answer


@dataclass(frozen=True, slots=True)
class Hit:
    """One answer to a question; `score` falls strictly in the order of the hits, in 0..1.

    It is calibrated: of hits with a score near 0.7, about seven in ten answer their question in
    the judgement of a reader (`search.calibration`).
    """

    iri: str
    code: str
    type: ThingType
    label: Mapping[str, str]
    score: float
    evidence: Evidence


class SearchableCatalog(Things, Paths, Protocol):
    """The part of a catalog that a searcher needs."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """Every thing that may answer a question, by number: `order` is best first.

    `scores` (0..1) and `signals`, what they were made of, are in that order. `related` says of each
    thing whether it speaks of the question at all; `likely` is False where even the best probably
    is no answer. `asked` was encoded as `query`; where it is a respelling, `as_typed` is what was
    typed, with its vector.
    """

    understood: Understanding
    order: Sequence[int]
    scores: Sequence[float]
    signals: Sequence[Signals]
    related: Mask
    likely: bool
    asked: Question
    query: Vectors
    ranking: Ranking
    named: Mapping[int, Named]
    as_typed: tuple[Question, Vectors] | None = None


class Searcher:
    """Answers questions over one catalog; safe to use from many threads."""

    def __init__(
        self,
        catalog: SearchableCatalog,
        encoder: Encoder,
        indexes: Indexes,
        calibration: Calibration = CALIBRATION,
    ) -> None:
        self._encoder = encoder
        self._indexes = indexes
        self.digest = indexes.digest
        self.things = list(catalog.things.values())
        self._types = np.array([thing.type for thing in self.things])
        self._codes = {thing.code.casefold(): thing.code for thing in self.things}
        publishers = [thing.texts.get("publisher", {}) for thing in self.things]
        self._own_names = OwnNames.of(
            (name for texts in publishers for name in texts.values()),
            (text for thing in self.things for text in thing.label.values()),
        )
        self._labels = LabelIndex((thing, names(thing)) for thing in self.things)
        self.facets = Facets(catalog.things)
        self._ranker = Ranker(indexes, len(self.things))
        self._above = _numbers_above(self.things)
        self.likeness = Likeness(self.things, indexes)
        self._constraints = Constraints(self.things, indexes.rows, self._labels)
        self._calibration = calibration
        self._speller = Speller(
            lambda: known_texts(indexes.rows.passages, read_thesaurus()), indexes.words.knows
        )
        self._explainer = Explainer(
            catalog, self.things, indexes, self._ranker, calibration, encoder
        )

    @cached_property
    def encoder(self) -> Encoder:
        """The encoder with the vectors of all that is indexed at hand."""
        return KeptVectors(self._encoder, self._indexes.rows.texts, self._indexes.vectors)

    @property
    def languages(self) -> frozenset[str]:
        """The language tags that labels are in."""
        return frozenset(tag for thing in self.things for tag in thing.label)

    def search(
        self,
        question: str,
        *,
        types: Collection[ThingType] = (),
        language: str | None = None,
        limit: int = 10,
        ignore: Collection[str] = (),
    ) -> list[Hit]:
        """The best `limit` things of the given types (none given: all), best first.

        `question` may be in any language; its first `question.MAX_LENGTH` characters are read, and
        one without a letter or digit has no answers. `language` is the reader's: of passages that
        speak equally loudly, theirs is shown. `ignore` are keys of filters that were understood,
        and that the reader took back. Raises ValueError on an unknown type or a limit below 1.
        """
        if limit < 1:
            raise ValueError(f"limit is {limit}, but must be at least 1")
        if unknown := set(types) - set(get_args(ThingType)):
            raise ValueError(f"unknown type: {', '.join(sorted(unknown))}")
        among = np.isin(self._types, list(types)) if types else None
        ranked = self.rank(question, among, language=language, ignore=ignore)
        return self.hits(ranked, ranked.order[:limit], language)

    def rank(
        self,
        question: str,
        among: Mask | None = None,
        *,
        language: str | None = None,
        ignore: Collection[str] = (),
    ) -> Ranked:
        """Rank the things that may answer (one bool per thing; None: all), without evidence."""
        understood = understand(question, language, self._codes, ignore, self._own_names)
        understood = self._speller.read(understood, ignore)
        asked = read_question(understood.respelt or understood.topic)
        allowed = np.ones(len(self.things), bool) if among is None else among
        if not any(character.isalnum() for character in question):
            allowed = np.zeros_like(allowed)
        filtered = understood.narrows
        topic = _topic(asked, understood)
        query = self._encoder.encode_query([topic]) * np.float32(bool(topic))
        ranking = self._ranker.rank(asked, query, allowed)
        as_typed = None
        if understood.respelt:  # a guess: what was typed is looked for as well
            typed = read_question(understood.topic)
            as_typed = typed, self._encoder.encode_query([_topic(typed, understood)])
            ranking = ranking.or_by(self._ranker.rank(*as_typed, allowed))
        named = {n: how for n, how in self._named(question, asked, filtered).items() if allowed[n]}
        weights = self._constraints.weights(understood)
        listed = allowed & (weights > 0) & (ranking.listed | filtered)
        # Where the filters are all that is asked for, everything is of the topic.
        fused = self._with_above(ranking.fused) if topic else np.ones(len(self.things))
        order = self._order(listed, fused, ranking.by_vector, named, weights, filtered)
        told = [
            signals(
                float(fused[n]),
                named.get(n, NEAR).match,
                float(weights[n]) if filtered else None,
            )
            for n in order
        ]
        scores = self._scores(told)
        related = np.zeros_like(allowed)
        related[order] = np.array(scores) >= self._calibration.related
        if not topic:  # then the filters are the question
            related &= weights == weights.max()
        related[list(named)] = True
        likely = bool(scores) and scores[0] >= self._calibration.likely
        return Ranked(
            understood, order, scores, told, related, likely, asked, query, ranking, named, as_typed
        )

    def _with_above(self, fused: NDArray[np.float64]) -> NDArray[np.float64]:
        """What a thing belongs to speaks for it too."""
        return fused + _ABOVE * np.where(self._above >= 0, fused[self._above], 0.0)

    def hits(self, ranked: Ranked, numbers: Sequence[int], language: str | None) -> list[Hit]:
        """Some of the ranked things as hits, with their evidence for a reader of `language`."""
        scores = dict(zip(ranked.order, ranked.scores, strict=True))
        return [
            Hit(thing.iri, thing.code, thing.type, thing.label, round(scores[n], 6), evidence)
            for n, evidence in zip(
                numbers, self._explainer.explain(ranked, numbers, language), strict=True
            )
            for thing in (self.things[n],)
        ]

    def _named(self, question: str, asked: Question, filtered: bool) -> dict[int, Named]:
        """What is named by the whole question, as it was typed, or by its topic."""
        whole = read_question(question)
        named = self._labels.match(whole)
        exact = {n: how for n, how in named.items() if how.match == "exact"}
        if asked.text == whole.text:
            return named
        if not asked.tokens:
            return exact  # what the filters left of the question ("under") says nothing
        return ({} if filtered else named) | self._labels.match(asked) | exact

    def _order(
        self,
        listed: Mask,
        fused: NDArray[np.float64],
        by_vector: NDArray[np.int64],
        named: Mapping[int, Named],
        weights: NDArray[np.float64],
        filtered: bool,
    ) -> list[int]:
        """Exact matches, then by weight; without filters what is named in part comes between."""
        weighed = fused + (_FILTERED if filtered else 0.0)
        weighed[list(named)] += _NAMED
        weighed *= weights
        exact = {n for n, how in named.items() if how.match == "exact" and weights[n] > 0}
        part = set() if filtered else set(named)
        return sorted(
            {*np.flatnonzero(listed).tolist(), *exact},
            key=lambda n: (n not in exact, n not in part, -weighed[n], by_vector[n], n),
        )

    def _scores(self, told: Sequence[Signals]) -> list[float]:
        """The chance that each answers, made to fall strictly with the order, above 0."""
        scores: list[float] = []
        for place, one in enumerate(told):
            score = max(self._calibration.chance(one), (len(told) - place) * _STEP)
            scores.append(min(score, scores[-1] - _STEP) if scores else score)
        return scores


def _topic(asked: Question, understood: Understanding) -> str:
    """What of a question is encoded; nothing where its filters are all that it asks for."""
    said = asked.telling if understood.language in STOPPED else asked.core
    return said or asked.core or ("" if understood.narrows else asked.text)


def _numbers_above(things: Sequence[Thing]) -> NDArray[np.int64]:
    """The number of what is above each thing; -1 below a strategy, which is above everything."""
    numbers = {thing.iri: n for n, thing in enumerate(things) if thing.type != "strategy"}
    return np.array([numbers.get(thing.parent or "", -1) for thing in things], dtype=np.int64)
