"""The recipe of the judge's weights, one command, the same weights every time:

    python -m search.sdg_training SOURCES [--gold FILE] [--out FILE]

`SOURCES` holds `aurora_survey/`, `aurora_queries/`, `zora/`, `oro_gold/` and `un_translations/`.
Trained on those, the wordings of the SDGs, `sdg_examples.csv` and the development half of the
gold set. What mixes and accepts is chosen on texts that the models of that moment have not seen
(five folds); the odd rows of oro_gold and the final half of the gold set are never used here.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kg.catalog_queries import read_sdgs
from kg.codes import GOALS
from kg.oxigraph import OxigraphStore
from ontology import SDG_CONCEPTS
from search.encoder import Encoder, load_encoder
from search.sdg import RetrievalJudge
from search.sdg_calibration import measure
from search.sdg_classifier import BUCKETS, WEIGHTS, Softmax, Weights, bucket, save_weights, weighed
from search.sdg_mixing import Unseen, join, mix, show
from search.sdg_reading import Reading, read
from search.sdg_sources import MEASURED, RESEARCH, Labelled, examples, gold, reference, research
from search.sdg_trained import GOAL_SIGNALS, TARGET_SIGNALS, TrainedJudge, mixed

GOLD = Path("tests/data/sdg/gold.jsonl")
FOLDS = 5
MEANING_C, WORDS_C, TARGETS_C = 0.35, 4.0, 1.0
"""How freely each model may fit: scikit-learn's C."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Texts:
    """Labelled texts, read: `vectors` (texts, dimensions) and the words of each."""

    labelled: Sequence[Labelled]
    readings: Sequence[Reading]

    def of(self, rows: NDArray[np.intp]) -> "Texts":
        """The texts of these rows."""
        return Texts([self.labelled[row] for row in rows], [self.readings[row] for row in rows])

    def __add__(self, other: "Texts") -> "Texts":
        return Texts(
            [*self.labelled, *other.labelled],
            [*self.readings, *other.readings],
        )


def read_all(labelled: Sequence[Labelled], encoder: Encoder) -> Texts:
    """Read the texts; those without a span teach nothing and are left out."""
    readings = read([one.text for one in labelled], encoder)
    kept = [pair for pair in zip(labelled, readings, strict=True) if pair[1].spans]
    return Texts([one for one, _ in kept], [reading for _, reading in kept])


def fit(texts: Texts, target_codes: Sequence[str], start: Weights) -> Weights:
    """The three models, fitted on all of `texts`."""
    from scipy.sparse import csr_matrix

    vectors = np.stack([reading.vector for reading in texts.readings])
    vocabularies = [reading.vocabulary for reading in texts.readings]
    idf = _idf(vocabularies)
    features = [weighed(words, idf) for words in vocabularies]
    words = csr_matrix(
        (
            np.concatenate([values for _, values in features]),
            np.concatenate([found for found, _ in features]),
            np.cumsum([0, *(len(found) for found, _ in features)]),
        ),
        shape=(len(features), BUCKETS),
    )
    goals = [[GOALS.index(goal) for goal in sorted(one.goals)] or [17] for one in texts.labelled]
    places = {code: place for place, code in enumerate(target_codes)}
    targets = [[places[code] for code in sorted(one.targets)] for one in texts.labelled]
    counts = np.array([one.counts for one in texts.labelled])
    return replace(
        start,
        by_meaning=_softmax(vectors, goals, 18, counts, MEANING_C),
        by_words=_softmax(words, goals, 18, counts, WORDS_C),
        idf=idf,
        target_codes=tuple(target_codes),
        targets=_softmax(vectors, targets, len(target_codes), counts, TARGETS_C),
    )


def _idf(vocabularies: Sequence[Sequence[str]]) -> NDArray[np.float32]:
    seen = np.zeros(BUCKETS)
    for words in vocabularies:
        seen[sorted({bucket(word) for word in words})] += 1
    idf = np.log((len(vocabularies) / 4 + 1) / (seen + 1))
    return np.asarray(np.maximum(idf, 0), dtype=np.float32)


