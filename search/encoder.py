"""The encoder seam: texts in any language to unit vectors."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

BUNDLED_MODEL = Path(__file__).parent / "models" / "static"
Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """What an index must agree on: the model's name, the digest of its files, its dimensions."""

    name: str
    digest: str
    dimensions: int


class Encoder(Protocol):
    """Turns texts into float32 rows of length 1, shape (len(texts), dimensions)."""

    @property
    def identity(self) -> ModelIdentity: ...

    def encode_query(self, texts: Sequence[str]) -> Vectors: ...

    def encode_document(self, texts: Sequence[str]) -> Vectors: ...
