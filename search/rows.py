"""The indexed rows: each text once, with the passages it makes for one thing and another."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from search.index import Ids, Mask
from search.passage import Passage


class Rows:
    """Passages grouped by their text. A label is context to many things: it is indexed once.

    `texts` are the rows; `passages` are sorted by row, and `row_of` and `things` give each
    passage's row and its thing's number.
    """

    def __init__(self, passages: Iterable[Passage], numbers: Mapping[str, int]) -> None:
        row_numbers: dict[str, int] = {}
        numbered = [(row_numbers.setdefault(p.text, len(row_numbers)), p) for p in passages]
        numbered.sort(key=lambda pair: pair[0])
        self.texts: Sequence[str] = tuple(row_numbers)
        self.passages: Sequence[Passage] = [passage for _, passage in numbered]
        self.row_of: Ids = np.array([row for row, _ in numbered], dtype=np.int64)
        self.things: Ids = np.array([numbers[p.thing] for p in self.passages], dtype=np.int64)
        self._starts = np.searchsorted(self.row_of, np.arange(len(self.texts) + 1))
        self._by_thing = np.argsort(self.things, kind="stable")
        self._thing_starts = np.searchsorted(
            self.things[self._by_thing], np.arange(len(numbers) + 1)
        )

    def of_things(self, allowed: Mask) -> Mask:
        """Which rows can answer with one of the allowed things."""
        mask: Mask = np.zeros(len(self.texts), dtype=np.bool_)
        mask[self.row_of[allowed[self.things]]] = True
        return mask

    def passages_of(self, rows: Ids) -> tuple[Ids, NDArray[np.intp]]:
        """The passages of some rows, and for each the place of its row among `rows`."""
        counts = self._starts[rows + 1] - self._starts[rows]
        place = np.repeat(np.arange(len(rows)), counts)
        first = np.cumsum(counts) - counts
        return self._starts[rows][place] + np.arange(counts.sum()) - first[place], place

    def passages_of_thing(self, number: int) -> Ids:
        """The passages that a thing answers with."""
        return self._by_thing[self._thing_starts[number] : self._thing_starts[number + 1]]
