"""What plans are called by: their names, parts of those, and the places that they are for."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from kg.things import Thing
from search.encoder import Encoder, Vectors
from search.framing import own_names
from search.labels import spaced

# From this cosine on a text speaks of a place (Kumamoto of 熊本: .45, a neighbour below .2); and
# how much of a plan's name a part must be to stand for it: 総合戦略, but not jobs.
_OF_A_PLACE = 0.3
_MIN_SHARE = 0.3


class PlanNames:
    """Finds the plans that a text names; safe to use from many threads."""

    def __init__(self, strategies: Sequence[Thing], encoder: Encoder) -> None:
        self._strategies = strategies
        self._encoder = encoder
        self._names = {
            one.iri: [spaced(label) for label in one.label.values()] for one in strategies
        }

    def named(self, text: str) -> list[Thing]:
        """The plans whose name the text is a telling part of, or the place of."""
        key = spaced(text)
        holding = {
            one.iri: max(len(key) / len(name) for name in names)
            for one in self._strategies
            if key and (names := [name for name in self._names[one.iri] if key in name])
        }
        telling = any(share >= _MIN_SHARE for share in holding.values())
        if not (telling or (holding and self.is_of_a_place(text))):
            return []
        return [one for one in self._strategies if one.iri in holding]

    def is_of_a_place(self, text: str) -> bool:
        """Whether a text speaks of a place that a plan is for, in any language.

        Everything in such a plan is of that place: it names nothing there.
        """
        if not len(self._places):
            return False
        [row] = self._encoder.encode_query([text])
        return float((self._places @ row).max()) >= _OF_A_PLACE

    @cached_property
    def _places(self) -> Vectors:
        publishers = (one.texts.get("publisher", {}) for one in self._strategies)
        names = (name for texts in publishers for name in texts.values())
        places = {min(own_names([name]), key=len) for name in names}  # 熊本 of 熊本県
        return np.asarray(self._encoder.encode_query(sorted(places)))
