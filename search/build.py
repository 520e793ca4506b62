"""Making the search index of a catalog, and opening it again if it is still the right one.

An index folder holds `vectors.npy` (of many rows: `vectors.faiss`), `centre.npy` (their mean),
`words/`, `concepts/`, `names.tsv` and, written last, `manifest.json`. Passages are not stored:
they are made again from the catalog, which the manifest's digest holds to be the same.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kg.message import UserError
from search.encoder import Encoder, Vectors
from search.index import ExactIndex, VectorIndex
from search.lexical import LexicalIndex
from search.name_index import NameIndex
from search.passage import passages
from search.ranking import Indexes
from search.rows import Rows
from search.searcher import Searcher
from search.thesaurus import Concepts, read_thesaurus, thesaurus_digest

if TYPE_CHECKING:  # it brings in rdflib, which a search does without
    from kg.catalog import Catalog

# Raise when analysis, passages or files change, so that an older index is not read with newer code.
FORMAT = 5
# Up to so many rows numpy compares with them all in a millisecond or two. FAISS would be faster,
# but who asks one question would wait a tenth of a second for its import.
FEW = 5_000

_MANIFEST = "manifest.json"
_VECTORS = "vectors.npy"
_MANY_VECTORS = "vectors.faiss"
_WORDS = "words"
_CENTRE = "centre.npy"
_CONCEPTS = "concepts"
_NAMES = "names.tsv"
_BATCH = 512


class StaleIndexError(UserError):
    """The index was made from other data, by another model or by another version of shirube."""


class DamagedIndexError(UserError):
    """Files of the index are missing or not as they were written."""


def build_index(catalog: "Catalog", encoder: Encoder, folder: Path) -> None:
    """Write the index of every thing of the catalog into a folder, replacing what it held."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (_MANIFEST, _VECTORS, _MANY_VECTORS):
        (folder / name).unlink(missing_ok=True)
    rows = _rows(catalog)
    batches = (rows.texts[start : start + _BATCH] for start in range(0, len(rows.texts), _BATCH))
    encoded = [encoder.encode_document(batch) for batch in batches]
    vectors = np.concatenate(encoded)
    np.save(folder / _CENTRE, vectors.mean(axis=0), allow_pickle=False)
    _save_vectors(vectors, folder)
    LexicalIndex.build(rows.texts).save(folder / _WORDS)
    Concepts.build(rows.texts, encoder, read_thesaurus()).save(folder / _CONCEPTS)
    NameIndex.build(rows, read_thesaurus()).save(folder / _NAMES)
    manifest = _expected(catalog, encoder) | {"files": _digests(folder)}
    text = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
    (folder / _MANIFEST).write_text(text, encoding="utf-8")


def open_searcher(catalog: "Catalog", encoder: Encoder, folder: Path) -> Searcher:
    """A searcher over an index that `build_index` wrote; raises as `open_index` does."""
    return Searcher(catalog, encoder, open_index(catalog, encoder, folder))


def open_index(catalog: "Catalog", encoder: Encoder, folder: Path) -> Indexes:
    """Read an index that `build_index` wrote for this catalog and this model.

    Raises StaleIndexError when it was made for others, DamagedIndexError when files are missing or
    changed.
    """
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        written = manifest.pop("files")
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise _damaged(folder, [_MANIFEST]) from error
    differing = [
        key for key, value in _expected(catalog, encoder).items() if manifest.get(key) != value
    ]
    if differing:
        raise _stale(folder, differing)
    present = _digests(folder)
    if changed := sorted(k for k in written.keys() | present if written.get(k) != present.get(k)):
        raise _damaged(folder, changed)
    return Indexes(
        _rows(catalog),
        _open_vectors(folder),
        np.load(folder / _CENTRE, allow_pickle=False),
        LexicalIndex.open(folder / _WORDS),
        Concepts.open(folder / _CONCEPTS),
        NameIndex.open(folder / _NAMES),
        hashlib.sha256((folder / _MANIFEST).read_bytes()).hexdigest(),
    )


def _save_vectors(vectors: Vectors, folder: Path) -> None:
    if len(vectors) <= FEW:
        ExactIndex(vectors).save(folder / _VECTORS)
        return
    from search.faiss_index import FaissIndex

    FaissIndex.build(vectors).save(folder / _MANY_VECTORS)


def _open_vectors(folder: Path) -> VectorIndex:
    if (folder / _VECTORS).exists():
        return ExactIndex.open(folder / _VECTORS)
    from search.faiss_index import FaissIndex

    return FaissIndex.open(folder / _MANY_VECTORS)


def _rows(catalog: "Catalog") -> Rows:
    return Rows(passages(catalog), {iri: n for n, iri in enumerate(catalog.things)})


def _expected(catalog: "Catalog", encoder: Encoder) -> dict[str, Any]:
    model = asdict(encoder.identity) | {"prompts": [list(p) for p in encoder.identity.prompts]}
    return {
        "format": FORMAT,
        "catalog": catalog.digest,
        "model": model,
        "thesaurus": thesaurus_digest(),
    }


def _digests(folder: Path) -> dict[str, str]:
    """SHA-256 of each of the index's files, by its path in the folder."""
    paths = (p for p in folder.rglob("*") if p.is_file() and p.name != _MANIFEST)
    found = {}
    for path in sorted(paths):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        found[path.relative_to(folder).as_posix()] = digest
    return found


def _stale(folder: Path, differing: Iterable[str]) -> StaleIndexError:
    ja = {
        "format": "shirube の版",
        "catalog": "データ",
        "model": "モデル",
        "thesaurus": "類語集",
    }
    en = {
        "format": "version of shirube",
        "catalog": "data",
        "model": "model",
        "thesaurus": "thesaurus",
    }
    others = " and ".join(en[key] for key in differing)
    return StaleIndexError(
        ja=f"検索索引 {folder} は今の{'・'.join(ja[k] for k in differing)}と合いません。"
        "`shirube build` で作り直してください。",
        en=f"The search index {folder} was made with another {others}. "
        "Make it again with `shirube build`.",
    )


def _damaged(folder: Path, files: Iterable[str]) -> DamagedIndexError:
    listed = ", ".join(files)
    return DamagedIndexError(
        ja=f"検索索引 {folder} のファイルが欠けているか壊れています（{listed}）。"
        "`shirube build` で作り直してください。",
        en=f"The search index {folder} lacks files or has damaged ones ({listed}). "
        "Make it again with `shirube build`.",
    )
