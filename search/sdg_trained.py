"""The judge that ships: what a text meets in the SDGs' wordings, and what was learnt from texts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kg.catalog import SdgConcept
from kg.codes import goal_of, natural
from search.encoder import Encoder, ModelIdentity
from search.sdg import CALIBRATION, Judge, Judgement, Met, RetrievalJudge
from search.sdg_classifier import Floats, Weights, load_weights

VERSION = "trained-2"
GOAL_SIGNALS, TARGET_SIGNALS = 10, 6
"""How many signals are weighed for each goal and target, see `TrainedJudge.goal_signals`."""
FLOOR = 0.02
_AT_ONCE = 256  # texts; what is met is held for all of them: about 1 MB a text of three sentences
_CLEAR = (6.0, 3.5)  # how loud a span is that needs no second opinion: deviations, IDF
_TINY = 1e-6


@dataclass(frozen=True, slots=True)
class Clues:
    """What there is to go by of one text.

    What the models say, as logarithms of odds: `meaning`, `words` (18,), the last is "none", of
    the whole text, `spans` (spans, 18, 2) the same of each span; `targets` (targets,), in the
    judge's order. What was met: `codes` (codes, 2) and `goals` (17, 2), as
    `RetrievalJudge.signals` has them; `loudest` (codes, 2), by the loudest span.
    """

    meaning: Floats
    words: Floats
    targets: Floats
    spans: Floats
    codes: Floats
    goals: Floats
    loudest: Floats


class TrainedJudge:
    """A `Judge` that mixes retrieval with a classifier. Deterministic.

    The score is calibrated on Japanese programme texts and English research texts together: of
    all goals scored 0.8, about eight in ten are right. Raises ValueError where the weights were
    trained with another encoder: their vectors would be noise. Nothing scored below `floor` is
    reported.
    """

    def __init__(
        self, retrieval: RetrievalJudge, weights: Weights | None = None, floor: float = FLOOR
    ) -> None:
        self.floor = floor
        self.weights = load_weights() if weights is None else weights
        self.retrieval = retrieval
        self._identity = retrieval.encoder.identity
        if self._identity.digest != self.weights.encoder:
            raise ValueError(f"the weights are not for the encoder {self._identity.name}")
        self._columns = {code: column for column, code in enumerate(retrieval.codes)}
        self.targets = [code for code in retrieval.codes if "." in code]
        """The targets that it judges, in the UN's order."""
        self._learnt = [self.weights.target_codes.index(code) for code in self.targets]
        self._of_targets = [self._columns[code] for code in self.targets]
        self._goal_of = [retrieval.goals.index(goal_of(code)) for code in self.targets]
        self._thresholds = np.array(
            [self.weights.thresholds.get(goal, 1.0) for goal in retrieval.goals]  # none in training
        )

    @property
    def method(self) -> str:
        """Name and version of the judge and of the model that it reads with."""
        return method_of(self._identity)

    def judge(self, texts: Sequence[str]) -> list[list[Judgement]]:
        """Goals and targets of each text, best first; empty for a text without words."""
        found: list[list[Judgement]] = []
        for start in range(0, len(texts), _AT_ONCE):
            mets = self.retrieval.meet(texts[start : start + _AT_ONCE])
            for met, clues in zip(mets, self.clues(mets), strict=True):
                found.append([] if clues is None else self._judgements(met, clues))
        return found

    def clues(self, mets: Sequence[Met]) -> list[Clues | None]:
        """What there is to go by of each text; None for one without words."""
        readings = [met.reading for met in mets if met.reading.spans]
        if not readings:
            return [None] * len(mets)
        weights = self.weights
        vectors = np.stack([reading.vector for reading in readings])
        of_spans = [
            odds(weights.goals_by_meaning(np.concatenate([one.vectors for one in readings]))),
            odds(weights.goals_by_words([words for one in readings for words in one.words])),
        ]
        ends = np.cumsum([len(one.spans) for one in readings])[:-1]
        rows = zip(
            odds(weights.goals_by_meaning(vectors)),
            odds(weights.goals_by_words([one.vocabulary for one in readings])),
            odds(weights.targets_by_meaning(vectors))[:, self._learnt],
            np.split(np.stack(of_spans, axis=2), ends),
            strict=True,
        )
        return [
            Clues(*next(rows), *self.retrieval.signals(met), _loudest(met))
            if met.reading.spans
            else None
            for met in mets
        ]

    def _judgements(self, met: Met, clues: Clues) -> list[Judgement]:
        goals, targets = self.scores(clues)
        accepted = (goals >= self.floor) & (goals >= self._thresholds)
        holding = accepted[self._goal_of] & (targets >= self.weights.target)
        kept = [
            (codes[n], float(scores[n]), bool(holds[n]))
            for codes, scores, holds in (
                (self.retrieval.goals, goals, accepted),
                (self.targets, targets, holding),
            )
            for n in np.flatnonzero(scores >= self.floor).tolist()
        ]
        best = sorted(kept, key=lambda one: (-one[1], natural(one[0])))
        return list(self._shown(met, clues, best)) if best else []

    def scores(self, clues: Clues) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The chance of each goal (17,) and of each target, which is never above its goal's."""
        goals = mixed(self.weights.goal_mix, self.goal_signals(clues))
        targets = mixed(self.weights.target_mix, self.target_signals(clues, goals))
        return goals, np.minimum(targets, goals[self._goal_of])

    def goal_signals(self, clues: Clues) -> NDArray[np.float64]:
        """What there is to weigh for each goal, shape (17, GOAL_SIGNALS).

        A text of several parts serves what its parts serve: beside the whole stands the span that
        says most.
        """
        columns = [
            np.stack([clues.meaning[:-1], clues.words[:-1]], axis=1),
            clues.spans[:, :-1].max(axis=0),
            clues.goals,
            self.retrieval.by_goal(clues.loudest),
            np.full((17, 2), [clues.meaning[-1], clues.words[-1]]),
        ]
        return np.concatenate(columns, axis=1, dtype=np.float64)

    def target_signals(self, clues: Clues, goals: NDArray[np.float64]) -> NDArray[np.float64]:
        """What there is to weigh for each target, shape (targets, TARGET_SIGNALS).

        `goals` are chances.
        """
        own, upper = self._of_targets, odds(goals)[self._goal_of]
        columns = [clues.targets[:, None], clues.codes[own], clues.loudest[own], upper[:, None]]
        return np.concatenate(columns, axis=1, dtype=np.float64)

    def _shown(
        self, met: Met, clues: Clues, best: list[tuple[str, float, bool]]
    ) -> Iterator[Judgement]:
        """Each with the span that speaks loudest for it, and the wording that this span met."""
        reading = met.reading
        said = clues.spans.sum(axis=2)
        loud = met.meaning / _CLEAR[0] + met.words / _CLEAR[1]
        loudest = self.retrieval.by_goal(loud.T).T
        for sdg, score, accepted in best:
            goal = self.retrieval.goals.index(goal_of(sdg))
            met_by = loudest[:, goal] if "." not in sdg else loud[:, self._columns[sdg]]
            speaker = int((said[:, goal] + met_by).argmax())
            column = self.retrieval.loudest_of(sdg, loud[speaker])
            wording = self.retrieval.wording(reading.vectors[speaker], column)
            exact = reading.spans[speaker].exact
            yield Judgement(sdg, round(score, 4), exact, wording, accepted)


