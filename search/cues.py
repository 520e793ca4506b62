"""Words by which questions say what they want, in every language at hand, and where they stand."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from search.analysis import fold, script

CUES = Path(__file__).parent / "cues.toml"
TYPE_WORDS = Path(__file__).parent / "type_words.toml"


@lru_cache(maxsize=1)
def type_words() -> Mapping[str, Mapping[str, list[str]]]:
    """The names of types of things, and of `goal`, in `type_words.toml`, by type and language."""
    return tomllib.loads(TYPE_WORDS.read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def cues() -> Mapping[str, Any]:
    """The words of `cues.toml` with the names of types, folded, by table."""
    read = tomllib.loads(CUES.read_text(encoding="utf-8"))
    for kind, by_language in type_words().items():
        names = [fold(word).text for words in by_language.values() for word in words]
        if kind == "goal":
            read["numbered"]["sdg"] += names
        else:
            read["type"].setdefault(kind, []).extend(names)
    read["numbered"]["policy"] += read["type"]["policy"]
    return read


def standing(text: str, words: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Where any of the words stands, longer ones first; whole words in scripts with spaces."""
    # Hundreds of words are looked for one by one faster than by one pattern, let alone a new one.
    there = [word for word in words if word in text]
    last = 0
    for start, length in sorted((at, -len(word)) for word in there for at in _places(text, word)):
        if start >= last:
            last = start - length
            if not _inside_word(text, start, last):
                yield start, last


def _places(text: str, word: str) -> Iterator[int]:
    place = text.find(word)
    while place >= 0:
        yield place
        place = text.find(word, place + 1)


def _inside_word(text: str, start: int, end: int) -> bool:
    before = start > 0 and _joined(text[start - 1], text[start])
    return before or (end < len(text) and _joined(text[end - 1], text[end]))


def _joined(left: str, right: str) -> bool:
    return left.isalpha() and script(left) == "spaced" == script(right) and right.isalpha()
