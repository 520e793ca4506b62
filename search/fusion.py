"""Two rankings of the same things made one."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

K = 60  # of reciprocal rank fusion; Cormack, Clarke & Büttcher (SIGIR 2009)


def ranks(scores: NDArray[np.float32], listed: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The 1-based rank of each listed thing, best first, ties by number; 0 where not listed."""
    order = np.flatnonzero(listed)
    order = order[np.argsort(-scores[order], kind="stable")]
    found = np.zeros(len(scores), dtype=np.int64)
    found[order] = np.arange(1, len(order) + 1)
    return found


def reciprocal_rank_fusion(
    lists: Sequence[tuple[NDArray[np.int64], float]], k: int = K
) -> NDArray[np.float64]:
    """The sum over (ranks, weight) of weight x (k + 1) / (k + rank): first place adds weight."""
    total = np.zeros(len(lists[0][0]))
    for found, weight in lists:
        total += np.where(found > 0, weight * (k + 1) / (k + found), 0.0)
    return total
