"""The recipe of the judge's weights: fit on texts labelled with goals, measure on others.

    python -m search.sdg_calibration SOURCES [--model FOLDER]

`SOURCES` holds `aurora_survey/` and `zora/`, which give the weights, and `oro_gold/`, whose odd
rows give the threshold (its texts have several goals, as policies do) and whose even rows are
measured. Prints what to write into `search.sdg.CALIBRATION`, and what it achieves. The texts are
English titles and abstracts: they teach how much a signal weighs, not what policy is.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from kg.catalog_queries import read_sdgs
from kg.codes import GOALS
from kg.oxigraph import OxigraphStore
from ontology import SDG_CONCEPTS
from search.encoder import load_encoder
from search.regression import Floats, regress
from search.sdg import CALIBRATION, Calibration, RetrievalJudge, chance
from search.sdg_sources import MEASURED, RESEARCH, read_labelled
from search.sdg_spans import split

Labelled = tuple[str, frozenset[str]]


def signals(judge: RetrievalJudge, texts: Sequence[str]) -> Floats:
    """What each text met of each goal, shape (texts, 17, 2); ValueError for one without words."""
    met = judge.meet(texts)
    for text, one in zip(texts, met, strict=True):
        if not one.reading.spans:
            raise ValueError(f"nothing to judge in {text!r}")
    return np.stack([judge.signals(one)[1] for one in met]).astype(np.float64)


def truth(labelled: Sequence[Labelled]) -> Floats:
    """1 where a text has a goal, shape (texts, 17)."""
    return np.array([[float(goal in goals) for goal in GOALS] for _, goals in labelled])


def fit(calibration: Calibration, met: Floats, wanted: Floats) -> Calibration:
    """Logistic regression of "the text has this goal" on what it met of the goal."""
    rounded = regress(met.reshape(-1, 2), wanted.reshape(-1)).round(2)
    intercept, meaning, words = map(float, rounded)
    return replace(calibration, intercept=intercept, meaning=meaning, words=words)


def best_threshold(scores: Floats, wanted: Floats) -> float:
    """The threshold with the best F1 over all texts and goals together."""
    thresholds = [round(0.01 * step, 2) for step in range(5, 95)]
    return max(thresholds, key=lambda at: measure(scores, wanted, at)["micro F1"])


def measure(scores: Floats, wanted: Floats, threshold: float) -> dict[str, float]:
    """Precision, recall and F1 over all decisions, F1 per goal on average, and the first guess."""
    said = scores >= threshold
    right = (said * wanted).sum(axis=0)
    f1 = 2 * right / np.maximum(said.sum(axis=0) + wanted.sum(axis=0), 1)
    first = scores.argmax(axis=1)
    return {
        "precision": right.sum() / max(said.sum(), 1),
        "recall": right.sum() / wanted.sum(),
        "micro F1": 2 * right.sum() / (said.sum() + wanted.sum()),
        "macro F1": f1.mean(),
        "first guess right": wanted[np.arange(len(wanted)), first].mean(),
    }


def main() -> None:
    """Command line of the recipe."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("sources", type=Path, help="folder with aurora_survey, zora and oro_gold")
    parser.add_argument("--model", help="folder or name of another encoder than the bundled one")
    arguments = parser.parse_args()
    store = OxigraphStore()
    store.load(SDG_CONCEPTS.read_bytes(), "text/turtle")
    judge = RetrievalJudge(list(read_sdgs(store).values()), load_encoder(arguments.model))
    tables = {name: list(read_labelled(arguments.sources / name)) for name in (*RESEARCH, MEASURED)}
    fitted = [one for name in RESEARCH for one in tables[name] if split(one[0])]
    calibration = fit(CALIBRATION, signals(judge, [text for text, _ in fitted]), truth(fitted))
    chosen, held_out = tables[MEASURED][::2], tables[MEASURED][1::2]
    scores = chance(calibration, signals(judge, [text for text, _ in chosen]))
    calibration = replace(calibration, goal=best_threshold(scores, truth(chosen)))
    print(calibration)
    met = signals(judge, [text for text, _ in held_out])
    for name, weights in (("fitted now", calibration), ("in use", CALIBRATION)):
        numbers = measure(chance(weights, met), truth(held_out), weights.goal)
        print(name, {key: round(float(value), 3) for key, value in numbers.items()})


if __name__ == "__main__":
    main()
