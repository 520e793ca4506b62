"""Labels and codes that a question names outright, which no near miss may outrank.

Compared after NFKC and casefolding, without spaces and punctuation, in every language.
"""

import re
import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

from kg.things import Thing
from search.analysis import analyse, dashed, fold, script
from search.question import Question

Match = Literal["exact", "substring", "near"]


class Named(NamedTuple):
    """How a question names a thing: by a label, or by its code."""

    match: Match
    by_code: bool = False


NEAR = Named("near")  # what is not named
# Within a longer word (sport in transport) a match must be at least this long.
_MIN_INSIDE_WORD = 5
# A label found in a question must be this long, and at least half of what the question asks
# about: a place named in passing does not decide the answer.
_MIN_LABEL = 3
_MIN_SPACED_LABEL = 4  # in letters of a script with spaces
_MIN_SHARE = 0.5

CODE = re.compile(r"(?<![0-9a-z-])[0-9a-z]+(?:-[0-9a-z]+)+(?![0-9a-z-])")
_PLAIN_CODE = re.compile(r"(基本方針|方針|basic policy|policy)?\s*([0-9a-z]+)")


class LabelIndex:
    """The names of things, numbered as they are given: each thing with its labels."""

    def __init__(self, things: Iterable[tuple[Thing, Iterable[str]]]) -> None:
        self._exact: dict[str, set[int]] = defaultdict(set)
        self._spaced: dict[str, set[int]] = defaultdict(set)
        self._codes: dict[str, set[int]] = defaultdict(set)
        for number, (thing, labels) in enumerate(things):
            self._codes[thing.code.casefold()].add(number)
            for label in labels:
                if key := spaced(label):
                    self._exact[key.replace(" ", "")].add(number)
                    self._spaced[key].add(number)
        self._owners = list(self._spaced.values())
        self._starts: list[int] = []
        place = 0
        for key in self._spaced:
            self._starts.append(place)
            place += len(key) + 1
        self._joined = "\n".join(self._spaced)  # one string, so that one scan finds every place
        self._lengths = sorted({len(key) for key in self._spaced})

    def match(self, question: Question) -> dict[int, Named]:
        """The things a question names, each as exact or as substring."""
        whole, core = spaced(question.text), spaced(question.core)
        found: dict[int, Named] = {}
        for owners in (self._containing(whole), self._containing(core), self._within(whole, core)):
            found.update(dict.fromkeys(owners, Named("substring")))
        found.update(self._by_code(question.text))
        exact = self._exact.get(whole.replace(" ", ""), ())
        found.update(dict.fromkeys(exact, Named("exact")))
        return found

    def _containing(self, phrase: str) -> Iterator[int]:
        """Things with a label that contains the phrase."""
        if len(phrase) < 2:
            return
        long_enough = len(phrase) >= _MIN_INSIDE_WORD or not _is_spaced(phrase)
        place = self._joined.find(phrase)
        while place >= 0:
            if long_enough or stands_at(self._joined, place, phrase):
                yield from self._owners[bisect_right(self._starts, place) - 1]
            place = self._joined.find(phrase, place + 1)

    def _within(self, whole: str, core: str) -> Iterator[int]:
        """Things with a label that stands whole in the question and makes up half its core."""
        for length in self._lengths:
            if not max(_MIN_LABEL, _MIN_SHARE * len(core)) <= length <= len(whole):
                continue
            for place in range(len(whole) - length + 1):
                label = whole[place : place + length]
                if label in self._spaced and _tells(label) and stands_at(whole, place, label):
                    yield from self._spaced[label]

    def _by_code(self, text: str) -> Iterator[tuple[int, Named]]:
        """Things whose code is the question (施策4-2), or stands in it (4-2の成果)."""
        folded = fold(dashed(text)).text
        plain = _PLAIN_CODE.fullmatch(folded)
        if plain:
            yield from ((owner, Named("exact", True)) for owner in self._codes.get(plain[2], ()))
        for code in CODE.finditer(folded):
            rest = f"{folded[: code.start()]} {folded[code.end() :]}"
            named = Named("substring" if analyse(rest) else "exact", True)
            yield from ((owner, named) for owner in self._codes.get(code.group(), ()))


@lru_cache(maxsize=20_000)
def spaced(text: str) -> str:
    """The letters and digits of a text, folded; one space between words of a spaced script."""
    kept: list[str] = []
    gap = False
    for character in unicodedata.normalize("NFKC", text).casefold():
        kind = script(character)
        if kind == "none":
            gap = True
            continue
        if gap and kept and kind == "spaced" and script(kept[-1]) == "spaced":
            kept.append(" ")
        kept.append(character)
        gap = False
    return "".join(kept)


def stands_whole(text: str, phrase: str) -> bool:
    """Whether a phrase that is in a text, both as `spaced` has them, is in it as whole words."""
    place = text.find(phrase)
    while place >= 0:
        if stands_at(text, place, phrase):
            return True
        place = text.find(phrase, place + 1)
    return False


def stands_at(text: str, start: int, phrase: str) -> bool:
    """False when the phrase, which is at `start`, begins or ends inside a word of a spaced script.

    Both are folded alike.
    """
    return not (goes_on(text, start) or goes_on(text, start + len(phrase)))


def goes_on(text: str, place: int) -> bool:
    """Whether a place of a text is inside a word of a spaced script."""
    return 0 < place < len(text) and _joins(text[place - 1], text[place])


def _joins(left: str, right: str) -> bool:
    return script(left) == "spaced" and script(right) == "spaced"


def _is_spaced(phrase: str) -> bool:
    return all(script(character) in ("spaced", "none") for character in phrase)


def _tells(label: str) -> bool:
    least = _MIN_SPACED_LABEL if _is_spaced(label) else _MIN_LABEL
    return len(label) >= least and bool(analyse(label))
