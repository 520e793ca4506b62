"""The vector index on FAISS: exact while that is fast, inverted lists for more rows.

Rows are stored in 16 bits (cosines change by less than 0.001). Up to `EXACT_LIMIT` rows every
search compares with all of them (60,000 rows of 256: 1.6 ms). Above, an inverted file is trained
and its `nprobe` raised until it finds what exact search finds, on rows of its own.
"""

import math
from pathlib import Path
from typing import Any

import faiss as _faiss
import numpy as np

from search.encoder import Vectors
from search.index import Ids, Mask, Scores

faiss: Any = _faiss  # its type stubs do not know its own Python wrappers

EXACT_LIMIT = 100_000
RECALL = 0.99  # of the 10 nearest rows, against exact search, that building insists on
_TUNING_ROWS = 200
_TRAINING_ROWS_PER_LIST = 40
# With so few rows allowed, looking into every list costs less than missing one.
_NARROW = 20_000


class FaissIndex:
    """A `VectorIndex` kept by FAISS; made by `build` or `open`. Safe for many threads."""

    def __init__(self, index: Any, nprobe: int) -> None:
        self._index = index
        self._nprobe = nprobe
        self._inverted = isinstance(faiss.downcast_index(index), faiss.IndexIVF)
        if self._inverted:
            faiss.downcast_index(index).make_direct_map()  # so that rows can be read back

    @classmethod
    def build(cls, vectors: Vectors, *, exact_limit: int = EXACT_LIMIT) -> "FaissIndex":
        """Index unit rows of shape (n, dimensions)."""
        faiss.omp_set_num_threads(1)
        count, dimensions = vectors.shape
        if count <= exact_limit:
            index = _factory(dimensions, "SQfp16")
            index.train(vectors[:1])  # 16-bit floats need no training, but FAISS asks for it
            index.add(vectors)
            return cls(index, 0)
        lists = 1 << round(math.log2(3 * math.sqrt(count)))
        index = _factory(dimensions, f"IVF{lists},SQfp16")
        chosen = np.random.default_rng(0).permutation(count)[: lists * _TRAINING_ROWS_PER_LIST]
        index.train(vectors[np.sort(chosen)])
        index.add(vectors)
        return cls(index, _tuned_nprobe(index, vectors, lists))

    @classmethod
    def open(cls, path: Path) -> "FaissIndex":
        """Read what `save` wrote. Raises RuntimeError when FAISS cannot read it."""
        index = faiss.read_index(str(path))
        ivf = faiss.downcast_index(index)
        return cls(index, ivf.nprobe if isinstance(ivf, faiss.IndexIVF) else 0)

    def save(self, path: Path) -> None:
        """Write the index to one file."""
        if self._inverted:
            faiss.downcast_index(self._index).nprobe = self._nprobe
        faiss.write_index(self._index, str(path))

    @property
    def size(self) -> int:
        return int(self._index.ntotal)

    @property
    def nprobe(self) -> int:
        """How many inverted lists a search looks into; 0 when the search is exact."""
        return self._nprobe

    def search(self, vectors: Vectors, k: int, filter: Mask | None = None) -> tuple[Scores, Ids]:
        faiss.omp_set_num_threads(1)  # a setting of the calling thread: each must make it
        selector = None
        if filter is not None:
            bits = np.packbits(filter, bitorder="little")
            selector = faiss.IDSelectorBitmap(bits)
        if self._inverted:
            narrow = filter is not None and int(filter.sum()) <= _NARROW
            probes = self._lists() if narrow else self._nprobe
            parameters = faiss.SearchParametersIVF(nprobe=probes, sel=selector)
        else:
            parameters = faiss.SearchParameters(sel=selector)
        scores, ids = self._index.search(np.ascontiguousarray(vectors), k, params=parameters)
        scores[ids < 0] = -np.inf
        return scores, ids

    def rows(self, ids: Ids) -> Vectors:
        rows: Vectors = self._index.reconstruct_batch(np.ascontiguousarray(ids, dtype=np.int64))
        return rows

    def _lists(self) -> int:
        return int(faiss.downcast_index(self._index).nlist)


def _factory(dimensions: int, recipe: str) -> Any:
    return faiss.index_factory(dimensions, recipe, faiss.METRIC_INNER_PRODUCT)


def _tuned_nprobe(index: Any, vectors: Vectors, lists: int) -> int:
    """The smallest power of two of lists that gives `RECALL` of the 10 nearest rows."""
    count = len(vectors)
    chosen = np.random.default_rng(1).choice(count, min(_TUNING_ROWS, count), replace=False)
    # Questions lie near rows, not on them: a noise of a third of their length is put on.
    questions = vectors[np.sort(chosen)]
    noise = np.random.default_rng(2).standard_normal(questions.shape).astype(np.float32)
    questions = questions + noise / (3 * math.sqrt(vectors.shape[1]))
    k = min(10, count)
    truth = np.argpartition(-(questions @ vectors.T), k - 1, axis=1)[:, :k]
    probes = 1
    while probes < lists:
        found = index.search(questions, k, params=faiss.SearchParametersIVF(nprobe=probes))[1]
        shared = sum(len(np.intersect1d(a, b)) for a, b in zip(truth, found, strict=True))
        if shared >= RECALL * truth.size:
            return probes
        probes *= 2
    return lists
