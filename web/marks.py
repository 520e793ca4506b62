"""Texts of a hit with the words marked that made it one, and which words met which."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from markupsafe import Markup

from search.evidence import Evidence
from search.marking import Span
from search.related import Related

_SHARED = Markup("<mark>{}</mark>")
_RELATED = Markup('<mark class="related">{}</mark>')


class Marking(Protocol):
    """Where a text has words of the question, and other words that those met."""

    @property
    def spans(self) -> Sequence[Span]: ...
    @property
    def related(self) -> Sequence[Related]: ...


def marked(text: str, marks: Marking | None) -> Markup:
    """A text with its marks as `<mark>`, those of related words of the class `related`."""
    places = [(start, end, _SHARED) for start, end in _joined(marks.spans if marks else ())]
    places += [(*one.span, _RELATED) for one in (marks.related if marks else ())]
    pieces, place = [], 0
    for start, end, mark in sorted(places, key=lambda one: one[:2]):
        pieces += [Markup.escape(text[place:start]), mark.format(text[start:end])]
        place = end
    return Markup("").join([*pieces, Markup.escape(text[place:])])


def related_words(evidence: Evidence, languages: Iterable[str]) -> list[tuple[Related, str]]:
    """The pairs of a hit's labels in some languages and of its passage, each once, with the
    language of the text.
    """
    texts: list[tuple[Marking, str]] = [
        (evidence.labels[language], language)
        for language in languages
        if language in evidence.labels
    ]
    pairs = {
        (one.question, one.text): (one, language)
        for marks, language in reversed([*texts, (evidence, evidence.language)])
        for one in reversed(marks.related)
    }
    return list(reversed(pairs.values()))


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Ranges in order, those that touch as one."""
    found: list[Span] = []
    for start, end in spans:
        if found and found[-1][1] == start:
            start = found.pop()[0]
        found.append((start, end))
    return found
