"""How a hit is explained to people: its words marked, its nearness in words."""

import re
from collections.abc import Sequence

from markupsafe import Markup

from search.searcher import Hit

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
