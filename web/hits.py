"""How hits are explained and narrowed: nearness in words, links that filter."""

from collections.abc import Sequence

from search.facets import Facet
from search.searcher import Hit
from web.search_request import SearchRequest

# Bands of the score, which is the chance that a hit is an answer; below the last, it hardly is.
NEARNESS = (("very_near", 0.7), ("near", 0.4), ("far", 0.15))


def nearness(hit: Hit) -> str:
    """How near a hit is, in words that the site has a text for.

    A name that matches says so; below it, bands of the score, which people read better as words.
    """
    if hit.evidence.match != "near":
        return hit.evidence.match
    return next((name for name, least in NEARNESS if hit.score >= least), "weak")


def toggled(
    asked: SearchRequest, facet: Facet | None = None, value: str = ""
) -> dict[str, str | list[str]]:
    """The parameters of the same question with one value of a facet chosen, or taken back.

    Without a facet: with none at all. They lead to the first page.
    """
    given = asked.parameters()
    if facet is None:
        return {name: values for name, values in given.items() if name not in asked.filters}
    return given | {facet: _switched(asked.filters.get(facet, ()), value)}


def taken_back(asked: SearchRequest, key: str) -> dict[str, str | list[str]]:
    """The same question's parameters without one thing that was understood, or with it again."""
    return asked.parameters() | {"ignore": _switched(asked.ignore, key)}


def _switched(chosen: Sequence[str], value: str) -> list[str]:
    return [one for one in chosen if one != value] if value in chosen else [*chosen, value]
