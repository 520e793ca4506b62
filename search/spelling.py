"""Words that nothing has, read as the nearest word that something has.

In Latin and Devanagari letters by Damerau-Levenshtein distance (optimal string alignment), one or
two edits by the length; in Korean the same by jamo; marks left out are put back (moi truong: môi
trường); katakana meet however their sounds are written (ヴァ バ, ー). Short words, codes, numbers
and the words of the bundled encoder's vocabulary are left alone.
"""

import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import NamedTuple

from search.analysis import stem
from search.encoder import BUNDLED_MODEL
from search.language import cues
from search.passage import Passage
from search.stopwords import STOPWORDS
from search.thesaurus import Concept
from search.understanding import Filter, Understanding

Texts = Iterator[tuple[str, str]]
"""Pairs of a language tag and a text in it."""

_WORD = re.compile(
    r"(?P<latin>[A-Za-z\u00c0-\u024f\u1e00-\u1eff]+)|(?P<hangul>[가-힣]+)"
    r"|(?P<devanagari>[\u0900-\u097f]+)|(?P<katakana>[ァ-ヺー]+)"
)
_CODE = re.compile(r"[A-Z]{2,6}|\S*\d\S*")
_MARKS = re.compile(r"[\u0300-\u036f]")
# From so many letters marks are put back, one edit is made, and two: shorter words are too often
# one letter from another.
_LEAST = {
    "latin": (5, 6, 9),
    "hangul": (6, 6, 12),  # jamo: two syllables, and four
    "devanagari": (4, 6, 10),
    "katakana": (3, 4, 8),
}
_USUAL = "en"  # of words as near, in a question of no clear language
_KANA = (
    ("ヴァ", "バ"),
    ("ヴィ", "ビ"),
    ("ヴェ", "ベ"),
    ("ヴォ", "ボ"),
    ("ヴ", "ブ"),
    ("ティ", "チ"),
)
_SMALL = str.maketrans("ァィゥェォャュョッヂヅ", "アイウエオヤユヨツジズ", "ー")
_DEVANAGARI = str.maketrans("ीूशषव", "िुससब")
_NASAL = re.compile("[ङञणनम]्(?=[क-ह])|ँ")
_PIECE = "▁"  # begins a word, in scripts with spaces
_KATAKANA = re.compile("[ァ-ヺー]+")


class Respelt(NamedTuple):
    """A word at a half-open range of a text, and the word that it is read as."""

    start: int
    end: int
    typed: str
    read: str


class _Word(NamedTuple):
    start: int
    end: int
    text: str
    script: str


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
        words = [one for one in _words(text) if not _is_code(text, one)]
        if all(_is_small(one.text) or self._indexed(stem(one.text.casefold())) for one in words):
            return []
        unmarked = language in (None, "en", "vi")  # what Vietnamese without marks is taken for
        marked = self._vocabulary.marked(words) if unmarked else {}
        found = []
        for word in words:
            read = marked.get(word.start) or self._vocabulary.nearest(word, language)
            if read:
                found.append(Respelt(word.start, word.end, word.text, read))
        return found

    @cached_property
    def _vocabulary(self) -> "_Vocabulary":
        return _Vocabulary(self._texts())


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


