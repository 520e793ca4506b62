"""What a question names: things by code or label, goals, quoted words; and its other words.

Everything that is named is taken out before the words are read, so that the words of a label
(企業立地件数) are not read as what is asked (件数: how many).
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from typing import Literal

from kg.things import Thing
from search.analysis import Folded, fold, script
from search.labels import spaced
from search.question_words import Piece, question_words
from search.words_by_meaning import WordsByMeaning

TYPES = frozenset({"policy", "measure", "initiative", "component", "kpi", "topic"})
GOALS = 17

_DASHES = re.compile(r"[‐‑‒–—―−－ｰ]")
_QUOTED = re.compile(r"「([^「」]+)」|『([^『』]+)』|“([^“”]+)”|\"([^\"]+)\"|«([^«»]+)»|‘([^‘’]+)’")
_CODE = re.compile(r"(?<![0-9a-z.-])[0-9a-z]+(?:-[0-9a-z]+)*(?![0-9a-z-]|\.[0-9])")
_LIKE_A_CODE = re.compile(r"[0-9]+(?:-[a-z]*[0-9]+)+")
# Between 基本方針 and its number, or a number and 基本方針 (第2の基本方針, 2番目の施策).
_BEFORE_NUMBER = frozenset({"第", "number", "no.", "code", "số", "thứ", "제"})
_AFTER_NUMBER = frozenset({"番目", "番", "の", "项", "項", "个", "個", "번", "번째"})
_NUMBERS = {
    word: str(n)
    for words in (
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
        "sixteen seventeen",
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
        "thirteenth fourteenth fifteenth sixteenth seventeenth",
        "一 二 三 四 五 六 七 八 九 十 十一 十二 十三 十四 十五 十六 十七",
        "một hai ba bốn năm sáu bảy tám chín mười",
    )
    for n, word in enumerate(words.split(), start=1)
}
# Words that are no part of a name: to take them so would turn a question into its opposite.
_NO_TEXT = frozenset({"without", "other", "most", "least"})
_MIN_LABEL = 3  # characters; in a script with spaces one more

How = Literal["code", "label", "goal", "quote", "words"]


@dataclass(frozen=True, slots=True)
class Mention:
    """Something named: `text` as it was typed, the `things` it may be, or a goal's number."""

    how: How
    text: str
    things: tuple[Thing, ...] = ()
    goal: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a question: its cues in order, what it names, and texts of neither kind.

    `masked` is the question with `…` for what it names. `cues` keep the lists' words, `texts` are
    as typed. `is_bare` says that there is no other word at all. `sure` is below 1 where words were
    read by their meaning.
    """

    masked: str
    cues: tuple[Piece, ...]
    mentions: tuple[Mention, ...]
    texts: tuple[str, ...]
    is_bare: bool
    sure: float = 1.0


class Reader:
    """Reads questions about some things; safe to use from many threads."""

    def __init__(self, things: Iterable[Thing], words: WordsByMeaning) -> None:
        self._words = words
        self._codes: dict[str, list[Thing]] = defaultdict(list)
        self._labels: dict[str, list[Thing]] = defaultdict(list)
        for thing in things:
            self._codes[fold(thing.code).text].append(thing)
            for names in (thing.label, thing.texts.get("alternative", {})):
                for key in {spaced(label) for label in names.values()}:
                    if len(key) >= _MIN_LABEL + (script(key[0]) == "spaced"):
                        self._labels[key].append(thing)
        self._lengths = sorted({len(key) for key in self._labels}, reverse=True)

    def read(self, question: str, by_meaning: bool = False) -> list[Reading]:
        """Ways to read it, the likeliest first; none where it names a code that is not there.

        `by_meaning` are the ways with words that no list holds.
        """
        asked = _Asked(question)
        quotes = dict(self._quotes(asked))
        labels = dict(self._named(asked, quotes))
        ways = [{**labels, **quotes}]
        if labels:  # a label may also just be the words of what is asked about
            ways.append(quotes)
        readings: list[Reading] = []
        for named in ways:
            pieces = self._pieces(asked, named)
            if pieces is None:
                return []
            mentions = {place: mention for place, (_, mention) in named.items()}
            if not by_meaning:
                readings += _readings(asked, pieces, mentions)
            elif found := self._words.read(pieces):
                pieces, sure = found
                readings += (replace(one, sure=sure) for one in _readings(asked, pieces, mentions))
        return readings

    def _quotes(self, asked: "_Asked") -> Iterator[tuple[int, tuple[Piece, Mention]]]:
        for found in _QUOTED.finditer(asked.text):
            inside = next(group for group in found.groups() if group)
            things = tuple(self._labels.get(spaced(inside), ()))
            start, end = found.span()
            text = asked.typed(start + 1, end - 1)
            mention = Mention("label" if things else "quote", text, things)
            yield start, (Piece("slot", start, end, "…"), mention)

    def _named(
        self, asked: "_Asked", taken: Mapping[int, tuple[Piece, Mention]]
    ) -> Iterator[tuple[int, tuple[Piece, Mention]]]:
        """The labels that stand in it, the longest first where they overlap."""
        free = bytearray(b"\x01" * (len(asked.text) + 1))
        for piece, _ in taken.values():
            free[piece.start : piece.end] = bytes(piece.end - piece.start)
        letters, places = asked.letters
        for length in self._lengths:
            for first in range(len(letters) - length + 1):
                things = self._labels.get(letters[first : first + length])
                if not things or not _at_boundaries(letters, first, length):
                    continue
                start, end = places[first], places[first + length - 1] + 1
                if all(free[start:end]):
                    free[start:end] = bytes(end - start)
                    mention = Mention("label", asked.typed(start, end), tuple(things))
                    yield start, (Piece("slot", start, end, "…"), mention)

    def _pieces(
        self, asked: "_Asked", named: dict[int, tuple[Piece, Mention]]
    ) -> list[Piece] | None:
        """The pieces, numbers and codes joined with the word before them; None: no such code."""
        taken = {start: piece for start, (piece, _) in named.items()}
        covered = {n for piece in taken.values() for n in range(piece.start, piece.end)}
        for code in _CODE.finditer(asked.text):
            text = code.group()
            known = text in self._codes and any(map(str.isdigit, text))
            if code.start() in covered or not (known or text.isdigit() or "-" in text):
                continue
            if known or text.isdigit() or _LIKE_A_CODE.fullmatch(text):
                taken[code.start()] = Piece("code", *code.span(), text)
        pieces = question_words().take_apart(asked.text, taken)
        return self._with_numbers(asked, pieces, named)

    def _with_numbers(
        self, asked: "_Asked", pieces: list[Piece], named: dict[int, tuple[Piece, Mention]]
    ) -> list[Piece] | None:
        joined: list[Piece] = []
        rest = list(pieces)
        while rest:
            piece = rest.pop(0)
            code = _NUMBERS.get(piece.text) if piece.kind == "other" else piece.text
            if piece.kind not in ("code", "other") or code is None:
                joined.append(piece)
                continue
            before = _cue_before(joined)
            after = None if before else _cue_after(rest)
            cue = before or after
            if not cue:
                if "-" not in code:
                    joined.append(replace(piece, kind="other"))
                    continue
                if code not in self._codes:
                    return None
                cue_ideas: frozenset[str] = frozenset()
            else:
                cue_ideas = cue.ideas
            mention, keeps_cue = self._coded(code, cue_ideas)
            if mention is None:
                return None
            start, end = piece.start, piece.end
            if cue and not keeps_cue:
                if before:
                    while joined[-1] is not before:
                        joined.pop()
                    joined.pop()
                else:
                    while rest[0] is not after:
                        rest.pop(0)
                    rest.pop(0)
                start, end = min(start, cue.start), max(end, cue.end)
            slot = Piece("slot", start, end, "…")
            named[start] = slot, replace(mention, text=asked.typed(start, end))
            joined.append(slot)
        return joined

    def _coded(self, code: str, ideas: frozenset[str]) -> tuple[Mention | None, bool]:
        """What a code after such a word names, and whether the word still says something."""
        if "goal" in ideas:
            exists = code.isdigit() and 1 <= int(code) <= GOALS
            return (Mention("goal", code, goal=str(int(code))) if exists else None), False
        things = tuple(self._codes.get(code, ()))
        fitting = tuple(thing for thing in things if not ideas or thing.type in ideas)
        if fitting:
            return Mention("code", code, fitting), False
        # 「KPI 4-2」: those of measure 4-2. A single number is nothing without its word.
        return (Mention("code", code, things), True) if things and "-" in code else (None, False)


class _Asked:
    """A question folded, with the way back to what was typed."""

    def __init__(self, question: str) -> None:
        self._question = _DASHES.sub("-", question)
        self._folded: Folded = fold(self._question)
        self.text = self._folded.text

    def typed(self, start: int, end: int) -> str:
        """What was typed between two places of the folded text."""
        return self._question[self._folded.starts[start] : self._folded.ends[end - 1]].strip()

    @cached_property
    def letters(self) -> tuple[str, list[int]]:
        """The text as `spaced` makes it, and where each of its characters stands."""
        kept: list[str] = []
        places: list[int] = []
        gap = False
        for place, character in enumerate(self.text):
            kind = script(character)
            if kind == "none":
                gap = True
                continue
            if gap and kept and kind == "spaced" and script(kept[-1]) == "spaced":
                kept.append(" ")
                places.append(place)
            kept.append(character)
            places.append(place)
            gap = False
        return "".join(kept), places


def _at_boundaries(letters: str, first: int, length: int) -> bool:
    """Whether a stretch begins and ends where words of its script may."""
    last = first + length - 1
    outer = (letters[first - 1] if first else " ", letters[last + 1 : last + 2] or " ")
    return not any(
        script(inner) == "spaced" and script(other) == "spaced" and other != " "
        for inner, other in ((letters[first], outer[0]), (letters[last], outer[1]))
    )


def _cue_before(joined: Sequence[Piece]) -> Piece | None:
    for piece in reversed(joined):
        if piece.kind == "idea" and piece.ideas & (TYPES | {"goal"}):
            return piece
        if piece.text not in _BEFORE_NUMBER:
            return None
    return None


def _cue_after(rest: Sequence[Piece]) -> Piece | None:
    for number, piece in enumerate(rest):
        if piece.kind == "idea" and piece.ideas & (TYPES | {"goal"}):
            return piece if number else None
        if piece.text not in _AFTER_NUMBER:
            return None
    return None


def _readings(
    asked: _Asked, pieces: Sequence[Piece], mentions: Mapping[int, Mention]
) -> Iterator[Reading]:
    """The reading of the pieces as they are, then with a cue taken for a part of a text.

    The fillers between two stretches of other text are a part of it.
    """
    others = [n for n, piece in enumerate(pieces) if piece.kind == "other"]
    yield _reading(asked, pieces, mentions)
    for n, piece in enumerate(pieces):
        may_be_text = piece.kind in ("idea", "light") and not piece.ideas & _NO_TEXT
        if may_be_text and any(abs(n - other) <= 2 for other in others):
            taken = [*pieces[:n], replace(piece, kind="other"), *pieces[n + 1 :]]
            yield _reading(asked, taken, mentions)


def _reading(asked: _Asked, pieces: Sequence[Piece], mentions: Mapping[int, Mention]) -> Reading:
    texts: list[str] = []
    for is_text, run in groupby(pieces, lambda piece: piece.kind in ("other", "filler")):
        stretch = list(run)
        others = [piece for piece in stretch if piece.kind == "other"]
        if is_text and others:
            texts.append(asked.typed(others[0].start, others[-1].end))
    hidden = ("slot", "other")
    return Reading(
        masked=" ".join("…" if one.kind in hidden else one.text for one in pieces),
        cues=tuple(piece for piece in pieces if piece.kind in ("idea", "light")),
        mentions=tuple(mentions[piece.start] for piece in pieces if piece.kind == "slot"),
        texts=tuple(texts),
        is_bare=len(pieces) == 1,
    )
