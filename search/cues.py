"""Words by which questions say what they want, in every language at hand, and where they stand."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from search.analysis import script

CUES = Path(__file__).parent / "cues.toml"


@lru_cache(maxsize=1)
def cues() -> Mapping[str, Any]:
    """The words of `cues.toml`, by table."""
    return tomllib.loads(CUES.read_text(encoding="utf-8"))


def standing(text: str, words: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Where any of the words stands, longer ones first; whole words in scripts with spaces."""
    pattern = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    for match in re.finditer(pattern, text):
        if not _inside_word(text, match.start(), match.end()):
            yield match.start(), match.end()


def _inside_word(text: str, start: int, end: int) -> bool:
    before = start > 0 and _joined(text[start - 1], text[start])
    return before or (end < len(text) and _joined(text[end - 1], text[end]))


def _joined(left: str, right: str) -> bool:
    return left.isalpha() and script(left) == "spaced" == script(right) and right.isalpha()
