"""The trained half of the judge: linear in a text's vector and in its words, one file of weights.

`search.sdg_training` is the recipe; `search/models/sdg/README.md` says on what and how well.
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.encoder import Vectors

WEIGHTS = Path(__file__).parent / "models" / "sdg" / "weights.npz"
BUCKETS = 1 << 15
_STEM = 7  # letters of a word in an alphabet: education and educational are one
_TINY = 1e-6

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Softmax:
    """A multinomial logistic regression: `weights` (features, classes), `bias` (classes,)."""

    weights: NDArray[np.floating]
    bias: NDArray[np.floating]

    def chances(self, logits: NDArray[np.floating]) -> Floats:
        """Rows of weighted sums to rows of chances that add up to 1."""
        shifted = logits + self.bias
        powers = np.exp(shifted - shifted.max(axis=1, keepdims=True))
        chances: Floats = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
        return chances


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What to expect of accepting every goal from a score on, seen on the development texts.

    `precision`: how many of those are right; `coverage`: how many of the right ones those are.
    """

    score: float
    precision: float
    coverage: float


@dataclass(frozen=True, slots=True)
class Weights:
    """All that is learnt. Goals are the columns 0..16 of a model, "none" is the last.

    `by_meaning`, `by_words`: texts to goals; `idf`: (BUCKETS,); `target_codes` are the columns of
    `targets`, which reads vectors alone. `goal_mix`, `target_mix`: the logistic regressions of
    the signals in `search.sdg_trained`, the intercept first. `thresholds`: goal -> score from
    which it is accepted; `target`: the same for targets. `encoder`: the digest of the model whose
    vectors these are.
    """

    encoder: str
    by_meaning: Softmax
    by_words: Softmax
    idf: Floats
    target_codes: tuple[str, ...]
    targets: Softmax
    goal_mix: tuple[float, ...]
    target_mix: tuple[float, ...]
    thresholds: Mapping[str, float]
    target: float
    accuracy: tuple[Acceptance, ...]

    def goals_by_meaning(self, vectors: Vectors) -> Floats:
        """Unit rows to chances, shape (texts, 18)."""
        return self.by_meaning.chances(vectors @ self.by_meaning.weights)

    def goals_by_words(self, texts: Sequence[Sequence[str]]) -> Floats:
        """The words of each text to chances, shape (texts, 18)."""
        return self.by_words.chances(self._weigh(texts))

    def _weigh(self, texts: Sequence[Sequence[str]]) -> Floats:
        sums = np.zeros((len(texts), len(self.by_words.bias)), dtype=np.float32)
        for row, words in enumerate(texts):
            found, values = weighed(words, self.idf)
            sums[row] = values @ self.by_words.weights[found]
        return sums

    def targets_by_meaning(self, vectors: Vectors) -> Floats:
        """Unit rows to chances, shape (texts, len(target_codes))."""
        return self.targets.chances(vectors @ self.targets.weights)

    def accuracy_above(self, score: float) -> float | None:
        """The share that is right of goals accepted from `score` on; None above what was seen."""
        return next((one.precision for one in self.accuracy if one.score >= score), None)


@lru_cache(maxsize=100_000)
def bucket(word: str) -> int:
    """The feature of a word: a stable hash, words of an alphabet by their first letters."""
    return zlib.crc32((word[:_STEM] if word.isascii() else word).encode()) % BUCKETS


def weighed(words: Sequence[str], idf: Floats) -> tuple[NDArray[np.int64], Floats]:
    """The features of a text and their values: IDF, as a row of length 1."""
    found = np.array(sorted(set(map(bucket, words))), dtype=np.int64)
    values = idf.take(found)
    return found, values / max(float(np.sqrt(values.dot(values))), _TINY)


def save_weights(weights: Weights, path: Path = WEIGHTS) -> None:
    """Write the file; the same weights give the same bytes."""
    said = {
        "encoder": weights.encoder,
        "target_codes": weights.target_codes,
        "goal_mix": weights.goal_mix,
        "target_mix": weights.target_mix,
        "thresholds": dict(weights.thresholds),
        "target": weights.target,
        "accuracy": [(one.score, one.precision, one.coverage) for one in weights.accuracy],
    }
    arrays: dict[str, Any] = {"idf": weights.idf}
    for name in ("by_meaning", "by_words", "targets"):
        model: Softmax = getattr(weights, name)
        arrays |= {f"{name}.weights": model.weights, f"{name}.bias": model.bias}
    arrays = {name: np.asarray(array, dtype=np.float16) for name, array in arrays.items()}
    arrays["said"] = np.frombuffer(json.dumps(said).encode(), dtype=np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **arrays)


def load_weights(path: Path = WEIGHTS) -> Weights:
    """Read the file. Raises OSError or ValueError where it is not there or not whole."""
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: np.asarray(file[name]) for name in file.files}
    said = json.loads(arrays.pop("said").tobytes())

    def model(name: str) -> Softmax:
        return Softmax(
            arrays[f"{name}.weights"].astype(np.float32), arrays[f"{name}.bias"].astype(np.float32)
        )

    return Weights(
        encoder=said["encoder"],
        by_meaning=model("by_meaning"),
        by_words=model("by_words"),
        idf=arrays["idf"].astype(np.float32),
        target_codes=tuple(said["target_codes"]),
        targets=model("targets"),
        goal_mix=tuple(said["goal_mix"]),
        target_mix=tuple(said["target_mix"]),
        thresholds=said["thresholds"],
        target=said["target"],
        accuracy=tuple(Acceptance(*one) for one in said["accuracy"]),
    )
