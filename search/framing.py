"""The frame of a question: who asks, whom, and how. What is left says what it is about.

"I am from Brazil and live in Kumamoto; is there anything in this plan for foreigners?" asks about
foreigners. In a mean of all its words the frame would drown them.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache

from search.analysis import analyse, fold
from search.cues import cues, standing

_KINDS = re.compile(r"[都道府県市区町村]$| (?:prefecture|metropolis|city|town|village|ward)$")
_HAN = "\u3400-\u9fff"
# 熊本 is part of a name in 熊本城, and the place itself in 熊本县, 熊本的 and 熊本で.
_ALONE = rf"[都道府県市区町村县縣區]?(?=[^{_HAN}]|[的有是在这這吗嗎]|$)"


def own_names(publishers: Iterable[str]) -> frozenset[str]:
    """What the places are called whose plans these are: 熊本県 and 熊本, folded."""
    whole = {fold(name).text for name in publishers}
    return frozenset(whole | {_KINDS.sub("", name) for name in whole})


def unframed(text: str, names: Collection[str] = ()) -> str:
    """A question without its frame; as it is where it has none, or no telling word would be left.

    `names` are those of `own_names`: in a question with a frame, they belong to it.
    """
    folded = fold(text)
    frame = list(standing(folded.text, _frames()))
    if not frame:
        return text
    kept = list(text)
    for start, end in [*frame, *_places(folded.text, names)]:
        for place in range(folded.starts[start], folded.ends[end - 1]):
            kept[place] = " "
    left = " ".join("".join(kept).split())
    return left if analyse(left) else text


@lru_cache(maxsize=1)
def _frames() -> tuple[str, ...]:
    return tuple(word for words in cues()["frame"].values() for word in words)


def _places(text: str, names: Collection[str]) -> Iterator[tuple[int, int]]:
    for name in sorted(names, key=len, reverse=True):
        if name.isascii():
            yield from standing(text, [name])
        else:
            yield from (match.span() for match in re.finditer(re.escape(name) + _ALONE, text))
