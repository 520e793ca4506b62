"""The SDGs as a judge reads them, kept in a file: reading them anew takes seconds at every start.

The file says what it was made of: another encoder's, other wordings' or other code's is passed
over and replaced.
"""

import hashlib
import json
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np

from kg.catalog import SdgConcept
from search.encoder import Encoder
from search.sdg_concepts import ConceptIndex, Wording, wordings

# What decides on what a wording's spans, words and weights are.
_CODE = (
    "analysis.py",
    "stopwords.py",
    "sdg_names.py",
    "sdg_spans.py",
    "sdg_reading.py",
    "sdg_concepts.py",
)


def concept_index(
    concepts: Sequence[SdgConcept],
    encoder: Encoder,
    tokens: Callable[[str], Sequence[str]],
    kept: Path | None = None,
) -> ConceptIndex:
    """The index of all wordings, read from the file `kept`, or made and kept there for next time.

    Where nothing can be written there, it is made each time.
    """
    said = wordings(concepts)
    if kept is None:
        return ConceptIndex.build(said, encoder, tokens)
    digest = _digest(said, encoder)
    index = _open(kept, said, digest)
    if index is None:
        index = ConceptIndex.build(said, encoder, tokens)
        with suppress(OSError):
            _save(index, kept, digest)
    return index


def _digest(said: Sequence[Wording], encoder: Encoder) -> str:
    """SHA-256 (hex) of all that an index is made of."""
    made_of = [encoder.identity.digest, np.__version__, [astuple(one) for one in said]]
    digest = hashlib.sha256(json.dumps(made_of).encode())
    for name in _CODE:
        digest.update((Path(__file__).parent / name).read_bytes())
    return digest.hexdigest()


def _save(index: ConceptIndex, file: Path, digest: str) -> None:
    columns, weights = zip(*index.postings.values(), strict=True)
    arrays: dict[str, Any] = {
        "digest": _as_bytes(digest),
        "vectors": index.vectors,
        "mean": index.mean,
        "deviation": index.deviation,
        "tokens": _as_bytes(list(index.postings)),
        "ends": np.cumsum([len(one) for one in columns]),
        "columns": np.concatenate(columns),
        "weights": np.concatenate(weights),
    }
    partial = file.with_name(f".{file.name}.partial")
    with partial.open("wb") as stream:
        np.savez(stream, **arrays)
    partial.replace(file)


def _open(file: Path, said: Sequence[Wording], digest: str) -> ConceptIndex | None:
    """What was kept; None where it is not there, damaged, or made of something else."""
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as kept:
            if json.loads(kept["digest"].tobytes()) != digest:
                return None
            ends, columns, weights = kept["ends"], kept["columns"], kept["weights"]
            starts = [0, *ends[:-1].tolist()]
            places = [slice(*pair) for pair in zip(starts, ends.tolist(), strict=True)]
            tokens = json.loads(kept["tokens"].tobytes())
            postings = {
                token: (columns[place], weights[place])
                for token, place in zip(tokens, places, strict=True)
            }
            return ConceptIndex(said, kept["vectors"], kept["mean"], kept["deviation"], postings)
    except (OSError, ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def _as_bytes(value: object) -> Any:
    return np.frombuffer(json.dumps(value, ensure_ascii=False).encode(), dtype=np.uint8)
