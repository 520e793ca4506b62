"""Texts of a hit with the words marked that made it one."""

from collections.abc import Iterable

from markupsafe import Markup

from search.marking import Span


def marked(text: str, spans: Iterable[Span]) -> Markup:
    """A text with its half-open ranges `spans`, disjoint and in order, as `<mark>`."""
    pieces, place = [], 0
    for start, end in spans:
        pieces += [
            Markup.escape(text[place:start]),
            Markup("<mark>{}</mark>").format(text[start:end]),
        ]
        place = end
    return Markup("").join([*pieces, Markup.escape(text[place:])])
