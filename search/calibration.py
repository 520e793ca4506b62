"""How likely a hit answers its question: a logistic regression on judged questions.

    python -m search.calibration DATA QUESTIONS.jsonl ... --off-topic MORE.jsonl

fits it on the development questions of the files (`search.evaluate`) over the plans that
`shirube build` put into the folder DATA, and prints what to write into `CALIBRATION`.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from search.labels import Match
from search.regression import regress

if TYPE_CHECKING:
    from search.evaluate import JudgedQuestion
    from search.searcher import Ranked, Searcher

_SHOWN = 20  # hits of a question that teach: what nobody sees need not be calibrated
_LOST = 0.06  # of the good answers so many may be no hits, lest everything is one
_BINS = 10
_ANSWERS = 2  # the least grade that a reader calls an answer: 1 only touches the subject


@dataclass(frozen=True, slots=True)
class Calibration:
    """The weights, each of one thing that speaks for a hit.

    `fused` is that of `search.ranking.Ranking`; `exact` and `substring` are added
    where a label is named; `fit` weighs the logarithm of what the question's filters leave of the
    hit. A best score below `likely` says that nothing answers; below `related`, a thing is no hit.
    """

    intercept: float
    fused: float
    exact: float
    substring: float
    filtered: float
    fit: float
    likely: float = 0.0
    related: float = 0.0

    def chance(self, signals: "Signals") -> float:
        """The score of a hit, 0..1."""
        return 1 / (1 + math.exp(-self.intercept - sum(self.parts(signals))))

    def parts(self, signals: "Signals") -> "Signals":
        """What each signal adds to the logarithm of the odds of a hit, above `intercept`."""
        weights = (self.fused, self.exact, self.substring, self.filtered, self.fit)
        fused, exact, substring, filtered, fit = (
            weight * signal for weight, signal in zip(weights, signals, strict=True)
        )
        return fused, exact, substring, filtered, fit


Signals = tuple[float, float, float, float, float]


def signals(fused: float, match: Match, fit: float | None) -> Signals:
    """What speaks for a hit, in the order of the weights.

    `fit` is what the question's filters leave of it (0..1), None for a question without filters.
    """
    filtered, loss = (0.0, 0.0) if fit is None else (1.0, math.log(max(fit, 1e-6)))
    return fused, float(match == "exact"), float(match == "substring"), filtered, loss


CALIBRATION = Calibration(
    intercept=-4.69,
    fused=5.73,
    exact=5.9,
    substring=1.58,
    filtered=1.9,
    fit=3.87,
    likely=0.106,
    related=0.04,
)


def fit(
    searcher: "Searcher",
    questions: Iterable["JudgedQuestion"],
    off_topic: Iterable["JudgedQuestion"] = (),
) -> Calibration:
    """The weights that make the shown hits of judged questions likeliest, and the best thresholds.

    `off_topic` are more questions that nothing answers than readers ask in proportion: they move
    `likely` alone.
    """
    judged = [(question, _asked(searcher, question)) for question in questions]
    rows, wanted = [], []
    for question, ranked in judged:
        for signal, code in zip(ranked.signals[:_SHOWN], _codes(searcher, ranked), strict=False):
            rows.append(signal)
            wanted.append(question.relevant.get(code, 0) >= _ANSWERS)
    weights = [round(float(w), 2) for w in regress(np.array(rows), np.array(wanted, dtype=float))]
    calibration = Calibration(*weights)
    scored = [[calibration.chance(one) for one in ranked.signals] for _, ranked in judged]
    silent = [s for (q, _), s in zip(judged, scored, strict=True) if q.off_topic]
    silent += [[calibration.chance(one) for one in _asked(searcher, q).signals] for q in off_topic]
    good = [
        score
        for (question, ranked), scores in zip(judged, scored, strict=True)
        for score, code in zip(scores, _codes(searcher, ranked), strict=True)
        if question.relevant.get(code, 0) >= _ANSWERS
    ]
    related = round(float(np.quantile(good, _LOST)), 2)
    return replace(calibration, likely=_threshold(silent), related=related)


@dataclass(frozen=True, slots=True)
class Bin:
    """Hits with scores from `low` on to the next bin: how many, their mean score and how many of
    them (0..1) are answers. Calibrated scores have the two alike.
    """

    low: float
    hits: int
    score: float
    right: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """What the scores of judged questions are worth.

    `error` is the expected calibration error (0..1) over `bins`. `silenced` is the share of the
    questions that nothing answers of which this is said, `mistaken` that of the others.
    """

    bins: tuple[Bin, ...]
    error: float
    silenced: float
    mistaken: float


def reliability(searcher: "Searcher", questions: Iterable["JudgedQuestion"]) -> Reliability:
    """Measure the shown hits of judged questions; a mean over no question is 0."""
    pairs: list[tuple[float, bool]] = []
    unlikely: dict[bool, list[bool]] = {True: [], False: []}
    for question in questions:
        ranked = _asked(searcher, question)
        unlikely[question.off_topic].append(not ranked.likely)
        shown = list(zip(ranked.scores, _codes(searcher, ranked), strict=True))[:_SHOWN]
        pairs += [(s, question.relevant.get(code, 0) >= _ANSWERS) for s, code in shown]
    bins = tuple(_binned(pairs))
    total = max(1, len(pairs))
    error = sum(one.hits * abs(one.score - one.right) for one in bins) / total
    silenced, mistaken = (sum(said) / max(1, len(said)) for said in unlikely.values())
    return Reliability(bins, error, silenced, mistaken)


def _binned(pairs: list[tuple[float, bool]]) -> Iterator[Bin]:
    for number in range(_BINS):
        inside = [pair for pair in pairs if min(int(pair[0] * _BINS), _BINS - 1) == number]
        if inside:
            score, right = np.mean(np.array(inside, dtype=np.float64), axis=0)
            yield Bin(number / _BINS, len(inside), float(score), float(right))


def _asked(searcher: "Searcher", question: "JudgedQuestion") -> "Ranked":
    among = [not question.type or thing.type == question.type for thing in searcher.things]
    return searcher.rank(question.q, np.array(among))


def _codes(searcher: "Searcher", ranked: "Ranked") -> Iterator[str]:
    return (searcher.things[n].code for n in ranked.order)


def _threshold(scored: list[list[float]]) -> float:
    """The least score that nine in ten questions that nothing answers stay below."""
    best = [max(scores, default=0.0) for scores in scored]
    return math.ceil(float(np.quantile(best, 0.9)) * 1000) / 1000


def main() -> None:
    """Command line of the recipe; the index is made anew, with the bundled encoder."""
    import argparse
    from tempfile import TemporaryDirectory

    from kg.catalog import Catalog
    from kg.generation import current
    from kg.oxigraph import OxigraphStore
    from search.build import build_index, open_searcher
    from search.encoder import load_encoder
    from search.evaluate import read_questions

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", type=Path, help="data folder, as `shirube build` wrote it")
    parser.add_argument("questions", type=Path, nargs="+", help="files of judged questions")
    parser.add_argument("--off-topic", type=Path, help="more questions that nothing answers")
    arguments = parser.parse_args()
    generation = current(arguments.data)
    if generation is None:
        parser.error(f"nothing has been built in {arguments.data}")
    catalog = Catalog.from_store(OxigraphStore(generation.store_folder, read_only=True))
    encoder = load_encoder()
    judged = [one for path in arguments.questions for one in read_questions(path)]
    with TemporaryDirectory() as folder:
        build_index(catalog, encoder, Path(folder))
        searcher = open_searcher(catalog, encoder, Path(folder))
        off_topic = read_questions(arguments.off_topic) if arguments.off_topic else []
        print(fit(searcher, [one for one in judged if one.split == "development"], off_topic))


if __name__ == "__main__":
    main()
