"""A question taken apart: the words that say what is asked, and what is left between them.

`question_words.toml` holds the words by idea and language; the longest that fits is taken. Scripts
with spaces are read word by word, Hangul words with the particles behind them, and Han and kana
wherever a word begins.
"""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from search.analysis import fold, script
from search.cues import type_words

WORDS_FILE = Path(__file__).parent / "question_words.toml"

_VIETNAMESE = re.compile("[đơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]")

Kind = Literal["idea", "light", "filler", "slot", "code", "other"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a folded text: `ideas` it may stand for; `other` text is known to no list."""

    kind: Kind
    start: int
    end: int
    text: str
    ideas: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Entry:
    ideas: set[str] = field(default_factory=set)
    light: set[str] = field(default_factory=set)
    languages: set[str] = field(default_factory=set)
    filler: bool = False


class Words:
    """The lists of words, ready to take questions apart.

    `indicators` are the words by which KPIs name a subject that they measure, in Japanese;
    `general` are words of labels that name no subject; `light` are the ideas that a question may
    leave out or add.
    """

    def __init__(self, lists: Mapping[str, Mapping[str, object]]) -> None:
        self.indicators: Mapping[str, Sequence[str]] = lists["indicators"]  # type: ignore[assignment]
        self.general = frozenset(word for said in lists["general"].values() for word in said)  # type: ignore[attr-defined]
        self._entries: dict[str, _Entry] = defaultdict(_Entry)
        for idea, by_language in lists["ideas"].items():
            for entry in self._listed(by_language):
                entry.ideas.add(idea)
        for idea, by_language in lists["light"].items():
            for entry in self._listed(by_language):
                entry.light.add(idea)
        self.light = frozenset(lists["light"])
        for entry in self._listed(lists["filler"]):
            entry.filler = True
        self._particles = {fold(one).text for one in lists["particle"]["ko"]}  # type: ignore[attr-defined]
        self._longest = max(map(len, self._entries))

    @property
    def ideas(self) -> dict[str, frozenset[str]]:
        """The listed words that stand for ideas, folded, each with those."""
        return {
            word: frozenset(entry.ideas | entry.light)
            for word, entry in self._entries.items()
            if entry.ideas or entry.light
        }

    def _listed(self, by_language: object) -> Iterator[_Entry]:
        assert isinstance(by_language, Mapping)
        for language, words in by_language.items():
            for word in words:
                entry = self._entries[fold(word).text]
                entry.languages.add(language)
                yield entry

    def take_apart(self, text: str, taken: Mapping[int, Piece]) -> list[Piece]:
        """The pieces of a folded text, in order; `taken` are known already, by their start."""
        foreign = _foreign(text)
        pieces: list[Piece] = []
        place = other = 0
        while place < len(text):
            found = [taken[place]] if place in taken else self._found(text, place, other, foreign)
            if found:
                if other < place:
                    pieces.append(_other(text, other, place))
                pieces += found
                place = other = found[-1].end
            elif script(text[place]) == "none":
                if other < place:
                    pieces.append(_other(text, other, place))
                place += 1
                other = place
            else:
                place += 1
        if other < place:
            pieces.append(_other(text, other, place))
        return [self._without_particle(piece) for piece in pieces]

    def _found(self, text: str, place: int, other: int, foreign: frozenset[str]) -> list[Piece]:
        """The pieces that begin here, if any do."""
        kind = script(text[place])
        before = script(text[place - 1]) if place else "none"
        if kind == "none" or (kind in ("spaced", "hangul") and kind == before and other < place):
            return []
        if kind == "spaced" and kind == before:
            return []
        if kind == "hangul":
            return self._hangul(text, place, attached=place > 0 and text[place - 1] not in " \t")
        entry = self._longest_at(text, place, foreign, after_other=other < place)
        return [entry] if entry else []

    def _longest_at(
        self, text: str, place: int, foreign: frozenset[str], after_other: bool
    ) -> Piece | None:
        for length in range(min(self._longest, len(text) - place), 0, -1):
            end = place + length
            entry = self._entries.get(text[place:end])
            if entry is None or entry.languages <= foreign:
                continue
            last = script(text[end - 1])
            if last == "spaced" and end < len(text) and script(text[end]) == "spaced":
                continue
            if last == "kanji":
                # A single kanji within a word that we do not know is a part of that word.
                alone = length == 1 and "zh" not in entry.languages
                if alone and after_other and script(text[place - 1]) == "kanji":
                    continue
            return _piece(text, place, end, entry)
        return None

    def _hangul(self, text: str, place: int, attached: bool) -> list[Piece]:
        """A Hangul word, or several, of words in the lists and particles to the last syllable."""
        if attached and (end := self._particles_end(text, place)):
            return [Piece("filler", place, end, text[place:end])]
        for length in range(min(self._longest, len(text) - place), 0, -1):
            end = place + length
            entry = self._entries.get(text[place:end])
            if entry is None or script(text[end - 1]) != "hangul":
                continue
            piece = _piece(text, place, end, entry)
            if end == len(text) or script(text[end]) != "hangul":
                return [piece]
            if last := self._particles_end(text, end):
                return [piece, Piece("filler", end, last, text[end:last])]
            if rest := self._hangul(text, end, attached=False):
                return [piece, *rest]
        return []

    def _particles_end(self, text: str, place: int) -> int:
        """Where the word ends, if all the rest of it are particles; else 0."""
        end = place
        while end < len(text) and script(text[end]) == "hangul":
            end += 1
        return end if end > place and self._are_particles(text[place:end]) else 0

    def _are_particles(self, rest: str) -> bool:
        return not rest or any(
            rest.startswith(one) and self._are_particles(rest[len(one) :])
            for one in self._particles
        )

    def _without_particle(self, piece: Piece) -> Piece:
        """Other text without the particle at its end, if two syllables stay."""
        if piece.kind != "other" or script(piece.text[-1]) != "hangul":
            return piece
        for length in range(4, 0, -1):
            head, tail = piece.text[:-length], piece.text[-length:]
            if tail in self._particles and len(head) >= 2 and script(head[-1]) == "hangul":
                return Piece("other", piece.start, piece.end - length, head)
        return piece


def _foreign(text: str) -> frozenset[str]:
    """The languages whose words are not read in a text, by letters that they do not have."""
    if any(script(character) == "hiragana" for character in text):
        return frozenset({"zh"})
    if _VIETNAMESE.search(text):  # du is no word for "of" in du lịch
        return frozenset({"es", "fr", "pt", "id"})
    return frozenset()


def _piece(text: str, start: int, end: int, entry: _Entry) -> Piece:
    kind: Kind = "filler" if entry.filler else "light" if entry.light else "idea"
    ideas = frozenset(entry.ideas | entry.light)
    return Piece("idea" if entry.ideas else kind, start, end, text[start:end], ideas)


def _other(text: str, start: int, end: int) -> Piece:
    return Piece("other", start, end, text[start:end])


@cache
def question_words() -> Words:
    """The lists of `question_words.toml` with the names of types, read once."""
    lists = tomllib.loads(WORDS_FILE.read_text(encoding="utf-8"))
    for idea, names in type_words().items():
        own = lists["ideas"].setdefault(idea, {})
        for language, words in names.items():
            own[language] = [*words, *own.get(language, ())]
    return Words(lists)
