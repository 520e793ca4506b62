"""Words that nothing has, read as the nearest word that something has.

In Latin and Devanagari letters by Damerau-Levenshtein distance (optimal string alignment), one or
two edits by the length; in Korean the same by jamo; marks left out are put back (moi truong: môi
trường); katakana meet however their sounds are written (ヴァ バ, ー). Short words, codes, numbers
and the words of the bundled encoder's vocabulary are left alone.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

from search.analysis import stem
from search.known_words import KnownWords, Texts
from search.passage import Passage
from search.thesaurus import Concept
from search.understanding import Filter, Understanding
from search.word_forms import is_code, is_small, words_of

_UNMARKED = (None, "vi", "en", "ja")  # what Vietnamese without its marks may be taken for


class Respelt(NamedTuple):
    """A word at a half-open range of a text, and the word that it is read as."""

    start: int
    end: int
    typed: str
    read: str


class Speller:
    """Knows the words of some texts, which it reads when a question has one that `indexed` has not:
    few do.
    """

    def __init__(self, texts: Callable[[], Texts], indexed: Callable[[str], bool]) -> None:
        self._texts = texts
        self._indexed = indexed

    def read(self, understood: Understanding, ignore: Collection[str] = ()) -> Understanding:
        """A question understood with its topic's words as they are meant; those that the keys of
        `ignore` name are left as they were typed.
        """
        topic = understood.topic
        quoted = understood.values("phrase")
        words = [
            word
            for word in self.respell(topic, understood.language)
            if _as_filter(word).key not in ignore and not any(word.typed in one for one in quoted)
        ]
        if not words:
            return understood
        filters = (*understood.filters, *dict.fromkeys(map(_as_filter, words)))
        return replace(understood, filters=filters, respelt=_respelt(topic, words))

    def respell(self, text: str, language: str | None) -> list[Respelt]:
        """The words of a text that are read as others, in order; `language` is the text's."""
        words = [one for one in words_of(text) if not is_code(text, one)]
        if all(is_small(one.text) or self._indexed(stem(one.text.casefold())) for one in words):
            return []
        marked = self._vocabulary.marked(words) if language in _UNMARKED else {}
        found = []
        for word in words:
            read = marked.get(word.start) or self._vocabulary.nearest(word, language)
            if read:
                found.append(Respelt(word.start, word.end, word.text, read))
        return found

    @cached_property
    def _vocabulary(self) -> "KnownWords":
        return KnownWords(self._texts())


def known_texts(passages: Iterable[Passage], thesaurus: Iterable[Concept]) -> Texts:
    """What a plan says itself, and what a thesaurus has of words for it."""
    for passage in passages:
        if passage.thing == passage.origin:
            yield passage.language, passage.text
    for concept in thesaurus:
        yield from (("ja", term) for term in concept.terms)
        for tag, phrases in concept.phrases.items():
            yield from (("ja" if tag == "plain" else tag.lower(), one) for one in phrases)


def _as_filter(word: Respelt) -> Filter:
    return Filter("spelling", word.read, word.typed)


def _respelt(text: str, words: Iterable[Respelt]) -> str:
    """A text with some of its words as they are read."""
    kept, place = "", 0
    for word in words:
        kept += text[place : word.start] + word.read
        place = word.end
    return kept + text[place:]
