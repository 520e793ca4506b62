"""Synthetic plans shaped like the bundled one, in any number: for stores of any size."""

import random
import re
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from kg.assembly import assemble
from ontology import BUNDLED_PLAN

_NAME = "kumamoto-2"
_LABEL = re.compile(r'(prefLabel> ")([^"]*)("@(?:ja|en))')
_PLACES = ("阿蘇", "天草", "人吉", "水俣", "玉名", "山鹿", "菊池", "宇土", "八代", "荒尾")
_KEPT = 0.9  # of a plan's alignments: no two plans are of one size


def plan_id(number: int) -> str:
    """The id of a synthetic plan, as it stands in its IRIs."""
    return f"made-{number:05}"


def write(file: Path, triples: int, seed: int = 1) -> int:
    """Write at least `triples` N-Quads of whole plans; returns how many plans.

    A plan is the bundled one under another id, its labels marked with a place, some of its
    alignments left out; vocabulary and SDGs come once. The same seed gives the same plans.
    """
    lines = assemble([BUNDLED_PLAN], lambda _ja, _en: None)
    shared = [line for line in lines if f"graph/{_NAME}/" not in line]
    template = [line for line in lines if f"graph/{_NAME}/" in line]
    written, plans = len(shared), 0
    with file.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(f"{line}\n" for line in shared)
        while written < triples:
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
