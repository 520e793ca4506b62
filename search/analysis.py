"""Texts to index terms: words in their normal form, and character bigrams where words run on.

Japanese is split by Sudachi, short units (A) and long ones (C) together, so that 奨学金返還 meets
both 奨学金 and 返還; kana and kanji spellings of a word share their normalised form. Other scripts
are split at spaces. Han, katakana and Hangul runs also give bigrams (McNamee & Mayfield 2004).
"""

import re
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any, Literal, NamedTuple

from search.stopwords import STOP_PARTS_OF_SPEECH, STOPWORDS

Kind = Literal["word", "gram"]
Script = Literal["kanji", "hiragana", "hangul", "spaced", "none"]

_SCRIPTS: tuple[tuple[Script, re.Pattern[str]], ...] = (
    ("hiragana", re.compile(r"[\u3041-\u309f]")),
    # Han and katakana together: both make up the compounds that bigrams are for (防災センター).
    (
        "kanji",
        re.compile(r"[\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff々〆〇\u3400-\u9fff\uf900-\ufaff]"),
    ),
    ("kanji", re.compile(r"[\U00020000-\U0003ffff]")),
    ("hangul", re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7ff]")),
)
# A base character with its marks, so that か + ゙ becomes が and still has one place.
_CLUSTER = re.compile(r".[\u0300-\u036f\u3099\u309a\uff9e\uff9f]*", re.DOTALL)
_BLOCK = 10_000  # characters; Sudachi takes at most 49,149 bytes at once


class Token(NamedTuple):
    """One term and the half-open span of the original text that it was read from."""

    term: str
    start: int
    end: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Folded:
    """A text in NFKC and casefolded, with the place in the original of each of its characters."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]


def fold(text: str) -> Folded:
    """Unify width, compatibility forms and case, keeping track of where each character was."""
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for match in _CLUSTER.finditer(text):
        piece = unicodedata.normalize("NFKC", match.group()).casefold()
        pieces.append(piece)
        starts.extend([match.start()] * len(piece))
        ends.extend([match.end()] * len(piece))
    return Folded("".join(pieces), tuple(starts), tuple(ends))


@lru_cache(maxsize=20_000)
def analyse(text: str) -> tuple[Token, ...]:
    """The index terms of a text in any language, stop words left out, in order of their place."""
    folded = fold(text)
    found: set[Token] = set()
    stopped = bytearray(len(folded.text))  # 1 where a stop word stands
    for token, stop in _words(folded.text):
        if stop:
            stopped[token.start : token.end] = b"\x01" * (token.end - token.start)
        else:
            found.add(token)
    kept = (token for token in found if 0 in stopped[token.start : token.end])
    return tuple(
        sorted(
            (Token(t.term, folded.starts[t.start], folded.ends[t.end - 1], t.kind) for t in kept),
            key=lambda t: (t.start, t.end, t.kind, t.term),
        )
    )


@lru_cache(maxsize=10_000)
def script(character: str) -> Script:
    """How a character takes part in words: `spaced` for scripts that put spaces between them."""
    for name, pattern in _SCRIPTS:
        if pattern.match(character):
            return name
    category = unicodedata.category(character)
    return "spaced" if category[0] in "LMN" else "none"


def _words(text: str) -> Iterator[tuple[Token, bool]]:
    """Every word of a folded text with whether it is a stop word, and every bigram."""
    start = 0
    japanese = False
    for name, characters in groupby(text, script):
        run = "".join(characters)
        end = start + len(run)
        if name == "spaced":
            yield Token(_stem(run), start, end, "word"), run in STOPWORDS
        elif name in ("kanji", "hangul"):
            if name == "hangul":
                yield Token(run, start, end, "word"), False
            for place in range(start, end - 1):
                yield Token(text[place : place + 2], place, place + 2, "gram"), False
        japanese = japanese or name in ("kanji", "hiragana")
        start = end
    if japanese:
        for block in range(0, len(text), _BLOCK):
            yield from _japanese(text[block : block + _BLOCK], block)


def _japanese(text: str, offset: int) -> Iterator[tuple[Token, bool]]:
    long, short = sudachi()
    for unit in long(text):
        for morpheme in (unit, *unit.split(short)):
            if script(morpheme.surface()[0]) not in ("kanji", "hiragana"):
                continue
            term = morpheme.normalized_form()
            stop = morpheme.part_of_speech()[0] in STOP_PARTS_OF_SPEECH or term in STOPWORDS
            yield (
                Token(term, offset + morpheme.begin(), offset + morpheme.end(), "word"),
                stop,
            )


def _stem(word: str) -> str:
    """English plurals to singulars: the S-stemmer of Harman (1991); other words as they are."""
    if len(word) < 4 or not word.isascii() or not word.endswith("s"):
        return word
    if word.endswith("ies") and not word.endswith(("eies", "aies")):
        return word[:-3] + "y"
    if word.endswith("es") and not word.endswith(("aes", "ees", "oes")):
        return word[:-1]
    return word if word.endswith(("us", "ss")) else word[:-1]


_local = threading.local()


def sudachi() -> tuple[Any, Any]:
    """This thread's tokeniser (Sudachi forbids sharing one) in mode C, and the mode A."""
    if not hasattr(_local, "tokenize"):
        from sudachipy import SplitMode

        _local.tokenize = _dictionary().tokenizer(SplitMode.C).tokenize
        _local.short = SplitMode.A
    return _local.tokenize, _local.short


@lru_cache(maxsize=1)
def _dictionary() -> Any:
    from sudachipy import Dictionary

    return Dictionary(dict="core")