class _Vocabulary:
    """The words of texts: how often each is there, in which languages, what it is compared as."""

    def __init__(self, texts: Texts) -> None:
        self._counts: Counter[str] = Counter()
        self._languages: dict[str, set[str]] = defaultdict(set)
        self._by_key: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        self._pairs: dict[tuple[str, str], Counter[tuple[str, str]]] = defaultdict(Counter)
        for language, text in texts:
            words = [(one.text.casefold(), one.script) for one in _words(text)]
            for word, script in words:
                if word not in self._counts:
                    self._by_key[script][_key(word, script)].append(word)
                self._counts[word] += 1
                self._languages[word].add(language)
            if language == "vi":
                for (first, _), (second, _) in pairwise(words):
                    self._pairs[_bare(first), _bare(second)][first, second] += 1
        self._stems = {stem(word) for word in self._counts}
        self._keys = {script: list(keys) for script, keys in self._by_key.items()}

    def nearest(self, word: _Word, language: str | None) -> str | None:
        """The known word that is meant by an unknown one, if any is near enough."""
        text, script = word.text.casefold(), word.script
        if self._knows(text, script):
            return None
        key = _key(text, script)
        least, one, two = _LEAST[script]
        if len(key) < least:
            return None
        if same := self._spoken(self._by_key[script].get(key, ()), language):
            # Marks that were left out are put back; those that were written are meant.
            return None if script == "latin" and key != text else self._usual(same)
        edits = 2 if len(key) >= two else 1
        if len(key) < one or text in _everyday():
            return None
        near: dict[int, list[str]] = defaultdict(list)
        for like, distance in self._near(key, script, edits):
            near[distance] += (
                other
                for other in self._by_key[script][like]
                if script == "katakana" or not _inflects(text, other)
            )
        for _, words in sorted(near.items()):
            if spoken := self._spoken(words, language):
                return self._usual(spoken)
        return None

    def _near(self, key: str, script: str, edits: int) -> Iterator[tuple[str, int]]:
        """The keys within the edits that are allowed, with how many they are."""
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import extract

        keys = self._keys.get(script, ())
        for other, distance, _ in extract(
            key, keys, scorer=OSA.distance, score_cutoff=edits, limit=None
        ):
            if distance < 2 or other[0] == key[0]:  # who errs twice seldom errs at once
                yield other, int(distance)

    def _spoken(self, words: Iterable[str], language: str | None) -> list[str]:
        """Those of some words that are of the question's language, where that is known."""
        return [one for one in words if language in (None, *self._languages[one])]

    def _usual(self, words: Iterable[str]) -> str:
        return min(
            words, key=lambda one: (_USUAL not in self._languages[one], -self._counts[one], one)
        )

    def _knows(self, word: str, script: str) -> bool:
        if word in self._counts or stem(word) in self._stems or _is_small(word):
            return True
        # Particles and endings follow a word without a space.
        return script in ("hangul", "devanagari") and any(
            word[:end] in self._counts for end in range(2, len(word))
        )

    def marked(self, words: list[_Word]) -> dict[int, str]:
        """Vietnamese written without its marks, by where each word begins: those that stand in
        pairs which Vietnamese texts have.
        """
        found: dict[int, str] = {}
        for first, second in pairwise(words):
            typed = (first.text.casefold(), second.text.casefold())
            pairs = self._pairs.get((_bare(typed[0]), _bare(typed[1])))
            if pairs and typed not in pairs and not all(one in STOPWORDS for one in typed):
                read = pairs.most_common(1)[0][0]
                found.setdefault(first.start, read[0])
                found[second.start] = read[1]
        return {
            word.start: found[word.start]
            for word in words
            if word.start in found and found[word.start] != word.text.casefold()
        }


@lru_cache(maxsize=1)
def _everyday() -> frozenset[str]:
    """Whole words of the bundled encoder's vocabulary: real ones, however rare they are here."""
    pieces = json.loads((BUNDLED_MODEL / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    return frozenset(
        piece.removeprefix(_PIECE)
        for piece, _ in pieces
        if piece.startswith(_PIECE) or _KATAKANA.fullmatch(piece)
    )


def _is_small(word: str) -> bool:
    small = word.casefold()
    return small in STOPWORDS or any(small in words for words in cues()["language"].values())


def _inflects(one: str, other: str) -> bool:
    """Whether two words differ in their ending alone: forms of one word, not a slip."""
    alike = one[:-1] == other[:-1] and len(one) > 2
    return alike or one.startswith(other) or other.startswith(one)


def _words(text: str) -> list[_Word]:
    return [
        _Word(one.start(), one.end(), one.group(), str(one.lastgroup))
        for one in _WORD.finditer(text)
    ]


def _is_code(text: str, word: _Word) -> bool:
    """Whether a word is a code or part of one between spaces: KPI, the K of 4-2-K1."""
    start = text.rfind(" ", 0, word.start) + 1
    end = text.find(" ", word.end)
    around = text[start : end if end >= 0 else len(text)]
    return bool(_CODE.fullmatch(word.text) or _CODE.fullmatch(around))


def _key(word: str, script: str) -> str:
    """What words are compared as."""
    if script == "latin":
        return _bare(word)
    if script == "hangul":
        return unicodedata.normalize("NFD", word)
    if script == "devanagari":
        return _NASAL.sub("ं", word).translate(_DEVANAGARI)
    for sound, plain in _KANA:
        word = word.replace(sound, plain)
    return word.translate(_SMALL)


def _bare(word: str) -> str:
    """Latin letters without their marks."""
    return _MARKS.sub("", unicodedata.normalize("NFD", word.casefold())).replace("đ", "d")