def _softmax(
    rows: Any, labels: Sequence[Sequence[int]], size: int, counts: Floats, c: float
) -> Softmax:
    """A text of several classes is a row for each; rare classes count for more."""
    from sklearn.linear_model import LogisticRegression

    where = np.repeat(np.arange(len(labels)), [len(one) for one in labels])
    classes = np.array([label for one in labels for label in one])
    weights = (counts / np.maximum([len(one) for one in labels], 1))[where]
    totals = np.bincount(classes, weights=weights, minlength=size)
    weights = weights * np.sqrt(totals.mean() / np.maximum(totals, 1))[classes]
    model = LogisticRegression(C=c, max_iter=200, tol=1e-3)
    model.fit(rows[where], classes, sample_weight=weights)
    if len(model.classes_) != size:
        raise ValueError(f"{size - len(model.classes_)} classes have no text")
    return Softmax(model.coef_.T, model.intercept_)


def blank(encoder: Encoder) -> Weights:
    """Weights that say nothing yet."""
    nothing = Softmax(np.zeros((0, 0)), np.zeros(0))
    return Weights(
        encoder=encoder.identity.digest,
        by_meaning=nothing,
        by_words=nothing,
        idf=np.zeros(BUCKETS, dtype=np.float32),
        target_codes=(),
        targets=nothing,
        goal_mix=(0.0,) * (1 + GOAL_SIGNALS),
        target_mix=(0.0,) * (1 + TARGET_SIGNALS),
        thresholds={},
        target=1.0,
        accuracy=(),
    )


def train(judge: RetrievalJudge, always: Texts, folded: Texts) -> tuple[Weights, Unseen]:
    """The weights, and what the folds showed.

    `always` is in every model; `folded` teaches how to mix, each fifth by models without it.
    """
    codes = [code for code in judge.codes if "." in code]
    start = blank(judge.encoder)
    rows = np.arange(len(folded.labelled))
    parts = []
    for fold in range(FOLDS):
        weights = fit(always + folded.of(rows[rows % FOLDS != fold]), codes, start)
        held = folded.of(rows[rows % FOLDS == fold])
        parts.append(show(TrainedJudge(judge, weights), held.labelled))
    unseen = join(parts)
    final = fit(always + folded, codes, start)
    return mix(unseen, TrainedJudge(judge, final)), unseen


def report(name: str, weights: Weights, shown: Unseen) -> None:
    """Print what the goals' thresholds give on texts, beside the retrieval's own measures."""
    scores = mixed(weights.goal_mix, shown.goals)
    at = np.array([weights.thresholds[goal] for goal in GOALS])
    numbers = measure(scores - at + 0.5, shown.wanted, 0.5) | {
        "first guess right": float(shown.wanted[range(len(scores)), scores.argmax(axis=1)].mean())
    }
    print(name, len(scores), {key: round(float(value), 3) for key, value in numbers.items()})


def main() -> None:
    """Command line of the recipe."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("sources", type=Path, help="folder with aurora_survey, zora, oro_gold, ...")
    parser.add_argument("--gold", type=Path, default=GOLD, help="the gold set, as JSON lines")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="where to write the weights")
    arguments = parser.parse_args()
    store = OxigraphStore()
    store.load(SDG_CONCEPTS.read_bytes(), "text/turtle")
    concepts = list(read_sdgs(store).values())
    encoder = load_encoder()
    judge = RetrievalJudge(concepts, encoder)
    own = examples()
    measured = research(arguments.sources / MEASURED)
    always = [
        *reference(concepts, arguments.sources),
        *(one for name in RESEARCH for one in research(arguments.sources / name)),
        *(one for one in own if one.source == "words"),
    ]
    folded = [
        *gold(arguments.gold, "development"),
        *(one for one in own if one.source == "sentence"),
        *measured[::2],
    ]
    weights, unseen = train(judge, read_all(always, encoder), read_all(folded, encoder))
    save_weights(weights, arguments.out)
    for source in ("gold", "sentence", "research"):
        report(f"folds: {source}", weights, unseen.of(unseen.sources == source))
    held_out = read_all(measured[1::2], encoder).labelled
    report("held-out oro_gold", weights, show(TrainedJudge(judge, weights), held_out))


if __name__ == "__main__":
    main()
