"""More like this: the things that are nearest to one of them, by vectors and by words."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kg.plan import ThingType
from kg.things import Thing, below
from search.analysis import analyse
from search.encoder import Vectors, unit_rows
from search.marking import Marker, Span
from search.passage import Field
from search.ranking import OWN_FIELDS, WORDS_WEIGHT, Indexes

# What the names of all that is below a thing count beside its own texts.
_BELOW = 0.5


@dataclass(frozen=True, slots=True)
class Similar:
    """A thing that is like another: `similarity` is 0..1, `spans` are the words of its label, in
    the language asked for, that the other's has too.
    """

    thing: Thing
    similarity: float
    spans: tuple[Span, ...]


class Likeness:
    """Compares the things of one catalog; safe to use from many threads."""

    def __init__(self, things: Sequence[Thing], indexes: Indexes) -> None:
        self._things = things
        self._by_iri = {thing.iri: thing for thing in things}
        self._numbers = {thing.iri: n for n, thing in enumerate(things)}
        self._rows = indexes.rows
        self._indexes = indexes
        own = np.array([one.field in OWN_FIELDS for one in self._rows.passages], dtype=np.bool_)
        self._own_rows = self._rows.row_of[own]
        self._own_things = self._rows.things[own]

    def nearest(
        self, iri: str, language: str, limit: int, types: Collection[ThingType] = ()
    ) -> list[Similar]:
        """The `limit` things most like one, best first, of some types (none given: all but plans).

        What is above and below it is left out: its own place shows that. Raises KeyError for what
        is not here.
        """
        number = self._numbers[iri]
        likeness = self._vectors @ self._vectors[number] + WORDS_WEIGHT * self._words(number)
        kin = self._kin(number)
        among = [
            n
            for n, thing in enumerate(self._things)
            if n not in kin and (thing.type in types if types else thing.type != "strategy")
        ]
        among.sort(key=lambda n: (-likeness[n], n))
        marker = Marker(self._label(number, language))
        best = 1.0 + WORDS_WEIGHT
        return [
            Similar(
                self._things[n],
                round(min(max(float(likeness[n]) / best, 0.0), 1.0), 4),
                marker.spans(self._label(n, language)),
            )
            for n in among[:limit]
        ]

    def _label(self, number: int, language: str) -> str:
        label = self._things[number].label
        return label.get(language) or next(iter(label.values()), "")

    def _words(self, number: int) -> NDArray[np.float64]:
        """How many of a thing's words each thing's own texts share, weighed by BM25, 0..1."""
        shared = np.zeros(len(self._things))
        words = self._indexes.words
        for text in self._things[number].label.values():
            tokens = analyse(text)
            scores = words.scores(tokens)[self._own_rows] / (words.highest(tokens) or 1.0)
            np.maximum.at(shared, self._own_things, scores)
        return np.minimum(shared, 1.0)

    def _kin(self, number: int) -> set[int]:
        """The numbers of a thing, of what is above it and of what is below it."""
        thing = self._things[number]
        kin = {number, *(self._numbers[one.iri] for one, _ in below(self._by_iri, thing))}
        while thing.parent is not None:
            thing = self._by_iri[thing.parent]
            kin.add(self._numbers[thing.iri])
        return kin

    @cached_property
    def _vectors(self) -> Vectors:
        """A unit row for each thing: its own texts and what is below it, less the centre of all.

        Every language is in the mean, so that none decides.
        """
        theirs: set[Field] = {"child", "component", "kpi"}
        return unit_rows(self._mean(OWN_FIELDS) + _BELOW * self._mean(theirs))

    def _mean(self, fields: Collection[Field]) -> NDArray[np.float64]:
        """Each thing's mean over its texts of some fields, less the centre; 0 where it has none."""
        chosen = np.array([one.field in fields for one in self._rows.passages], dtype=np.bool_)
        rows, things = self._rows.row_of[chosen], self._rows.things[chosen]
        total = np.zeros((len(self._things), len(self._indexes.centre)))
        np.add.at(total, things, self._indexes.vectors.rows(rows) - self._indexes.centre)
        counts = np.bincount(things, minlength=len(self._things))
        return total / np.maximum(counts, 1)[:, None]
