"""What the filters of a question do to the things of a catalog: how much each still counts."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kg.codes import goal_of
from kg.things import Thing, below
from search.labels import LabelIndex, spaced
from search.question import read_question
from search.rows import Rows
from search.understanding import FilterKind, Understanding

Weights = NDArray[np.float64]

# What a thing still counts that a filter does not fit: a filter is a guess, and must not hide the
# thing that answers. What is excluded is not: the reader said so.
UNFIT: Mapping[FilterKind, float] = {
    "type": 0.3,
    "within": 0.1,
    "sdg": 0.1,
    "phrase": 0.3,
    "without": 0.0,
}
# The place that a question asks within, beside what is within it.
_ITSELF = 0.5


class Constraints:
    """The filters over the things of one catalog, numbered as in `things`."""

    def __init__(self, things: Sequence[Thing], rows: Rows, labels: LabelIndex) -> None:
        self._things = things
        self._rows = rows
        self._labels = labels
        self._by_iri = {thing.iri: thing for thing in things}
        self._numbers = {thing.iri: n for n, thing in enumerate(things)}
        self._fits: Mapping[FilterKind, Callable[[str], Weights]] = {
            "type": self._of_type,
            "within": self._within,
            "sdg": self._serving,
            "phrase": self._saying,
            "without": self._without,
        }

    def weights(self, understood: Understanding) -> Weights:
        """How much each thing counts, 0..1, shape (things,): several types are alternatives,
        filters of different kinds all apply. Where nothing is left, no filter applies.
        """
        total = np.ones(len(self._things))
        for kind, fits in self._fits.items():
            said = [fits(value) for value in understood.values(kind)]
            if said:
                together = np.minimum if kind in ("without", "phrase") else np.maximum
                total *= together.reduce(said)
        return total if total.any() else np.ones(len(self._things))

    def _graded(self, kind: FilterKind, fits: NDArray[np.bool_]) -> Weights:
        return np.where(fits, 1.0, UNFIT[kind])

    def _of_type(self, value: str) -> Weights:
        return self._graded("type", np.array([t.type == value for t in self._things]))

    def _within(self, code: str) -> Weights:
        roots = {thing.iri for thing in self._things if thing.code == code}
        weights = self._graded("within", self._below(roots))
        weights[[self._numbers[iri] for iri in roots]] = _ITSELF
        return weights

    def _serving(self, goal: str) -> Weights:
        def serves(thing: Thing) -> bool:
            return any(a.holds and goal_of(a.sdg) == goal for a in thing.alignments)

        return self._graded("sdg", np.array([serves(thing) for thing in self._things]))

    def _saying(self, phrase: str) -> Weights:
        key = _key(phrase)
        says = np.array([key in text for text in self._keys], dtype=np.bool_)
        fits = np.zeros(len(self._things), dtype=np.bool_)
        fits[self._rows.things[says[self._rows.row_of] & self._of_itself]] = True
        return self._graded("phrase", fits)

    @cached_property
    def _keys(self) -> list[str]:
        """Each row's text as phrases are compared with it: made at the first phrase, then kept."""
        return [_key(text) for text in self._rows.texts]

    @cached_property
    def _of_itself(self) -> NDArray[np.bool_]:
        """Which passages speak of their thing or what is below it: not of what is above."""
        return np.array([one.field != "parent" for one in self._rows.passages], dtype=np.bool_)

    def _without(self, said: str) -> Weights:
        """Nothing for the things named so, and what is below them."""
        named = {self._things[n].iri for n in self._labels.match(read_question(said))}
        unwanted = self._below(named)
        unwanted[[self._numbers[iri] for iri in named]] = True
        return np.where(unwanted, UNFIT["without"], 1.0)

    def _below(self, roots: set[str]) -> NDArray[np.bool_]:
        """Which things are below any of the roots."""
        found = np.zeros(len(self._things), dtype=np.bool_)
        for root in roots:
            for thing, _ in below(self._by_iri, self._by_iri[root]):
                found[self._numbers[thing.iri]] = True
        return found


def _key(text: str) -> str:
    return spaced(text).replace(" ", "")