def method_of(encoder: ModelIdentity) -> str:
    """The method that judgements by these weights, read with this encoder, carry."""
    return f"{VERSION} ({encoder.name}@{encoder.digest[:12]})"


def odds(chances: NDArray[np.floating]) -> Floats:
    """Chances as logarithms of odds, within -14..14."""
    kept = np.clip(chances.astype(np.float64), _TINY, 1 - _TINY)
    logits: Floats = np.log(kept / (1 - kept)).astype(np.float32)
    return logits


def mixed(mix: Sequence[float], signals: NDArray[np.float64]) -> NDArray[np.float64]:
    """The chances, by a logistic regression of signals (n, features); the intercept first."""
    chances: NDArray[np.float64] = 1 / (1 + np.exp(-(mix[0] + signals @ np.array(mix[1:]))))
    return chances


def _loudest(met: Met) -> Floats:
    """How much the loudest span says of each code, by meaning and by words, shape (codes, 2)."""
    loud = [met.meaning.max(axis=0) / _CLEAR[0], met.words.max(axis=0) / _CLEAR[1]]
    stacked: Floats = np.clip(np.stack(loud, axis=1), 0, 2)
    return stacked


def judge_with(
    concepts: Sequence[SdgConcept],
    encoder: Encoder,
    kept: Path | None = None,
    everything: bool = False,
) -> Judge:
    """The trained judge for the encoder that its weights were trained with, else retrieval alone.

    The weights read the vectors of one model; another model's would be noise to them. `kept` as
    for `RetrievalJudge`; with `everything` every score is reported, however low.
    """
    floor = 0.0 if everything else FLOOR
    calibration = replace(CALIBRATION, floor=floor)
    retrieval, weights = RetrievalJudge(concepts, encoder, calibration, kept), load_weights()
    if encoder.identity.digest != weights.encoder:
        return retrieval
    return TrainedJudge(retrieval, weights, floor)
