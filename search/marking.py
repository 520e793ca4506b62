"""Where a text has the words of a question, however the two are written.

申込み is in お申し込みは, 國土 in 国土, てれわーく in ﾃﾚﾜｰｸ, cafe in Café: wider than what the
index counts, since a mark says where to look and ranks nothing. Places are always of the original.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from search.analysis import Folded, Token, analyse, fold
from search.letters import hiragana, plain, without_accents

Span: TypeAlias = tuple[int, int]
"""A half-open range of characters of a text."""

# A word in katakana is looked for among the hiragana of a text, where no word ends, from so many
# characters on: shorter ones are there by chance.
_LEAST_KANA = 3
_KATAKANA_WORD = re.compile(f"[\u30a1-\u30fa\u30fc]{{{_LEAST_KANA},}}")


class _Word(NamedTuple):
    """A word of a text: where it stands, and the forms by which it is met in another.

    `bare` is its term without accents, `kana` itself in hiragana where it is written in katakana.
    """

    start: int
    end: int
    forms: frozenset[str]
    bare: str
    accented: bool
    kana: str


class _Reading(NamedTuple):
    """What is needed of a text to compare it with another; `letters` as `plain` has them."""

    letters: Folded
    words: tuple[_Word, ...]
    grams: tuple[Token, ...]


class Marker:
    """Finds the words of one question in texts."""

    def __init__(self, question: str) -> None:
        self._question = asked = _read(question)
        self._forms = frozenset(form for word in asked.words for form in word.forms)
        self._bare = frozenset(word.bare for word in asked.words)
        self._bare_typed = frozenset(word.bare for word in asked.words if not word.accented)
        self._grams = frozenset(gram.term for gram in asked.grams)

    def spans(self, text: str) -> tuple[Span, ...]:
        """Where a text has the question's words, as disjoint character ranges in order.

        Bigrams count only where no word is shared: across a word's edge they mean little to a
        reader.
        """
        read = _read(text)
        shared = [(word.start, word.end) for word in read.words if self._has(word)]
        shared += self._among_hiragana(read)
        shared = shared or [(g.start, g.end) for g in read.grams if g.term in self._grams]
        return merged(shared)

    def _has(self, word: _Word) -> bool:
        """Whether the question has a word; accents count only where both are written with them."""
        same = not self._forms.isdisjoint(word.forms)
        return same or word.bare in (self._bare_typed if word.accented else self._bare)

    def _among_hiragana(self, read: _Reading) -> Iterator[Span]:
        """Words that one of the two writes in katakana, and the other among other hiragana."""
        for word in read.words:
            if word.kana and word.kana in self._question.letters.text:
                yield word.start, word.end
        for word in self._question.words:
            if word.kana:
                for found in re.finditer(re.escape(word.kana), read.letters.text):
                    yield _place(read.letters, found.start(), found.end())


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same places in order, those that overlap as one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return tuple(found)


@lru_cache(maxsize=20_000)
def _read(text: str) -> _Reading:
    letters = plain(text)
    words, grams = [], []
    for token in analyse(letters.text):
        start, end = _place(letters, token.start, token.end)
        if token.kind == "gram":
            grams.append(token._replace(start=start, end=end))
        else:
            words.append(_word(token, letters.text[token.start : token.end], text, start, end))
    words += _lost_with_accents(text, {(word.start, word.end) for word in words})
    return _Reading(letters, tuple(words), tuple(grams))


def _word(token: Token, surface: str, text: str, start: int, end: int) -> _Word:
    written = fold(text[start:end]).text
    if without_accents(written) != written:
        return _Word(start, end, frozenset((written,)), token.term, True, "")
    forms = {token.term, hiragana(token.term), hiragana(surface)}
    kana = hiragana(surface) if _KATAKANA_WORD.fullmatch(surface) else ""
    if kana:  # カンコウ is read as かんこう, which Sudachi knows to be 観光
        forms |= {read.term for read in analyse(kana) if read.end - read.start == len(kana)}
    return _Word(start, end, frozenset(forms), token.term, False, kana)


def _lost_with_accents(text: str, known: set[Span]) -> Iterator[_Word]:
    """Words that without their accents are stop words: thể is not "the"."""
    if without_accents(written := fold(text).text) != written:
        for token in analyse(text):
            bare = without_accents(token.term)
            if token.kind == "word" and bare != token.term and token[1:3] not in known:
                yield _Word(token.start, token.end, frozenset((token.term,)), bare, True, "")


def _place(letters: Folded, start: int, end: int) -> Span:
    return letters.starts[start], letters.ends[end - 1]
