"""What a question asks for, read before anything is ranked: words that name a type of thing, a
place in the plan, an SDG goal, a phrase or what is not wanted are taken as filters, the rest is its
topic. Each filter can be taken back by the reader; a wrong guess never hides everything.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

from kg.codes import GOALS
from kg.plan import ThingType
from search.analysis import QUOTED, analyse, dashed, fold
from search.cues import cues, standing
from search.framing import NO_NAMES, OwnNames, unframed
from search.labels import CODE
from search.language import language_of
from search.question import clean, plain_digits

FilterKind = Literal["type", "within", "sdg", "phrase", "without", "spelling"]

_MINUS = re.compile(r"(?<!\S)-([^\s\d-]\S*)")
_SENTENCE = re.compile(r"[。．.,，、;；!?？！()（）\n]")
_NEAR = 12  # characters between a word for a type and the word that asks


@dataclass(frozen=True, slots=True)
class Filter:
    """One thing that a question says it wants; `text` is how it says so.

    `value` is a type of thing, a code of the plan (within), a goal's number, a phrase that must be
    there, what must not (without), or the word that `text` is read as (spelling).
    """

    kind: FilterKind
    value: str
    text: str

    @property
    def key(self) -> str:
        """What a reader takes it back by: `type:kpi`."""
        return f"{self.kind}:{self.value}"


@dataclass(frozen=True, slots=True)
class Understanding:
    """A question's language, its filters, and the topic that is left (may be empty).

    `respelt` is the topic with its words as they are read, empty where they are as typed.
    """

    language: str | None
    filters: tuple[Filter, ...]
    topic: str
    respelt: str = ""

    @property
    def narrows(self) -> bool:
        """Whether anything is asked for beside the topic; what is not wanted is not asked for."""
        return any(one.kind not in ("spelling", "without") for one in self.filters)

    def values(self, kind: FilterKind) -> tuple[str, ...]:
        """The values of the filters of one kind, in the order of the question."""
        return tuple(one.value for one in self.filters if one.kind == kind)

    def as_read(self, question: str) -> str:
        """The whole question with its words as they are read."""
        for one in self.filters:
            if one.kind == "spelling":
                question = question.replace(one.text, one.value)
        return question


def understand(
    typed: str,
    reader: str | None = None,
    codes: Mapping[str, str] = MappingProxyType({}),
    ignore: Collection[str] = (),
    names: OwnNames = NO_NAMES,
) -> Understanding:
    """Read a question in any language.

    `codes` are those that things of the plans have, by their casefolded form. `ignore` are keys of
    filters that the reader took back: their words are topic again. `names` are those of whose plans
    they are (see `search.framing`).
    """
    text = clean(typed)
    reading = _Reading(text, codes, ignore)
    for read in (_phrases, _exclusions, _goals, _places, _types):
        read(reading)
    filters = tuple(one for _, _, one in sorted(reading.found, key=lambda each: each[:2]))
    topic = unframed(reading.topic(), names)
    return Understanding(language_of(text, reader), filters, topic)


class _Reading:
    """A question being read: what is taken by a filter is not read again."""

    def __init__(self, text: str, codes: Mapping[str, str], ignore: Collection[str]) -> None:
        self.text = text
        self.codes = codes
        self.ignore = ignore
        self.found: list[tuple[int, int, Filter]] = []
        self.folded = fold(dashed(text))
        self.plain = plain_digits(self.folded.text)
        self.taken = bytearray(len(self.plain))  # 1: said by a filter; 2: kept as topic as well

    def free(self, start: int, end: int) -> bool:
        return not any(self.taken[start:end])

    def take(self, kind: FilterKind, value: str, start: int, end: int, keep: bool = False) -> None:
        """Add the filter that stands at a range of the folded text, unless it was taken back."""
        said = self.text[self.folded.starts[start] : self.folded.ends[end - 1]].strip()
        one = Filter(kind, value, said)
        if one.key in self.ignore:
            return
        self.taken[start:end] = (b"\x02" if keep else b"\x01") * (end - start)
        if all(one.key != other.key for _, _, other in self.found):
            self.found.append((start, end, one))

    def topic(self) -> str:
        """The words that no filter took, cleaned of what joined them to those."""
        kept = list(self.text)
        for place, how in enumerate(self.taken):
            if how == 1:
                for original in range(self.folded.starts[place], self.folded.ends[place]):
                    kept[original] = " "
        return " ".join("".join(kept).split())


def _phrases(reading: _Reading) -> None:
    for match in QUOTED.finditer(reading.plain):
        inner = next(group for group in match.groups() if group)
        if analyse(inner):
            reading.take("phrase", inner.strip(), match.start(), match.end(), keep=True)


def _exclusions(reading: _Reading) -> None:
    text = reading.plain
    for match in _MINUS.finditer(text):
        reading.take("without", match[1], match.start(), match.end())
    for start, end in standing(text, cues()["without"]["before"]):
        stop = _SENTENCE.search(text, end)
        last = stop.start() if stop else len(text)
        _exclude(reading, (end, last), (start, last))
    for start, end in standing(text, cues()["without"]["after"]):
        before = max((m.end() for m in _SENTENCE.finditer(text, 0, start)), default=0)
        _exclude(reading, (before, start), (before, end))


def _exclude(reading: _Reading, named: tuple[int, int], whole: tuple[int, int]) -> None:
    """Exclude each part of what is named; `whole` is that with the word that excludes it."""
    (first, last), (start, end) = named, whole
    if not reading.free(start, end) or not analyse(reading.plain[first:last]):
        return
    place = first
    for part_end, next_start in [*_joints(reading.plain, first, last), (last, last)]:
        said = reading.plain[place:part_end].strip(" ,、")
        if said and analyse(said):
            begin = reading.plain.index(said, place)
            reading.take("without", said, begin, begin + len(said))
        place = next_start
    # The words that excluded, and those between the parts, say nothing more.
    if any(start <= at < end for at, _, one in reading.found if one.kind == "without"):
        reading.taken[start:end] = b"\x01" * (end - start)


def _joints(text: str, first: int, last: int) -> list[tuple[int, int]]:
    return [
        (start, end)
        for start, end in standing(text[:last], cues()["without"]["between"])
        if start > first
    ]


def _goals(reading: _Reading) -> None:
    for start, number_start, number_end in _numbered(reading.plain, "sdg"):
        goal = reading.plain[number_start:number_end].lstrip("0")
        if goal in GOALS and reading.free(start, number_end):
            reading.take("sdg", goal, start, number_end)


def _places(reading: _Reading) -> None:
    """Codes with a dash, with the type's name before them; numbers of policies."""
    for code in CODE.finditer(reading.plain):
        if code.group() not in reading.codes:
            continue
        start = code.start()
        for begin, end, _ in _typed(reading.plain[:start]):
            if not reading.plain[end:start].strip(" :："):
                start = min(start, begin)
        if reading.free(start, code.end()):
            reading.take("within", reading.codes[code.group()], start, code.end())
    for start, number_start, number_end in _numbered(reading.plain, "policy"):
        number = reading.plain[number_start:number_end]
        if number in reading.codes and reading.free(start, number_end):
            reading.take("within", number, start, number_end)


