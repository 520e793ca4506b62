"""One page of the hits of a question, narrowed by filters, with what they can be narrowed by."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from search.facets import Choice, Facet, Filters
from search.searcher import Hit, Searcher
from search.understanding import Understanding

LEAST = 10
"""So many things are hits of a question however little its topic has to do with the plan."""


@dataclass(frozen=True, slots=True)
class Found:
    """`hits` are those from `offset` on, best first; `total` is how many there are altogether.

    `facets` count over all of them, each without its own filter. `understood` is how the question
    was read; `likely` is False where even the best hit probably does not answer it. `ignore` are
    keys of what was understood and the reader took back.
    """

    hits: list[Hit]
    offset: int
    total: int
    facets: Mapping[Facet, tuple[Choice, ...]]
    understood: Understanding
    likely: bool

    @property
    def following(self) -> int | None:
        """Where the next page begins; None after the last."""
        end = self.offset + len(self.hits)
        return end if end < self.total else None


def find(
    searcher: Searcher,
    question: str,
    filters: Filters,
    *,
    language: str | None = None,
    limit: int = 10,
    offset: int = 0,
    ignore: Collection[str] = (),
) -> Found:
    """The hits of a question that pass the filters, in the order of `Searcher.search`.

    Hits are the things that speak of the question, and the `LEAST` nearest in any case. Where no
    hit passes, the nearest things that pass stand in for them: a filter asked for by name is not
    answered with nothing because the question is far from all that it leaves.
    """
    everything = searcher.rank(question, language=language, ignore=ignore)
    least = LEAST if everything.query.any() else 0
    hits = [n for place, n in enumerate(everything.order) if place < least or everything.related[n]]
    related = np.zeros(searcher.facets.size, dtype=np.bool_)
    related[hits] = True
    passing = searcher.facets.passing(filters)
    ranked = (
        everything
        if passing.all()
        else searcher.rank(question, passing, language=language, ignore=ignore)
    )
    order = [n for n in ranked.order if related[n]] or ranked.order[:LEAST]
    page = searcher.hits(ranked, order[offset : offset + limit], language)
    return Found(
        page,
        offset,
        len(order),
        searcher.facets.counts(related, filters),
        everything.understood,
        everything.likely,
    )
