"""Texts to index terms: words in their normal form, and character bigrams where words run on.

Japanese is split by Sudachi, short units (A) and long ones (C) together, so that 奨学金返還 meets
both 奨学金 and 返還; kana and kanji spellings of a word share their normalised form. Other scripts
are split at spaces. Han, katakana and Hangul runs also give bigrams (McNamee & Mayfield 2004).
"""

import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
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
_MARK = re.compile(r"[\u0300-\u036f\u3099\u309a\uff9e\uff9f]")
QUOTED = re.compile(r"「([^「」]+)」|『([^『』]+)』|“([^“”]+)”|\"([^\"]+)\"|«([^«»]+)»|‘([^‘’]+)’")
"""A quoted phrase in any of the ways that people quote; one group holds it."""
# The long vowel's sign is one too where the keyboard gave it for one: 4ー2.
_DASHES = re.compile(r"[‐‑‒–—―−－]|(?<=[0-9a-z０-９])[ーｰ](?=[0-9a-z０-９])", re.IGNORECASE)
_BLOCK = 10_000  # characters; Sudachi takes at most 49,149 bytes at once


class Token(NamedTuple):
    """One term and the half-open span of the original text that it was read from."""

    term: str
    start: int
    end: int
    kind: Kind


_Run = tuple[Script, int, int]
_Word = tuple[str, int, int]  # term, start, end
_Part = tuple[str, int, int, bool]  # the same, counted from its long unit, and if it is a stop word


class Unit(NamedTuple):
    """A long unit of Sudachi's, as it stands in a folded text.

    `parts`: what it is made of; `words`: those of them that no stop words cover; `part_of_speech`:
    Sudachi's six levels.
    """

    surface: str
    part_of_speech: tuple[str, ...]
    parts: tuple[_Part, ...]
    words: tuple[str, ...]


# The units met so far: asking Sudachi again takes most of an analysis.
_KNOWN = 50_000
_known: dict[tuple[int, str], Unit] = {}


@dataclass(frozen=True, slots=True)
class Folded:
    """A text in NFKC and casefolded, with the place in the original of each of its characters."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]


def fold(text: str) -> Folded:
    """Unify width, compatibility forms and case, keeping track of where each character was."""
    if unicodedata.is_normalized("NFKC", text) and not _MARK.search(text):
        folded = text.casefold()
        if len(folded) == len(text):  # nearly every text: each character stays in its place
            return Folded(folded, range(len(text)), range(1, len(text) + 1))
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for match in _CLUSTER.finditer(text):
        piece = _piece(match.group())
        pieces.append(piece)
        starts.extend([match.start()] * len(piece))
        ends.extend([match.end()] * len(piece))
    return Folded("".join(pieces), starts, ends)


@lru_cache(maxsize=10_000)
def _piece(cluster: str) -> str:
    return unicodedata.normalize("NFKC", cluster).casefold()


@lru_cache(maxsize=20_000)
def dashed(text: str) -> str:
    """A text with one sign for all dashes, as codes have it; no character moves."""
    return _DASHES.sub("-", text)


def analyse(text: str) -> tuple[Token, ...]:
    """The index terms of a text in any language, stop words left out, in order of their place."""
    folded = fold(text)
    runs = list(_runs(folded.text))
    found, stopped = _words(folded.text, runs)
    terms: list[tuple[int, int, Kind, str]]
    terms = [(start, end, "word", term) for term, start, end in found]
    terms += [(start, end, "gram", folded.text[start:end]) for start, end in _grams(runs)]
    return tuple(
        Token(term, folded.starts[start], folded.ends[end - 1], kind)
        for start, end, kind, term in sorted(terms)
        if 0 in stopped[start:end]
    )


@lru_cache(maxsize=20_000)
def vocabulary(text: str) -> frozenset[str]:
    """The words among the index terms of a text, without their places: a third of the work."""
    folded = fold(text).text
    found: set[str] = set()
    japanese = False
    for name, start, end in _runs(folded):
        if name == "spaced":
            if (word := folded[start:end]) not in STOPWORDS:
                found.add(stem(word))
        elif name == "hangul":
            found.add(folded[start:end])
        elif name != "none":
            japanese = True
    if japanese:
        for _, unit in units(folded):
            found.update(unit.words)
    return frozenset(found)


@lru_cache(maxsize=10_000)
def script(character: str) -> Script:
    """How a character takes part in words: `spaced` for scripts that put spaces between them."""
    for name, pattern in _SCRIPTS:
        if pattern.match(character):
            return name
    category = unicodedata.category(character)
    return "spaced" if category[0] in "LMN" else "none"


class _Initials(dict[int, str]):
    """The initial of each character's script, for `str.translate`."""

    def __missing__(self, code: int) -> str:
        initial = self[code] = _INITIAL[script(chr(code))]
        return initial


