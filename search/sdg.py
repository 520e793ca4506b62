"""The SDG judge seam: which goals and targets a text serves, with evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kg.catalog import SdgConcept
from kg.codes import goal_of, natural
from search.encoder import Encoder, Vectors
from search.sdg_concepts import Matrix
from search.sdg_kept import concept_index
from search.sdg_reading import Reading, read, terms

VERSION = "retrieval-1"
_TINY = 1e-6


@dataclass(frozen=True, slots=True)
class Judgement:
    """One judged link: `sdg` is `4` (goal) or `4.4` (target), `score` in 0..1.

    `evidence` is the span of the judged text that spoke for it, `wording` the SDG text it met,
    `accepted` says whether the score passes the judge's threshold.
    """

    sdg: str
    score: float
    evidence: str
    wording: str
    accepted: bool


class Judge(Protocol):
    """Texts in any language to ranked goals and targets."""

    @property
    def method(self) -> str:
        """Name and version, e.g. `retrieval-1`."""
        ...

    def judge(self, texts: Sequence[str]) -> list[list[Judgement]]:
        """For each text its judgements, best first; an empty list means none."""
        ...


@dataclass(frozen=True, slots=True)
class Calibration:
    """From what was met to the chance that it is right: a logistic regression's weights.

    `meaning` and `words` weigh how far a goal (or target) stands out from the 17 goals in one
    text; `search.sdg_calibration` is their recipe. A score of at least `goal` (`target`, which is
    never less) is accepted if a span also shows, by itself, `least` of meaning (in standard
    deviations above the background) or of words (in IDF): some goal always stands out, but not
    every text has one. Nothing below `floor` is reported.
    """

    intercept: float
    meaning: float
    words: float
    goal: float
    target: float
    least: tuple[float, float]
    floor: float


# By `search.sdg_calibration` with static@a4479d881aca. On the held-out rows of oro_gold, by score
# alone: 0.57 of the goals accepted are right, 0.50 of the right ones accepted, macro F1 0.44, first
# guess right 0.69. `least` was set by looking at names, headings and small talk: no labelled set of
# texts without a goal is at hand.
CALIBRATION = Calibration(
    intercept=-3.64, meaning=0.92, words=0.56, goal=0.14, target=0.15, least=(6.0, 3.5), floor=0.02
)


@dataclass(frozen=True, slots=True)
class Met:
    """What a text met. `meaning`, `words`: float32 of shape (spans, the judge's codes)."""

    reading: Reading
    meaning: Matrix
    words: Matrix


class RetrievalJudge:
    """A `Judge` that retrieves the targets whose wordings are near and rolls them up to goals.

    Deterministic. The score is calibrated on English titles and abstracts labelled with goals;
    for other languages, and for targets, read it as a ranking. What takes long to make is kept in
    the file `kept`.
    """

    def __init__(
        self,
        concepts: Sequence[SdgConcept],
        encoder: Encoder,
        calibration: Calibration = CALIBRATION,
        kept: Path | None = None,
    ) -> None:
        self.calibration = calibration
        self._index = concept_index(concepts, encoder, terms, kept)
        self.encoder = encoder
        goals = [goal_of(code) for code in self._index.codes]
        self._nothing = np.zeros((0, len(self._index.codes)), dtype=np.float32)
        self.goals = tuple(dict.fromkeys(goals))
        self._starts = [goals.index(goal) for goal in self.goals]
        self._columns = np.split(np.arange(len(goals)), self._starts[1:])

    @property
    def codes(self) -> tuple[str, ...]:
        """The columns of what is met: each goal, then its targets."""
        return self._index.codes

    @property
    def method(self) -> str:
        """Name and version of the judge and of the model that it reads with."""
        identity = self.encoder.identity
        return f"{VERSION} ({identity.name}@{identity.digest[:12]})"

    def judge(self, texts: Sequence[str]) -> list[list[Judgement]]:
        """Goals and targets of each text, best first; empty for a text without words."""
        return [self._judgements(met) if met.reading.spans else [] for met in self.meet(texts)]

    def meet(self, texts: Sequence[str]) -> list[Met]:
        """What each text meets in the SDGs, before any judgement."""
        readings = read(texts, self.encoder)
        if not any(reading.spans for reading in readings):
            return [Met(reading, self._nothing, self._nothing) for reading in readings]
        meaning = self._index.meaning(np.concatenate([reading.vectors for reading in readings]))
        words = self._index.words([span for reading in readings for span in reading.words])
        ends = np.cumsum([len(reading.spans) for reading in readings])[:-1]
        parts = zip(readings, np.split(meaning, ends), np.split(words, ends), strict=True)
        return [Met(*part) for part in parts]

    def signals(self, met: Met) -> tuple[Matrix, Matrix]:
        """Meaning and words of the whole text, as codes and rolled up: (codes, 2), (goals, 2).

        Both in standard deviations above the mean of the goals of this text: a long text meets
        more of everything.
        """
        codes = np.stack([met.meaning.mean(axis=0), met.words.mean(axis=0)], axis=1)
        goals = self.by_goal(codes)
        centre, spread = goals.mean(axis=0), goals.std(axis=0) + _TINY
        return (codes - centre) / spread, (goals - centre) / spread

    def by_goal(self, codes: Matrix) -> Matrix:
        """The greatest of each goal's codes: (codes, n) to (17, n)."""
        goals: Matrix = np.maximum.reduceat(codes, self._starts, axis=0)
        return goals

    def loudest_of(self, sdg: str, loud: Matrix) -> int:
        """The column of a target, or the greatest of a goal's columns, `loud` (codes,)."""
        if "." in sdg:
            return self.codes.index(sdg)
        columns = self._columns[self.goals.index(sdg)]
        return int(columns[loud[columns].argmax()])

    def wording(self, vector: Vectors, column: int) -> str:
        """The SDG text of the code at `column` that is nearest in meaning to one vector."""
        return self._index.wording(vector, column)

    def _judgements(self, met: Met) -> list[Judgement]:
        calibration = self.calibration
        codes, goals = (chance(calibration, signals) for signals in self.signals(met))
        meaning, words = calibration.least
        loud = (met.meaning.max(axis=0) >= meaning) | (met.words.max(axis=0) >= words)
        passed = loud & (codes >= calibration.goal)
        found: list[tuple[str, float, int, bool]] = []
        for goal, score, columns in zip(self.goals, goals, self._columns, strict=True):
            # A goal is accepted for what one of its wordings shows, never for a sum of hints.
            shown = columns[passed[columns]] if passed[columns].any() else columns
            best = int(shown[codes[shown].argmax()])
            found.append((goal, float(score), best, bool(passed[best])))
            for column in columns[1:]:  # the first is the goal's own
                holds = bool(passed[column] and codes[column] >= calibration.target)
                found.append((self._index.codes[column], float(codes[column]), column, holds))
        kept = (self._judgement(met, *one) for one in found if one[1] >= calibration.floor)
        return sorted(kept, key=lambda one: (-one.score, natural(one.sdg)))

    def _judgement(
        self, met: Met, sdg: str, score: float, column: int, accepted: bool
    ) -> Judgement:
        weights = self.calibration
        loudness = weights.meaning * met.meaning[:, column] + weights.words * met.words[:, column]
        speaker = int(loudness.argmax())
        wording = self.wording(met.reading.vectors[speaker], column)
        return Judgement(sdg, round(score, 4), met.reading.spans[speaker].exact, wording, accepted)


def chance(calibration: Calibration, signals: NDArray[np.floating]) -> NDArray[np.float64]:
    """The score, 0..1, of signals whose last axis is meaning and words."""
    weights = np.array([calibration.meaning, calibration.words])
    logits = calibration.intercept + signals.astype(np.float64) @ weights
    scores: NDArray[np.float64] = 1 / (1 + np.exp(-logits))
    return scores
