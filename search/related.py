"""Which word of a question met which other word of a text: scholarship in 奨学金.

Three things say that two words mean the same: the thesaurus, where both name a concept; labels of
the plans, where a thing has the one in its name in one language and the other in another; and the
encoder, where their vectors are near. They explain a hit and rank nothing.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np

from search.analysis import Token, analyse
from search.encoder import Encoder, Vectors
from search.lexical import LexicalIndex
from search.marking import Marker, Span, merged
from search.name_index import NameIndex, Referent
from search.rows import Rows

Reason = Literal["thesaurus", "label", "encoder"]

# The least cosine of two words that only the encoder relates, and of two that labels relate; and
# how often those must be in labels of the same things (Dice's coefficient). Chosen by looking at
# the pairs of development questions.
_NEAR = 0.57
_NEAR_PART = 0.65  # where one of them is a single character or a bigram, and may be no word
_NEAR_IN_LABELS = 0.25
_SAME_LABELS = 0.5
_LONGEST = 3  # words of a phrase
_REMEMBERED = 4_000  # texts
_HAN = re.compile(r"[\s々〆〇\u3400-\u9fff\uf900-\ufaff]+")


@dataclass(frozen=True, slots=True)
class Related:
    """A word or phrase of the question, and the one of the text it met, at `span` there."""

    question: str
    text: str
    by: Reason
    span: Span


class _Phrase(NamedTuple):
    start: int
    end: int
    labelled: Mapping[str, frozenset[int]]  # by language: things that have it in their label
    is_word: bool


class _Reading(NamedTuple):
    """A text's phrases with their vectors, shape (phrases, dimensions), and what it names.

    `marker` finds its words in others.
    """

    phrases: tuple[_Phrase, ...]
    vectors: Vectors
    named: Mapping[Referent, Span]
    marker: Marker


class Relations:
    """Relates words by what they name, the labels of some things and an encoder; thread-safe."""

    def __init__(self, rows: Rows, words: LexicalIndex, names: NameIndex, encoder: Encoder) -> None:
        self._words = words
        self._names = names
        self._encoder = encoder
        self._labels: dict[int, list[tuple[str, int]]] = defaultdict(list)
        for row, thing, passage in zip(rows.row_of, rows.things, rows.passages, strict=True):
            if passage.field == "label":
                self._labels[int(row)].append((passage.language, int(thing)))
        self._read = lru_cache(maxsize=_REMEMBERED)(self._read_text)

    def asked(self, question: str, language: str | None) -> "RelatedTo":
        """What of texts relates to a question in a language, as far as that is known."""
        tag = language and language.casefold()
        read = self._read_text(question, tag or "", of_any_language=True)
        return RelatedTo(question, tag, read, self._read)

    def _read_text(self, text: str, language: str, of_any_language: bool = False) -> _Reading:
        kinds = {"gram"} if language.startswith("zh") else {"word"}
        if of_any_language and _HAN.fullmatch(text):  # 旅游 may be read as Japanese
            kinds = {"word", "gram"}
        phrases = tuple(self._phrases(text, kinds))
        vectors = self._encoder.encode_query([text[one.start : one.end] for one in phrases])
        return _Reading(phrases, vectors, self._names.named(text), Marker(text))

    def _phrases(self, text: str, kinds: Collection[str]) -> Iterator[_Phrase]:
        """Every word, and each few that follow one another, or bigrams, as Chinese needs them."""
        tokens = [token for token in analyse(text) if token.kind in kinds]
        words = {_span(token) for token in tokens if token.kind == "word"}
        units = merged(words)
        # 金 of 奨学金 is found with it, and means something else.
        words = {one for one in words if one in units or _length(one) > 1}
        for size in range(2, _LONGEST + 1):
            few = zip(units, units[size - 1 :], strict=False)
            words |= {(first[0], last[1]) for first, last in few}
        for span in sorted(words.union(_span(token) for token in tokens if token.kind == "gram")):
            inside = [one for one in tokens if span[0] <= one.start and one.end <= span[1]]
            is_word = span in words and _length(span) > 1
            yield _Phrase(*span, self._labelled(inside), is_word)

    def _labelled(self, tokens: Sequence[Token]) -> dict[str, frozenset[int]]:
        """The things that have all of some words in a label, by its language."""
        found: dict[str, set[int]] = defaultdict(set)
        for row in self._words.having(tokens).tolist():
            for language, thing in self._labels.get(row, ()):
                found[language].add(thing)
        return {language: frozenset(things) for language, things in found.items()}


class RelatedTo:
    """What relates to one question."""

    def __init__(
        self,
        question: str,
        language: str | None,
        reading: _Reading,
        read: Callable[[str, str], _Reading],
    ) -> None:
        self._question = question
        self._language = language
        self._asked = reading
        self._read = read
        self._elsewhere: dict[str, list[list[frozenset[int]]]] = {}  # by the language of texts

    def words(self, text: str, language: str, shared: Sequence[Span]) -> tuple[Related, ...]:
        """The pairs of a text in a language, beside the words `shared` with it, by their place.

        Each word of either is in one pair at most; the surest reason wins.
        """
        taken = list(shared)
        read = self._read(text, language)
        said = list(read.marker.spans(self._question))
        found = []
        for asked, met, by in self._candidates(read, language):
            if not _meets(asked, said) and not _meets(met, taken):
                said.append(asked)
                taken.append(met)
                words = self._question[slice(*asked)], text[slice(*met)]
                found.append(Related(*words, by, met))
        return tuple(sorted(found, key=lambda one: one.span))

    def _candidates(self, text: _Reading, language: str) -> Iterator[tuple[Span, Span, Reason]]:
        """Places in the question and the text that relate, the surest first."""
        both = self._asked.named.keys() & text.named.keys()
        for name in sorted(both, key=lambda one: (-_length(self._asked.named[one]), one)):
            yield self._asked.named[name], text.named[name], name[0]
        if not self._asked.phrases or not text.phrases:
            return
        elsewhere = self._things_elsewhere(language)
        cosines = self._asked.vectors @ text.vectors.T
        pairs: list[tuple[float, _Phrase, _Phrase, Reason]] = []
        for n, m in np.argwhere(cosines >= _NEAR_IN_LABELS).tolist():
            asked, met, cosine = self._asked.phrases[n], text.phrases[m], float(cosines[n, m])
            theirs = met.labelled.get(language)
            shared = _shared(theirs, elsewhere[n]) if theirs else 0.0
            if shared >= _SAME_LABELS:
                pairs.append((cosine + shared, asked, met, "label"))
            elif cosine >= (_NEAR if asked.is_word and met.is_word else _NEAR_PART):
                pairs.append((cosine, asked, met, "encoder"))
        for _, asked, met, by in sorted(pairs, key=lambda one: -one[0]):
            yield _span(asked), _span(met), by

    def _things_elsewhere(self, language: str) -> list[list[frozenset[int]]]:
        """For each phrase of the question the things that it names in each language but one."""
        if language not in self._elsewhere:
            named = [one.labelled for one in self._asked.phrases]
            self._elsewhere[language] = [
                list(self._named_elsewhere(one, language)) for one in named
            ]
        return self._elsewhere[language]

    def _named_elsewhere(
        self, labelled: Mapping[str, frozenset[int]], language: str
    ) -> Iterator[frozenset[int]]:
        # A word that its own language's labels have is not looked for in others.
        its_own = self._language if self._language in labelled else None
        for tag, things in labelled.items():
            if tag != language and its_own in (tag, None):
                yield things


def _shared(theirs: frozenset[int], ours: Iterable[frozenset[int]]) -> float:
    """How far some things are those of another lot, of the one that they are most."""
    return max((2 * len(theirs & one) / (len(theirs) + len(one)) for one in ours), default=0.0)


def _span(phrase: _Phrase | Token) -> Span:
    return phrase.start, phrase.end


def _length(span: Span) -> int:
    return span[1] - span[0]


def _meets(span: Span, others: Iterable[Span]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in others)
