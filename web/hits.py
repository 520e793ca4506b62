"""How hits are explained and narrowed: words marked, nearness in words, links that filter."""

import re
from collections.abc import Sequence

from markupsafe import Markup

from search.facets import Facet
from search.searcher import Hit
from web.search_request import SearchRequest

# Bands of the cosine: questions that the plan does not speak of stay below the last.
NEARNESS = (("very_near", 0.6), ("near", 0.35), ("far", 0.2))


def marked(text: str, words: Sequence[str]) -> Markup:
    """A text with the question's words marked, case-blind, the longest word first."""
    wanted = sorted({word for word in words if word}, key=len, reverse=True)
    if not wanted:
        return Markup.escape(text)
    pieces = re.split("(" + "|".join(map(re.escape, wanted)) + ")", text, flags=re.IGNORECASE)
    return Markup("").join(
        Markup("<mark>{}</mark>").format(piece) if number % 2 else piece
        for number, piece in enumerate(pieces)
    )


def nearness(hit: Hit) -> str:
    """How near a hit is, in words that the site has a text for.

    A name that matches says so; below it, bands of the cosine, which people read better as words.
    """
    if hit.evidence.match != "near":
        return hit.evidence.match
    similarity = hit.evidence.similarity
    return next((name for name, least in NEARNESS if similarity >= least), "weak")


def toggled(
    asked: SearchRequest, facet: Facet | None = None, value: str = ""
) -> dict[str, str | list[str]]:
    """The parameters of the same question with one value of a facet chosen, or taken back.

    Without a facet: with none at all. They lead to the first page.
    """
    if facet is None:
        return {"q": asked.q}
    chosen = list(asked.filters.get(facet, ()))
    chosen = [one for one in chosen if one != value] if value in chosen else [*chosen, value]
    return asked.parameters() | {facet: chosen}
