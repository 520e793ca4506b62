"""The frame of a question: who asks, whom, and how. What is left says what it is about.

"I am from Brazil and live in Kumamoto; is there anything in this plan for foreigners?" asks about
foreigners. In a mean of all its words the frame would drown them.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from search.analysis import analyse, fold
from search.cues import cues, standing
from search.stopwords import STOPWORDS

_KINDS = re.compile(r"[都道府県市区町村]$| (?:prefecture|metropolis|city|town|village|ward)$")
_HAN = "\u3400-\u9fff"
# 熊本 is part of a name in 熊本城, and the place itself in 熊本县, 熊本的 and 熊本で.
_ALONE = rf"[都道府県市区町村县縣區]?(?=[^{_HAN}]|[的有是在這这吗嗎]|$)"


@dataclass(frozen=True, slots=True)
class OwnNames:
    """What the `places` are called whose plans these are, and `longer` names that have one of these
    in them (Kumamoto castle); all folded.

    Everything in such a plan is of that place: "hotels in Kumamoto" asks for hotels.
    """

    places: frozenset[str] = frozenset()
    longer: frozenset[str] = frozenset()

    @classmethod
    def of(cls, publishers: Iterable[str], labels: Iterable[str] = ()) -> "OwnNames":
        """The names of some publishers' places, as far as labels do not use them for more."""
        places = own_names(publishers)
        folded = [fold(label).text for label in labels]
        return cls(places, frozenset(part for one in folded for part in _longer(one, places)))

    def standing(self, text: str) -> Iterator[tuple[int, int]]:
        """Where a folded text says one of the places, and nothing longer."""
        taken = list(standing(text, self.longer))
        for name in sorted(self.places, key=len, reverse=True):
            if name.isascii():
                found = standing(text, [name])
            else:
                matches = re.finditer(re.escape(name) + _ALONE, text)
                found = (match.span() for match in matches)
            for start, end in found:
                if not any(first <= start and end <= last for first, last in taken):
                    yield start, end


NO_NAMES = OwnNames()


def own_names(publishers: Iterable[str]) -> frozenset[str]:
    """What the places are called whose plans these are: 熊本県 and 熊本, folded."""
    whole = {fold(name).text for name in publishers}
    return frozenset(whole | {_KINDS.sub("", name) for name in whole})


def unframed(text: str, names: OwnNames = NO_NAMES) -> str:
    """A question without its frame and the place that all is about; as it is where it has neither,
    or no telling word would be left.
    """
    folded = fold(text)
    frame = [*standing(folded.text, _frames()), *names.standing(folded.text)]
    if not frame:
        return text
    kept = list(text)
    for start, end in frame:
        for place in range(folded.starts[start], folded.ends[end - 1]):
            kept[place] = " "
    left = " ".join("".join(kept).split())
    return left if analyse(left) else text


def _longer(label: str, places: frozenset[str]) -> Iterator[str]:
    """The names in a label that begin with a place's, and the label itself where one is in it."""
    for place in places:
        if place in label and place.isascii() and label != place:
            yield label
            for following in re.findall(rf"\b{re.escape(place)} (\w+)", label):
                if following not in STOPWORDS:
                    yield f"{place} {following}"


@lru_cache(maxsize=1)
def _frames() -> tuple[str, ...]:
    return tuple(word for words in cues()["frame"].values() for word in words)
