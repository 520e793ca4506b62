"""Which of many texts, or of the words in them, begin with what is typed."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from search.index import Ids, Mask

DEPTH = 60  # characters by which beginnings are told apart
_LAST = "\U0010ffff"


class Begun(NamedTuple):
    """The owners of beginnings that were met; which begin a whole text, `met` whole."""

    owners: Ids
    whole: Mask
    met: Mask


class Prefixes:
    """Beginnings in order, each of some owner; `whole` says that a text begins there, not only a
    word of it.
    """

    def __init__(self, beginnings: Iterable[tuple[str, int, bool]]) -> None:
        ordered = sorted((text[:DEPTH], owner, whole) for text, owner, whole in beginnings if text)
        self._texts = [text for text, _, _ in ordered]
        self._owners = np.array([owner for _, owner, _ in ordered], dtype=np.int64)
        self._whole = np.array([whole for _, _, whole in ordered], dtype=np.bool_)

    def find(self, typed: str) -> Begun:
        """Whatever goes on from `typed`; nothing from nothing, or from more than `DEPTH`."""
        if not typed or len(typed) > DEPTH:
            return Begun(self._owners[:0], self._whole[:0], self._whole[:0])
        first = bisect_left(self._texts, typed)
        last = bisect_left(self._texts, typed + _LAST, lo=first)
        met = np.arange(first, last) < bisect_right(self._texts, typed, lo=first, hi=last)
        return Begun(self._owners[first:last], self._whole[first:last], met)
