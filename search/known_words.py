"""The words that some texts have, and the one of them that an unknown word is nearest to."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise

from search.analysis import stem
from search.encoder import BUNDLED_MODEL
from search.stopwords import STOPWORDS
from search.word_forms import Word, bare, inflects, is_small, key_of, words_of

Texts = Iterator[tuple[str, str]]
"""Pairs of a language tag and a text in it."""

# From so many letters marks are put back, one edit is made, and two: shorter words are too often
# one letter from another.
_LEAST = {
    "latin": (5, 6, 9),
    "hangul": (6, 6, 12),  # jamo: two syllables, and four
    "devanagari": (4, 6, 10),
    "katakana": (3, 4, 8),
}
_USUAL = "en"  # of words as near, in a question of no clear language
_NOT_LATIN = ("ja", "ko", "ne", "zh")  # a Latin word in a question of theirs may be of any language
_PIECE = "▁"  # begins a word, in scripts with spaces
_KATAKANA = re.compile("[ァ-ヺー]+")


class KnownWords:
    """The words of texts: how often each is there, in which languages, what it is compared as."""

    def __init__(self, texts: Texts) -> None:
        self._counts: Counter[str] = Counter()
        self._forms: dict[str, str] = {}  # as they are written; Kumamoto, but castle
        self._languages: dict[str, set[str]] = defaultdict(set)
        self._by_key: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        self._pairs: dict[tuple[str, str], Counter[tuple[str, str]]] = defaultdict(Counter)
        for language, text in texts:
            found = words_of(text)
            words = [(one.text.casefold(), one.script) for one in found]
            for written, (word, script) in zip(found, words, strict=True):
                if word not in self._counts:
                    self._by_key[script][key_of(word, script)].append(word)
                if word not in self._forms or written.text == word:
                    self._forms[word] = written.text
                self._counts[word] += 1
                self._languages[word].add(_primary(language))
            if language == "vi":
                for (first, _), (second, _) in pairwise(words):
                    self._pairs[bare(first), bare(second)][first, second] += 1
        self._stems = {stem(word) for word in self._counts}
        self._keys = {script: list(keys) for script, keys in self._by_key.items()}

    def nearest(self, word: Word, language: str | None) -> str | None:
        """The known word that is meant by an unknown one, if any is near enough."""
        text, script = word.text.casefold(), word.script
        if self._knows(text, script):
            return None
        language = _primary(language) if language else None
        if script == "latin" and language in _NOT_LATIN:
            language = None
        key = key_of(text, script)
        least, one, two = _LEAST[script]
        if len(key) < least:
            return None
        if same := self._spoken(self._by_key[script].get(key, ()), language):
            # Marks that were left out are put back; those that were written are meant.
            return None if script == "latin" and key != text else self._usual(same)
        edits = 2 if len(key) >= two else 1
        if len(key) < one or text in everyday_words():
            return None
        near: dict[int, list[str]] = defaultdict(list)
        for like, distance in self._near(key, script, edits):
            near[distance] += (
                other
                for other in self._by_key[script][like]
                if script == "katakana" or not inflects(text, other)
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
        usual = min(
            words, key=lambda one: (_USUAL not in self._languages[one], -self._counts[one], one)
        )
        return self._forms[usual]

    def _knows(self, word: str, script: str) -> bool:
        if word in self._counts or stem(word) in self._stems or is_small(word):
            return True
        # Particles and endings follow a word without a space.
        return script in ("hangul", "devanagari") and any(
            word[:end] in self._counts for end in range(2, len(word))
        )

    def marked(self, words: list[Word]) -> dict[int, str]:
        """Vietnamese written without its marks, by where each word begins: those that stand in
        pairs which Vietnamese texts have.
        """
        found: dict[int, str] = {}
        for first, second in pairwise(words):
            typed = (first.text.casefold(), second.text.casefold())
            pairs = self._pairs.get((bare(typed[0]), bare(typed[1])))
            if pairs and typed not in pairs and not all(one in STOPWORDS for one in typed):
                read = pairs.most_common(1)[0][0]
                found.setdefault(first.start, read[0])
                found[second.start] = read[1]
        return {
            word.start: found[word.start]
            for word in words
            if word.start in found and found[word.start] != word.text.casefold()
        }


def _primary(tag: str) -> str:
    return tag.casefold().partition("-")[0]


@lru_cache(maxsize=1)
def everyday_words() -> frozenset[str]:
    """Whole words of the bundled encoder's vocabulary: real ones, however rare they are here."""
    pieces = json.loads((BUNDLED_MODEL / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    return frozenset(
        piece.removeprefix(_PIECE)
        for piece, _ in pieces
        if piece.startswith(_PIECE) or _KATAKANA.fullmatch(piece)
    )
