"""Things named by other words than their code or label: in other languages, or by a part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from kg.things import Thing
from search.analysis import script
from search.encoder import Encoder, Vectors, cosines
from search.labels import spaced
from search.question_codes import TYPES
from search.subject_words import subject_words

_MIN_TITLE = 5  # in size: shorter labels are names
_MIN_PART = 2.5  # in size, of a label: 移住 is no way to name 移住定住
_REMEMBERED = 64  # texts: the same is asked for by query after query
_MIN_SHARE = 0.4  # of a label, to be named by a part of it
# Each telling word of a text must be as near as this, by place, to what the text is said to mean:
# to which the game of "game development" is not.
_MAX_PLACE = 6

# From how far a thing stands out (its cosine, and that less the cosine of the next) to how sure
# its being meant is: not at all below the first, quite from the second on. Chosen on development
# questions.
_LABEL = (0.50, 0.80)
_LEAD = 0.15  # the next being farther than this makes no surer
# A thing and what stands above or below it speak of the same: the sum of the two nearest of them.
_ABOUT = (0.40, 0.60)


@dataclass(frozen=True, slots=True)
class Meant:
    """Things that may be meant, nearest first, and how sure that is: above 0, at most 1."""

    things: tuple[Thing, ...]
    sure: float


class NamedByMeaning:
    """Finds things by the labels that are nearest to a text; safe to use from many threads."""

    def __init__(self, things: Mapping[str, Thing], encoder: Encoder) -> None:
        self._things = things
        self._encoder = encoder
        self._near = lru_cache(maxsize=_REMEMBERED)(self._find_near)

    def by_label(self, text: str, types: frozenset[str]) -> Meant | None:
        """The thing whose label the text words otherwise, or is a telling part of."""
        near = self._near(text, types)
        key = spaced(text)
        telling = _size(key) >= _MIN_PART
        parts = [thing for _, thing in near if telling and self._share(key, thing) >= _MIN_SHARE]
        if parts:
            return Meant((parts[0],), 0.95 if len(parts) == 1 else 0.5)
        if not near or not self._may_reword(key, near[0][1]):
            return None
        best, next_best = _cosine(near, 0), _cosine(near, 1)
        strength = best + min(best - next_best, _LEAD)
        return self._told(text, _meant([near[0][1]], strength, _LABEL))

    def about(self, text: str, types: frozenset[str]) -> Meant | None:
        """The thing that the text is about, as its own label and its relatives' say."""
        near = self._near(text, TYPES)
        best, thing = next((pair for pair in near if pair[1].type in types), (0.0, None))
        if thing is None:
            return None
        support = max((cosine for cosine, other in near if other.iri in _kin(thing)), default=0.0)
        return self._told(text, _meant([thing], best + max(0.0, support), _ABOUT))

    def _told(self, text: str, meant: Meant | None) -> Meant | None:
        """What is meant, if every telling word of the text speaks of it or what is beside it."""
        if meant is None:
            return None
        around = {meant.things[0].iri} | _kin(meant.things[0])
        for word in subject_words(text):
            first = self._near(word, TYPES)[:_MAX_PLACE]
            if not any(thing.iri in around for _, thing in first):
                return None
        return meant

    def _find_near(self, text: str, types: frozenset[str]) -> list[tuple[float, Thing]]:
        """The things of some types, each with the cosine of the text and its nearest label."""
        owners, vectors = self._labels
        [query] = self._encoder.encode_query([text])
        best: dict[str, float] = {}
        for iri, cosine in zip(owners, cosines(vectors, query).tolist(), strict=True):
            if self._things[iri].type in types:
                best[iri] = max(best.get(iri, -1.0), cosine)
        things = ((cosine, self._things[iri]) for iri, cosine in best.items())
        return sorted(things, key=lambda pair: -pair[0])

    def _share(self, key: str, thing: Thing) -> float:
        """How much of a label of the thing a text makes up; 0 where it is no part of one."""
        labels = self._names[thing.iri]
        return max((len(key) / len(label) for label in labels if key and key in label), default=0.0)

    def _may_reword(self, key: str, thing: Thing) -> bool:
        """Whether a text may be a label in other words: 観光 is no 新たな観光スタイルの確立.

        Names of places and the like are not worded otherwise.
        """
        least = min(map(_size, self._names[thing.iri]))
        return least >= _MIN_TITLE and _size(key) >= _MIN_SHARE * least

    @cached_property
    def _names(self) -> dict[str, list[str]]:
        return {
            iri: [spaced(label) for label in thing.label.values()]
            for iri, thing in self._things.items()
        }

    @cached_property
    def _labels(self) -> tuple[list[str], Vectors]:
        """The owner's IRI and the unit row of every label, made when first they are needed."""
        pairs = [
            (thing.iri, label) for thing in self._things.values() for label in thing.label.values()
        ]
        rows = self._encoder.encode_document([label for _, label in pairs])
        return [iri for iri, _ in pairs], np.ascontiguousarray(rows)


def _meant(things: Sequence[Thing], strength: float, scale: tuple[float, float]) -> Meant | None:
    low, high = scale
    sure = min(1.0, (strength - low) / (high - low))
    return Meant(tuple(things), sure) if sure > 0 else None


def _kin(thing: Thing) -> set[str | None]:
    return {thing.parent, *thing.children, *thing.kpis}


def _size(text: str) -> float:
    """Characters of a text; those of scripts with spaces say a third as much."""
    return sum(1 / 3 if script(one) in ("spaced", "none") else 1 for one in text)


def _cosine(near: Sequence[tuple[float, Thing]], place: int) -> float:
    return near[place][0] if place < len(near) else 0.0