_INITIAL: dict[Script, str] = {
    "kanji": "k",
    "hiragana": "j",
    "hangul": "h",
    "spaced": "s",
    "none": "n",
}
_SCRIPT = {initial: name for name, initial in _INITIAL.items()}
_initials = _Initials()
_RUN = re.compile(r"(.)\1*")


def _runs(text: str) -> Iterator[_Run]:
    """The stretches of one script, in order."""
    for run in _RUN.finditer(text.translate(_initials)):
        yield _SCRIPT[run[1]], run.start(), run.end()


def _grams(runs: Iterable[_Run]) -> Iterator[tuple[int, int]]:
    """Where the bigrams stand."""
    for name, start, end in runs:
        if name in ("kanji", "hangul"):
            for place in range(start, end - 1):
                yield place, place + 2


def _words(text: str, runs: Iterable[_Run]) -> tuple[set[_Word], bytearray]:
    """Every word of a folded text but the stop words, and for each character 1 where one stands."""
    found: set[_Word] = set()
    stopped = bytearray(len(text))
    japanese = False
    for name, start, end in runs:
        if name == "spaced":
            run = text[start:end]
            if run in STOPWORDS:
                stopped[start:end] = b"\x01" * (end - start)
            else:
                found.add((stem(run), start, end))
        elif name == "hangul":
            found.add((text[start:end], start, end))
        elif name != "none":
            japanese = True
    if japanese:
        for place, unit in units(text):
            for term, first, last, stop in unit.parts:
                start, end = place + first, place + last
                if stop:
                    stopped[start:end] = b"\x01" * (end - start)
                else:
                    found.add((term, start, end))
    return found, stopped


@lru_cache(maxsize=4096)
def units(text: str) -> Sequence[tuple[int, Unit]]:
    """The long units of a folded text, each with where it stands; none where none is Japanese."""
    if "k" not in (scripts := text.translate(_initials)) and "j" not in scripts:
        return ()
    found: list[tuple[int, Unit]] = []
    long, short = sudachi()
    for offset in range(0, len(text), _BLOCK):
        for morpheme in long(text[offset : offset + _BLOCK]):
            key = (morpheme.word_id(), morpheme.surface())
            if (unit := _known.get(key)) is None:
                parts = tuple(_parts(morpheme, short))
                unit = Unit(key[1], morpheme.part_of_speech(), parts, _uncovered(parts))
                if len(_known) >= _KNOWN:
                    _known.clear()
                _known[key] = unit
            found.append((offset + morpheme.begin(), unit))
    return found


def _parts(unit: Any, short: Any) -> Iterator[_Part]:
    """A long unit and the short ones it is made of, as far as they are words."""
    place = unit.begin()
    for morpheme in (unit, *unit.split(short, add_single=False)):
        if script(morpheme.surface()[0]) in ("kanji", "hiragana"):
            term = morpheme.normalized_form()
            stop = morpheme.part_of_speech()[0] in STOP_PARTS_OF_SPEECH or term in STOPWORDS
            yield term, morpheme.begin() - place, morpheme.end() - place, stop


def _uncovered(parts: Sequence[_Part]) -> tuple[str, ...]:
    stopped = {at for _, start, end, stop in parts if stop for at in range(start, end)}
    return tuple(
        term
        for term, start, end, stop in parts
        if not stop and not stopped.issuperset(range(start, end))
    )


def stem(word: str) -> str:
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