def _types(reading: _Reading) -> None:
    """Words for types of things, where they say what is asked for.

    A word for KPIs always does. Others do beside a word that asks, or where nothing else is asked:
    "which measures…", 基本方針の一覧, but not "…に向けた取組み".
    """
    said = [one for one in _typed(reading.plain) if reading.free(*one[:2])]
    asking = list(standing(reading.plain, cues()["asking"]["words"]))
    structured = any(one.kind in ("within", "sdg") for _, _, one in reading.found)
    rest = list(reading.plain)
    for start, end, _ in said:
        rest[start:end] = " " * (end - start)
    rest = [" " if taken == 1 else c for c, taken in zip(rest, reading.taken, strict=True)]
    alone = not analyse("".join(rest))
    for start, end, kind in said:
        beside = any(
            end <= at <= end + _NEAR or start - _NEAR <= stop <= start for at, stop in asking
        )
        if kind == "kpi" or beside or structured or alone:
            reading.take("type", kind, start, end)


@lru_cache(maxsize=256)
def _typed(text: str) -> tuple[tuple[int, int, ThingType], ...]:
    """Where words for types stand, the longest first where several do."""
    found: list[tuple[int, int, ThingType]] = []
    for kind, words in cues()["type"].items():
        found += [(start, end, kind) for start, end in standing(text, words)]
    found.sort(key=lambda one: one[0] - one[1])
    kept: list[tuple[int, int, ThingType]] = []
    for start, end, kind in found:
        if all(end <= other[0] or other[1] <= start for other in kept):
            kept.append((start, end, kind))
    return tuple(sorted(kept))


def _numbered(text: str, table: str) -> Iterator[tuple[int, int, int]]:
    """(start, start of the number, its end) of each `policy 2`, 基本方針２ or `第2の基本方針`."""
    for match in _with_number(table).finditer(text):
        yield match.start(), match.start(1), match.end(1)


@lru_cache(maxsize=2)
def _with_number(table: str) -> re.Pattern[str]:
    words = "|".join(re.escape(w) for w in sorted(cues()["numbered"][table], key=len, reverse=True))
    return re.compile(rf"(?<![a-z])(?:{words})\s*(?:no\.?|第)?\s*(\d{{1,2}})(?![\d.-])")
