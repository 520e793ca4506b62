"""The vector index seam, and its plainest implementation, best for few rows."""

from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from search.encoder import Vectors

Scores: TypeAlias = NDArray[np.float32]
Ids: TypeAlias = NDArray[np.int64]
Mask: TypeAlias = NDArray[np.bool_]


class VectorIndex(Protocol):
    """Unit rows by inner product; a row's id is its place in the order of adding, from 0."""

    @property
    def size(self) -> int:
        """How many rows it holds."""
        ...

    def search(self, vectors: Vectors, k: int, filter: Mask | None = None) -> tuple[Scores, Ids]:
        """For each of n vectors the k best allowed rows, best first: two arrays of shape (n, k).

        `filter` (one bool per row) is applied inside the search, never after it, so that k
        answers come back whenever k rows are allowed; missing ones have id -1 and score -inf.
        """
        ...

    def rows(self, ids: Ids) -> Vectors:
        """The stored rows of some ids, shape (len(ids), dimensions), as precise as stored."""
        ...


class ExactIndex:
    """A `VectorIndex` that compares with every row in numpy: the reference.

    Rows are as precise as 16 bits (cosines change by less than 0.001), as FAISS keeps them.
    """

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors.astype(np.float16).astype(np.float32)

    @classmethod
    def open(cls, path: Path) -> "ExactIndex":
        """Read what `save` wrote. Raises OSError or ValueError when it is damaged."""
        return cls(np.load(path, allow_pickle=False))

    @property
    def size(self) -> int:
        return len(self._vectors)

    def search(self, vectors: Vectors, k: int, filter: Mask | None = None) -> tuple[Scores, Ids]:
        scores = vectors @ self._vectors.T
        if filter is not None:
            scores[:, ~filter] = -np.inf
        if (missing := k - self.size) > 0:
            scores = np.pad(scores, ((0, 0), (0, missing)), constant_values=-np.inf)
        ids = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        best = np.take_along_axis(scores, ids, axis=1)
        return best.astype(np.float32), np.where(np.isneginf(best), -1, ids).astype(np.int64)

    def rows(self, ids: Ids) -> Vectors:
        return self._vectors[ids]

    def save(self, path: Path) -> None:
        """Write the rows as a numpy file, in 16 bits."""
        with path.open("wb") as file:
            np.save(file, self._vectors.astype(np.float16), allow_pickle=False)
