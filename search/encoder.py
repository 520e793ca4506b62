"""The encoder seam: texts in any language to unit vectors."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kg.message import UserError
from search.prompts import Prompts

BUNDLED_MODEL = Path(__file__).parent / "models" / "static"
Vectors = NDArray[np.float32]


class EncoderError(UserError):
    """A model that is not there, or whose files cannot be read."""


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """What an index must agree on: any change here makes its vectors another model's.

    `digest` (SHA-256 hex) covers the model's files, or the hub's `revision` (empty for a folder),
    together with the dimensions and prompts; `prompts` are the (task, prefix) pairs put before a
    text.
    """

    name: str
    digest: str
    dimensions: int
    prompts: tuple[tuple[str, str], ...] = ()
    revision: str = ""


class Encoder(Protocol):
    """Turns texts into float32 rows of length 1, shape (len(texts), dimensions).

    A text in which the model knows nothing (an empty one) may be a row of zeros, never NaN.
    A row does not depend on the other texts of its batch.
    """

    @property
    def identity(self) -> ModelIdentity: ...

    def encode_query(self, texts: Sequence[str]) -> Vectors: ...

    def encode_document(self, texts: Sequence[str]) -> Vectors: ...


def cosines(rows: Vectors, row: Vectors) -> Vectors:
    """The cosine of each of some unit rows and one.

    Not by `@`: on busy cores the threads of a linear algebra library cost 50 times what they save.
    """
    products: Vectors = np.vecdot(rows, row)
    return products


def load_encoder(
    name: str | None = None, *, network: bool = False, prompts: Prompts | None = None
) -> Encoder:
    """The bundled encoder (None), a model folder, or a sentence-transformers hub name.

    A static model is read without torch, and so is a folder whose weights are an ONNX graph.
    Nothing is downloaded unless `network` is true.
    `prompts` stand in for those that the model has or is known to want (see `search.prompts`).
    Raises EncoderError when the model is not there or cannot be read.
    """
    from search.static_encoder import StaticEncoder, is_static

    folder = BUNDLED_MODEL if name is None else Path(name)
    if name is None or is_static(folder):
        return StaticEncoder(folder, prompts)
    from search.onnx_encoder import OnnxEncoder, is_onnx

    if is_onnx(folder):
        return OnnxEncoder(folder, prompts)
    from search.transformer_encoder import SentenceTransformerEncoder

    return SentenceTransformerEncoder(name, network=network, prompts=prompts)


def model_files(folder: Path) -> list[Path]:
    """The files that make a model folder what it is, sorted: not its card, nothing hidden."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and path.suffix.lower() != ".md"
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def identify(
    name: str, folder: Path, dimensions: int, prompts: Prompts, revision: str = ""
) -> ModelIdentity:
    """The identity of a model from its folder, or from its hub revision where it has one."""
    digest = hashlib.sha256(json.dumps([dimensions, prompts.items()]).encode())
    if revision:
        digest.update(revision.encode())
    else:
        for path in model_files(folder):
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return ModelIdentity(name, digest.hexdigest(), dimensions, prompts.items(), revision)


def unit_rows(rows: NDArray[np.floating]) -> Vectors:
    """Rows scaled to length 1 in float32; rows of zeros or NaN become zeros."""
    vectors = np.nan_to_num(np.asarray(rows, dtype=np.float32), posinf=0.0, neginf=0.0)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 1e-12)
    return np.ascontiguousarray(scaled, dtype=np.float32)
