"""An encoder that has the vectors of an index at hand."""

from collections.abc import Sequence

import numpy as np

from search.encoder import Encoder, ModelIdentity, Vectors
from search.index import VectorIndex


class KeptVectors:
    """An `Encoder` that looks up the documents which an index has, and encodes all others.

    What is looked up is as precise as the index stores it. Safe to use from many threads.
    """

    def __init__(self, encoder: Encoder, texts: Sequence[str], index: VectorIndex) -> None:
        self._encoder = encoder
        self._index = index
        self._rows = {text: row for row, text in enumerate(texts)}

    @property
    def identity(self) -> ModelIdentity:
        """That of the encoder."""
        return self._encoder.identity

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        """Questions to unit rows, by the encoder."""
        return self._encoder.encode_query(texts)

    def encode_document(self, texts: Sequence[str]) -> Vectors:
        """Passages to unit rows, from the index as far as it has them."""
        rows = np.array([self._rows.get(text, -1) for text in texts], dtype=np.int64)
        vectors = np.empty((len(texts), self.identity.dimensions), dtype=np.float32)
        kept = rows >= 0
        if kept.any():
            vectors[kept] = self._index.rows(rows[kept])
        if not kept.all():
            unknown = [text for text, is_kept in zip(texts, kept, strict=True) if not is_kept]
            vectors[~kept] = self._encoder.encode_document(unknown)
        return vectors
