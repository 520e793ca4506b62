"""A generation's catalog as a file: reading it takes a tenth of the time of asking the store.

    DATA/gen-0123456789ab/catalog.json   every thing of the plans
    DATA/gen-0123456789ab/sdgs.json      goals, targets and indicators

A generation never changes, and code that would read it otherwise makes another one
(`kg.inputs`). Each file begins with the SHA-256 of what follows; one that is missing or damaged is
passed over, and the store asked.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

from kg.catalog import Catalog
from kg.things import Alignment, Comparison, SdgConcept, Source, Thing

THINGS = "catalog.json"
SDGS = "sdgs.json"
One = TypeVar("One", Thing, SdgConcept)


def write_catalog(generation: Path) -> None:
    """Write both files into the folder of a generation whose store is closed."""
    catalog = _from_store(generation)
    _write(generation / THINGS, list(catalog.things.values()))
    _write(generation / SDGS, list(catalog.sdgs.values()))


def open_catalog(generation: Path) -> Catalog:
    """The catalog of a generation, by its files or by its store.

    Raises OSError or RuntimeError where it has neither.
    """
    things = _read(generation / THINGS, _thing)
    if things is None:
        return _from_store(generation)
    return Catalog({one.iri: one for one in things}, lambda: _sdgs(generation))


def _sdgs(generation: Path) -> Mapping[str, SdgConcept]:
    sdgs = _read(generation / SDGS, lambda said: SdgConcept(**said))
    return _from_store(generation).sdgs if sdgs is None else {one.code: one for one in sdgs}


def _from_store(generation: Path) -> Catalog:
    from kg.oxigraph import OxigraphStore  # and the parser of SPARQL, which files do without

    store = OxigraphStore(generation / "store", read_only=True)
    try:
        return Catalog.from_store(store)
    finally:
        store.close()


def _write(file: Path, listed: Sequence[One]) -> None:
    text = json.dumps(listed, default=_parts, ensure_ascii=False, separators=(",", ":"))
    content = text.encode("utf-8")
    file.write_bytes(hashlib.sha256(content).hexdigest().encode() + b"\n" + content)


def _parts(one: Any) -> dict[str, Any]:
    return {part.name: getattr(one, part.name) for part in fields(one)}


def _read(file: Path, made: Callable[[dict[str, Any]], One]) -> list[One] | None:
    """What a file holds; None where it is not as it was written."""
    try:
        digest, _, content = file.read_bytes().partition(b"\n")
    except OSError:
        return None
    if hashlib.sha256(content).hexdigest().encode() != digest:
        return None
    return [made(said) for said in json.loads(content)]


def _thing(said: dict[str, Any]) -> Thing:
    source = said["source"]
    return Thing(
        **said
        | {
            "children": tuple(said["children"]),
            "kpis": tuple(said["kpis"]),
            "source": None if source is None else Source(**source),
            "alignments": tuple(Alignment(**one) for one in said["alignments"]),
            "comparisons": tuple(Comparison(**one) for one in said["comparisons"]),
        }
    )
