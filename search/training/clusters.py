"""Group like training pairs, so that batches can be drawn from one another's hardest negatives.

    python -m search.training.clusters --work .shirube-training --run first

Reads the static rows of RUN; writes `clusters-RUN.npy`: for each pair of the corpus the number of
its cluster, by k-means (FAISS) over the sum of its two texts' vectors. `train --hard RUN` reads it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from search.encoder import Vectors, unit_rows
from search.training.batches import EncodedPairs, load_encoded
from search.training.corpus import DEFAULT_WORK
from search.training.export import load_run

PAIRS_PER_CLUSTER = 400
LEARNT_FROM = 120_000
ROUNDS = 8
_CHUNK = 20_000


def text_vectors(encoded: EncodedPairs, rows: Vectors) -> npt.NDArray[np.float16]:
    """Unit vectors of every text (texts, dims), by the sum of its pieces' rows."""
    made = np.empty((len(encoded.bounds) - 1, rows.shape[1]), dtype=np.float16)
    for start in range(0, len(made), _CHUNK):
        texts = np.arange(start, min(start + _CHUNK, len(made)))
        bags = encoded.bags(texts.astype(np.int32))
        # Piece 0 has a row of zeros: it closes the last text, which may be empty.
        made[texts] = unit_rows(np.add.reduceat(rows[np.append(bags.tokens, 0)], bags.offsets))
    return made


def clusters(encoded: EncodedPairs, rows: Vectors, seed: int) -> npt.NDArray[np.int32]:
    """The cluster of each pair, shape (pairs,); a cluster has about PAIRS_PER_CLUSTER of them."""
    import faiss

    vectors = text_vectors(encoded, rows)
    pairs = encoded.pairs
    sample = np.random.default_rng(seed).choice(
        len(pairs), min(LEARNT_FROM, len(pairs)), replace=False
    )
    count = max(1, min(len(pairs) // PAIRS_PER_CLUSTER, len(sample) // 40))
    means = faiss.Kmeans(rows.shape[1], count, niter=ROUNDS, seed=seed, spherical=True)
    means.train(_sums(vectors, pairs[sample]))
    made = np.empty(len(pairs), dtype=np.int32)
    for start in tqdm(range(0, len(pairs), _CHUNK), unit="chunk"):
        chunk = pairs[start : start + _CHUNK]
        made[start : start + len(chunk)] = means.assign(_sums(vectors, chunk))[1]
    return made


def _sums(vectors: npt.NDArray[np.float16], pairs: npt.NDArray[np.int32]) -> Vectors:
    first, second = (vectors[pairs[:, side]].astype(np.float32) for side in (0, 1))
    return unit_rows(first + second)


def main() -> None:
    """Command line of this step."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--work", type=Path, default=DEFAULT_WORK, help="intermediate results")
    parser.add_argument("--run", default="first", help="the run whose vectors tell likeness")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rows, vocabulary = load_run(arguments.work, arguments.run)
    encoded = load_encoded(arguments.work, vocabulary, glossary=False)
    made = clusters(encoded, rows, arguments.seed)
    np.save(arguments.work / f"clusters-{arguments.run}.npy", made)
    print(f"{len(np.unique(made)):,} clusters of {len(made):,} pairs")


if __name__ == "__main__":
    main()
