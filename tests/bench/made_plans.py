"""Synthetic plans shaped like the bundled one, in any number: for stores of any size."""

import random
import re
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from kg.assembly import n_quads, read_plans
from ontology import BUNDLED_PLAN, GRAPH, SDG_CONCEPTS, VOCABULARY

_NAME = "kumamoto-2"
_LABEL = re.compile(r'(prefLabel> ")([^"]*)("@(?:ja|en))')
_PLACES = ("阿蘇", "天草", "人吉", "水俣", "玉名", "山鹿", "菊池", "宇土", "八代", "荒尾")
_KEPT = 0.9  # of a plan's alignments: no two plans are of one size


def plan_id(number: int) -> str:
    """The id of a synthetic plan, as it stands in its IRIs."""
    return f"made-{number:05}"


def store(scratch: Path, triples: int) -> tuple[Path, int]:
    """A store on disk of at least so many triples, made where it is not there yet, and its plans.

    It is loaded, put in order and counted under another name, so that no half of it is taken for
    the whole.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    folder = scratch / f"store-{triples}"
    count = folder.with_suffix(".plans")
    if not count.exists():
        dump, new = scratch / f"{folder.name}.nq", scratch / f"{folder.name}.new"
        plans = write(dump, triples)
        load(dump, new)
        dump.unlink()
        new.rename(folder)
        count.write_text(str(plans))
    return folder, int(count.read_text())


def write(file: Path, triples: int, seed: int = 1) -> int:
    """Write at least `triples` N-Quads, and one plan; returns how many plans.

    A plan is the bundled one under another id, its labels marked with a place, some of its
    alignments left out; vocabulary and SDGs come once. The same seed gives the same plans.
    """
    shared = _quads("ontology", VOCABULARY) + _quads("sdg", SDG_CONCEPTS)
    template = n_quads(read_plans([BUNDLED_PLAN], lambda _ja, _en: None))
    written, plans = len(shared), 0
    with file.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(f"{line}\n" for line in shared)
        while written < triples or not plans:
            made = list(_plan(template, plans, random.Random(f"{seed} {plans}")))
            stream.writelines(f"{line}\n" for line in made)
            written, plans = written + len(made), plans + 1
    return plans


def load(dump: Path, folder: Path) -> None:
    """Load N-Quads into a new store on disk, as a build does."""
    store = ox.Store(str(folder))
    store.bulk_load(path=str(dump), format=ox.RdfFormat.N_QUADS)
    store.flush()
    store.optimize()


def _quads(name: str, file: Path) -> list[str]:
    """A Turtle file as the quads of a named graph."""
    triples = ox.parse(path=str(file), format=ox.RdfFormat.TURTLE)
    return [f"{one.triple} <{GRAPH}{name}> ." for one in triples]


def _plan(template: list[str], number: int, chance: random.Random) -> Iterator[str]:
    dropped: dict[str, bool] = {}
    for line in template:
        subject, _, rest = line.partition(" ")
        if "/alignment/" in subject and dropped.setdefault(subject, chance.random() > _KEPT):
            continue
        if "prefLabel>" in rest:
            place = chance.choice(_PLACES)
            line = _LABEL.sub(lambda found, at=place: f"{found[1]}{at} {found[2]}{found[3]}", line)
        yield line.replace(_NAME, plan_id(number))
